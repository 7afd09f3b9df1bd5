"""Text in the pixels of a film: letters in a row near its edge, which may name a person.

A side marker is one or two letters; a name, a date or a clinic is more. Nothing is read: a film is
only warned of, for a fine pattern can look like a line of text and pale letters like none.
"""

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageFilter

from functions.radiology.film import Floats
from shared.science.images.regions import Components, components

SIDE_PX = 1024
BAND = 0.12  # of the side: text stands there
STANDS_OUT = 0.2  # from its surround, 0-1
SURROUND_PX = 12
HEIGHTS_PX = (7, 45)
MAX_WIDTH = 1.4  # of the height
MIN_FILL = 0.15  # of its box
MIN_LETTERS = 6
SAME_HEIGHT = 1.6

WARNING = (
    "The edge of the film seems to hold a line of text: check that it names nobody before the "
    "film is shared."
)


def has_text(gray: Floats) -> bool:
    """Whether letters of one height stand in a row within the outer 12 % of a film.

    Parameters
    ----------
    gray : (height, width) ndarray of float32
        0-1, of any size: it is brought to `SIDE_PX`, for the sizes of letters are pixels of that.

    Returns
    -------
    bool
        True warns and refuses nothing: a fine pattern can look like a line of text.
    """
    height, width = gray.shape
    scale = SIDE_PX / max(height, width)
    image = Image.fromarray(np.round(255 * gray).astype(np.uint8))
    image = image.resize((round(width * scale), round(height * scale)), Image.Resampling.BILINEAR)
    surround = np.asarray(image.filter(ImageFilter.BoxBlur(SURROUND_PX)), np.float32)
    difference = np.asarray(image, np.float32) - surround
    rows, columns = difference.shape
    down, across = round(BAND * rows), round(BAND * columns)
    difference[down : rows - down, across : columns - across] = 0
    bright, dark = difference > 255 * STANDS_OUT, difference < -255 * STANDS_OUT
    return any(longest_row(letters(components(marked))) >= MIN_LETTERS for marked in (bright, dark))


def letters(parts: Components) -> npt.NDArray[np.float64]:
    """Find the parts that have the size and fill of a letter.

    Parameters
    ----------
    parts : Components
        What stands out of its surround, `labels` of shape (height, width).

    Returns
    -------
    (n, 2) ndarray of float64
        Middle row and height of each, in pixels.
    """
    rows, columns = np.nonzero(parts.labels)
    labels = parts.labels[rows, columns] - 1
    top, left = (np.full(parts.count, np.iinfo(np.int64).max) for _ in range(2))
    bottom, right = (np.zeros(parts.count, np.int64) for _ in range(2))
    for low, high, places in ((top, bottom, rows), (left, right, columns)):
        np.minimum.at(low, labels, places)
        np.maximum.at(high, labels, places)
    heights, widths = bottom - top + 1, right - left + 1
    fits = (heights >= HEIGHTS_PX[0]) & (heights <= HEIGHTS_PX[1])
    fits &= (widths <= MAX_WIDTH * heights) & (parts.areas_px >= MIN_FILL * heights * widths)
    sizes: npt.NDArray[np.float64] = np.column_stack([(top + bottom) / 2, heights])[fits]
    return sizes


def longest_row(sizes: npt.NDArray[np.float64]) -> int:
    """Count the letters that stand at one height and are of one size, in the fullest row.

    Parameters
    ----------
    sizes : (n, 2) ndarray of float64
        Of `letters`.

    Returns
    -------
    int

    Examples
    --------
    >>> longest_row(np.array([[20.0, 10.0], [21.0, 11.0], [60.0, 10.0]]))
    2
    """
    longest = 0
    for middle, height in sizes:
        level = np.abs(sizes[:, 0] - middle) < height / 2
        alike = (sizes[:, 1] < SAME_HEIGHT * height) & (height < SAME_HEIGHT * sizes[:, 1])
        longest = max(longest, int((level & alike).sum()))
    return longest
