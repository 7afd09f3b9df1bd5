"""Native libraries without holes.

Tools that repair wheels align what they move to two megabytes, so that a library of 20 kB can
become one of 6 MB, nearly all of it zeros. Every byte counts against the size of an artifact.
A segment only has to lie in the file as it lies in its page of memory, and a page has 4 kB, or up
to 64 kB on arm64.
"""

import struct
from dataclasses import dataclass
from pathlib import Path

MAGIC = b"\x7fELF\x02\x01"  # 64 bits, little-endian
ARM64 = 183  # EM_AARCH64
PAGE = 4096
PAGE_OF_ARM64 = 65_536
LOADED = 1  # PT_LOAD
NO_BITS = 8  # SHT_NOBITS: a section that takes no room in the file

# Of the file header: where both tables start, then the size and number of their entries.
TABLES = struct.Struct("<32xQQ6xHHHH")
# Offset in the file, after type and flags; the alignment is the entry's last field.
SEGMENT = struct.Struct("<IIQQQQQQ")
SECTION = struct.Struct("<IIQQQQIIQQ")


@dataclass(frozen=True)
class Piece:
    """A stretch of the file that is moved as a whole."""

    start: int
    end: int
    moved_to: int


def machine(library: Path) -> int:
    """Return the code of the processor that a library is for, such as `ARM64`; reads the header
    alone.
    """
    with library.open("rb") as opened:
        return _machine(opened.read(20))


def _machine(content: bytes) -> int:
    return int.from_bytes(content[18:20], "little")


def without_holes(content: bytes) -> bytes:
    """Return the same library with its pieces next to each other, or what it was if it is none.

    For ELF of 64 bits, little endian. Addresses in memory stay as they are: only the places in the
    file move, each to one that is the same modulo a page.
    """
    if not content.startswith(MAGIC):
        return content
    segments_at, sections_at, segment_size, segments, section_size, sections = TABLES.unpack_from(
        content
    )
    segment_places = range(segments_at, segments_at + segments * segment_size, segment_size)
    section_places = range(sections_at, sections_at + sections * section_size, section_size)
    page = PAGE_OF_ARM64 if _machine(content) == ARM64 else PAGE
    pieces = _pieces(content, segment_places, section_places, page)
    end = -(-max(piece.moved_to + piece.end - piece.start for piece in pieces) // 8) * 8
    made = bytearray(end + len(section_places) * section_size)
    for piece in pieces:
        size = piece.end - piece.start
        made[piece.moved_to : piece.moved_to + size] = content[piece.start : piece.end]
    for place in segment_places:
        kind, flags, offset, *middle, alignment = SEGMENT.unpack_from(content, place)
        alignment = min(alignment, page) if kind == LOADED else alignment
        entry = (kind, flags, _moved(pieces, offset), *middle, alignment)
        SEGMENT.pack_into(made, _moved(pieces, place), *entry)
    for number, place in enumerate(section_places):
        name, kind, flags, address, offset, *rest = SECTION.unpack_from(content, place)
        entry = (name, kind, flags, address, _moved(pieces, offset), *rest)
        SECTION.pack_into(made, end + number * section_size, *entry)
    struct.pack_into("<QQ", made, 32, _moved(pieces, segments_at), end)
    return bytes(made)


def _pieces(content: bytes, segments: range, sections: range, page: int) -> list[Piece]:
    """Where each loaded segment goes, and then each section that lies in none."""
    pieces: list[Piece] = []
    for place in segments:
        kind, _, offset, _, _, size, _, _ = SEGMENT.unpack_from(content, place)
        if kind == LOADED and size:
            pieces.append(_after(pieces, offset, size, page))
    for place in sections:
        _, kind, _, _, offset, size, _, _, alignment, _ = SECTION.unpack_from(content, place)
        if kind != NO_BITS and size and not _holds(pieces, offset):
            pieces.append(_after(pieces, offset, size, max(alignment, 1)))
    return pieces


def _after(pieces: list[Piece], offset: int, size: int, step: int) -> Piece:
    """Place a piece behind the others, as far into its page as it was."""
    end = max((piece.moved_to + piece.end - piece.start for piece in pieces), default=0)
    return Piece(offset, offset + size, end + (offset - end) % step)


def _holds(pieces: list[Piece], offset: int) -> bool:
    return any(piece.start <= offset < piece.end for piece in pieces)


def _moved(pieces: list[Piece], offset: int) -> int:
    """Follow an offset to where it went; what is empty may point behind the last piece."""
    for piece in pieces:
        if piece.start <= offset < piece.end:
            return offset - piece.start + piece.moved_to
    return offset


def close_holes(library: Path) -> None:
    """Rewrite a library in place; a signature over it holds no more."""
    library.write_bytes(without_holes(library.read_bytes()))
