"""Text that fits: how wide words are, shortened or broken where they are too wide.

No reader's font is known here, so widths are those of Helvetica, in shares of the font size, by
groups of letters of like width; what is guessed is guessed wide.
"""

from collections.abc import Iterator, Sequence

from shared.drawing import svg
from shared.drawing.palette import INK

_WIDTHS = {
    0.28: " .,:;!|'()[]/\\ijlItf-`",
    0.37: 'r"*^',
    0.52: "cksvxyzJ?_",
    0.58: "abdeghnopqu0123456789$#+<>=~",
    0.70: "ABEFKLPSTVXYZ&",
    0.79: "CDGHNOQRUw",
    0.90: "mM%W@",
}
_WIDTH_OF = {letter: width for width, letters in _WIDTHS.items() for letter in letters}
_OTHER = 1.0  # an ideograph fills its square

ELLIPSIS = "…"
# Of a legend, as shares of the size of its text: where a square lies, what an entry takes.
SQUARE_LEFT, SQUARE_TOP, ENTRY_GAP = 1.3, 0.8, 2.2
SMALLEST = 0.75  # of the size asked for, before words are shortened


def width_of(words: str, size: float) -> float:
    """Return how wide the words are, about."""
    return size * sum(_WIDTH_OF.get(letter, _OTHER) for letter in words)


def shortened(words: str, width: float, size: float) -> str:
    """Return the words, cut with an ellipsis where they are wider than `width`.

    Examples
    --------
    >>> shortened("sinus rhythm", 200, 12)
    'sinus rhythm'
    >>> shortened("premature supraventricular beats", 100, 12)
    'premature supr…'
    """
    if width_of(words, size) <= width:
        return words
    beginning = words
    while beginning and width_of(beginning + ELLIPSIS, size) > width:
        beginning = beginning[:-1]
    return beginning.rstrip() + ELLIPSIS


def fitted(
    x: float,
    y: float,
    words: str,
    width: float,
    size: float,
    *,
    color: str = INK,
    **attributes: object,
) -> str:
    """Text no wider than `width`: smaller by a quarter at most, then shortened."""
    needed = width_of(words, size)
    smaller = size * max(SMALLEST, min(1.0, width / needed)) if needed else size
    return svg.text(x, y, shortened(words, width, smaller), smaller, color=color, **attributes)


def wrapped(words: str, width: float, size: float) -> list[str]:
    """Break the words into lines no wider than `width`; a single word may be shortened."""
    lines: list[str] = []
    for word in words.split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and width_of(longer, size) <= width:
            lines[-1] = longer
        else:
            lines.append(shortened(word, width, size))
    return lines


def legend(
    entries: Sequence[tuple[str, str]], right: float, y: float, size: float
) -> Iterator[str]:
    """Colored squares with their names, ending at `right`, in the order given."""
    x = right
    for name, color in reversed(entries):
        x -= width_of(name, size)
        yield svg.text(x, y, name, size, color=INK)
        yield svg.rectangle(x - SQUARE_LEFT * size, y - SQUARE_TOP * size, size, size, color)
        x -= ENTRY_GAP * size
