"""Whether a file ends where it says that it ends.

`missing_end(content, file_format, decoded_s) -> str | None` is a sentence about what is missing.
A recording that was cut decodes without a fault, and then its voice seems shorter than it was.
What a format does not announce cannot be missed: a stream that was cut between two of its packets
and says nothing of its length is taken for whole.
"""

import struct
from collections.abc import Iterator

UNKNOWN_LENGTH = 0x7FFFFF00  # and above: what recorders write that cannot go back to the header
TOLERANCE_S = 0.15  # encoders add and leave out some frames at the ends
CUT = "the last part of its sound is cut off"
# Elements of Matroska, and the unit of its times where it names none.
SEGMENT, CLUSTER, INFO, DURATION, UNIT = 0x18538067, 0x1F43B675, 0x1549A966, 0x4489, 0x2AD7B1
DEFAULT_UNIT_NS = 1_000_000
MP3_KBPS = {
    3: (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),  # MPEG-1
    2: (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),  # MPEG-2
    0: (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),  # MPEG-2.5
}
MP3_FS_HZ = {3: (44_100, 48_000, 32_000), 2: (22_050, 24_000, 16_000), 0: (11_025, 12_000, 8_000)}


def missing_end(content: bytes, file_format: str, decoded_s: float) -> str | None:
    """Say what a file announces and does not hold.

    Parameters
    ----------
    content : bytes
    file_format : str
        The demultiplexer's name, as `decode.file_format` gives it.
    decoded_s : float
        How much was decoded.

    Returns
    -------
    str or None
        A sentence; None where nothing is missing, or the format announces nothing.
    """
    try:
        missing = CHECKS[file_format](content, decoded_s) if file_format in CHECKS else None
    except (IndexError, struct.error):
        missing = CUT
    return None if missing is None else f"The end of the recording is missing: {missing}"


def shorter(announced_s: float, decoded_s: float) -> str | None:
    """Say how much shorter than announced a recording is, beyond `TOLERANCE_S`."""
    if announced_s - decoded_s <= TOLERANCE_S:
        return None
    return f"the file announces {announced_s:.1f} s and holds {decoded_s:.1f} s"


def of_wav(content: bytes, decoded_s: float) -> str | None:
    """By the length of its data chunk."""
    position, bytes_per_s = 12, 0
    while position + 8 <= len(content):
        name = content[position : position + 4]
        (length,) = struct.unpack_from("<I", content, position + 4)
        if name == b"fmt ":
            (bytes_per_s,) = struct.unpack_from("<I", content, position + 16)
        if name == b"data":
            held = len(content) - position - 8
            if not length or length >= UNKNOWN_LENGTH or length <= held or not bytes_per_s:
                return None
            return shorter(length / bytes_per_s, decoded_s) or CUT
        position += 8 + length + length % 2
    return None


def of_mp3(content: bytes, decoded_s: float) -> str | None:
    """By the number of frames in its Xing or Info header, else by its last frame."""
    frames = list(mp3_frames(content))
    if not frames:
        return None
    start, length, seconds = frames[0]
    for tag in (b"Xing", b"Info"):
        at = content.find(tag, start, start + length)
        if at >= 0 and content[at + 7] & 1:
            (announced,) = struct.unpack_from(">I", content, at + 8)
            missing = shorter(announced * seconds, decoded_s)
            if missing:
                return missing
    start, length, _ = frames[-1]
    return CUT if start + length > len(content) else None


def mp3_frames(content: bytes) -> Iterator[tuple[int, int, float]]:
    """Start, length and duration of every frame, the last of which may go beyond the end."""
    position = 0
    if content.startswith(b"ID3"):
        size = content[6:10]
        position = 10 + sum(byte << shift for byte, shift in zip(size, (21, 14, 7, 0), strict=True))
    while position + 4 <= len(content):
        head = int.from_bytes(content[position : position + 4], "big")
        version, layer = head >> 19 & 3, head >> 17 & 3
        rate_index, fs_index, padding = head >> 12 & 15, head >> 10 & 3, head >> 9 & 1
        sound = head >> 21 == 0x7FF and layer == 1 and version in MP3_KBPS
        if not sound or not 0 < rate_index < 15 or fs_index == 3:
            return
        samples = 1152 if version == 3 else 576
        fs_hz = MP3_FS_HZ[version][fs_index]
        length = samples // 8 * MP3_KBPS[version][rate_index] * 1000 // fs_hz + padding
        yield position, length, samples / fs_hz
        position += length


def of_webm(content: bytes, decoded_s: float) -> str | None:
    """By its duration where it has one, and by its elements, of which the last may be cut."""
    units, unit_ns, is_cut = 0.0, DEFAULT_UNIT_NS, False
    for name, start, length in ebml_elements(content, {SEGMENT, CLUSTER, INFO}):
        if length is None:
            continue
        value = content[start : start + length]
        if name == UNIT:
            unit_ns = int.from_bytes(value, "big")
        if name == DURATION:
            (units,) = struct.unpack(">f" if length == 4 else ">d", value)
        is_cut = is_cut or start + length > len(content)
    missing = shorter(units * unit_ns / 1e9, decoded_s)
    return missing or (CUT if is_cut else None)


def ebml_elements(content: bytes, entered: set[int]) -> Iterator[tuple[int, int, int | None]]:
    """Name, start and length of the elements; an open one has no length."""
    position = 0
    while position < len(content):
        width = 9 - content[position].bit_length()
        name = int.from_bytes(content[position : position + width], "big")
        position += width
        width = 9 - content[position].bit_length()
        bits = 7 * width
        length = int.from_bytes(content[position : position + width], "big") & (1 << bits) - 1
        position += width
        known = None if length == (1 << bits) - 1 else length
        yield name, position, known
        if name not in entered:
            position += length


def of_ogg(content: bytes, _decoded_s: float) -> str | None:
    """By its last page, which says that it is the last."""
    last = content.rfind(b"OggS")
    kind, segments = content[last + 5], content[last + 26]
    body = sum(content[last + 27 : last + 27 + segments])
    if last + 27 + segments + body > len(content):
        return CUT
    return None if kind & 4 else "its last page is not marked as the end of the stream"


def of_mp4(content: bytes, _decoded_s: float) -> str | None:
    """By its boxes, of which the last may be cut."""
    position = 0
    while position + 8 <= len(content):
        (length,) = struct.unpack_from(">I", content, position)
        if length == 1:
            (length,) = struct.unpack_from(">Q", content, position + 8)
        if length == 0:  # until the end
            return None
        if position + length > len(content):
            return CUT
        position += max(length, 8)
    return None


def of_flac(content: bytes, decoded_s: float) -> str | None:
    """By the number of samples in its first block."""
    packed = int.from_bytes(content[18:26], "big")
    fs_hz, samples = packed >> 44, packed & (1 << 36) - 1
    return shorter(samples / fs_hz, decoded_s) if fs_hz and samples else None


CHECKS = {
    "wav": of_wav,
    "mp3": of_mp3,
    "matroska": of_webm,
    "ogg": of_ogg,
    "mp4": of_mp4,
    "flac": of_flac,
}
