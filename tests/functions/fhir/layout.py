"""What a page looks like: its text with where it lies, and what of it is cut or overlaps."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from itertools import combinations, groupby

import pypdfium2

# Of the smaller of two words, so much may lie within the other: ascenders reach into a line above.
MOST_SHARED = 0.25
# Closer to the edge than any printer prints, in points.
RIM = 8.0
# Letters whose feet lie this far apart, in points, are on two lines.
LINE = 6.0
POINTS_PER_MM = 72 / 25.4


@dataclass(frozen=True)
class Box:
    """A run of text on a page, in points from the lower left corner."""

    left: float
    bottom: float
    right: float
    top: float
    text: str

    @property
    def area(self) -> float:
        return max(self.right - self.left, 0) * max(self.top - self.bottom, 0)

    def shared(self, other: "Box") -> float:
        """Return how much of the smaller box lies within the larger."""
        both = Box(
            max(self.left, other.left),
            max(self.bottom, other.bottom),
            min(self.right, other.right),
            min(self.top, other.top),
            "",
        )
        is_apart = both.right <= both.left or both.top <= both.bottom
        smaller = min(self.area, other.area)
        return 0.0 if is_apart or not smaller else both.area / smaller


@dataclass(frozen=True)
class Page:
    """A page as it is drawn."""

    width: float
    height: float
    text: str
    boxes: tuple[Box, ...]
    drawn: tuple[tuple[float, float, float, float], ...]

    def overlaps(self) -> list[tuple[str, str]]:
        """Return the pairs of texts that lie over each other."""
        return [
            (first.text, second.text)
            for first, second in combinations(self.boxes, 2)
            if first.shared(second) > MOST_SHARED and not _is_part(first.text, second.text)
        ]

    def cut(self) -> list[str]:
        """Return the texts that reach over the page, or where no printer prints."""
        return [
            box.text
            for box in self.boxes
            if box.left < RIM
            or box.bottom < RIM
            or box.right > self.width - RIM
            or box.top > self.height - RIM
        ]


def _is_part(first: str, second: str) -> bool:
    """Marks of one word of Arabic are reported as texts of their own."""
    return first in second or second in first


def place_of(pdf: bytes, number: int, word: str) -> float:
    """Return how far from the left, in mm, a word of its own stands on a page."""
    with (
        closing(pypdfium2.PdfDocument(pdf)) as document,
        closing(document[number]) as page,
        closing(page.get_textpage()) as text,
        closing(text.search(word, match_case=True, match_whole_word=True)) as search,
    ):
        place = search.get_next()
        assert place is not None, word
        return float(text.get_charbox(place[0])[0]) / POINTS_PER_MM


def pages(pdf: bytes) -> list[Page]:
    """Read a PDF's pages as they are drawn."""
    with closing(pypdfium2.PdfDocument(pdf)) as document:
        return [_page(document[number]) for number in range(len(document))]


def _page(page: pypdfium2.PdfPage) -> Page:
    with closing(page), closing(page.get_textpage()) as text:
        drawn = tuple(tuple(item.get_bounds()) for item in page.get_objects(max_depth=1))
        words = " ".join(text.get_text_range().split())
        width, height = page.get_size()
        return Page(width, height, words, tuple(_boxes(text)), drawn)


def _boxes(text: pypdfium2.PdfTextPage) -> Iterator[Box]:
    """Yield each word with its place; what stands between two blanks is a word."""
    word: list[tuple[str, tuple[float, float, float, float]]] = []
    for number in range(text.count_chars()):
        character = chr(pypdfium2.raw.FPDFText_GetUnicode(text, number))
        if character.isspace():
            yield from _box(word)
            word = []
        elif character.isprintable():
            word.append((character, text.get_charbox(number)))
    yield from _box(word)


def _box(word: list[tuple[str, tuple[float, float, float, float]]]) -> Iterator[Box]:
    """A word that a line ends within lies in two places."""
    for _, line in groupby(word, lambda letter: round(letter[1][1] / LINE)):
        letters = list(line)
        lefts, bottoms, rights, tops = zip(*(box for _, box in letters), strict=True)
        words = "".join(character for character, _ in letters)
        if any(map(str.isalnum, words)):
            yield Box(min(lefts), min(bottoms), max(rights), max(tops), words)
