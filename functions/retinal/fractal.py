"""Box-counting dimension of a mask."""

import numpy as np
import numpy.typing as npt

from functions.retinal.field import Mask

SMALLEST_BOX_PX = 2
LARGEST_SHARE = 8  # the largest box is an eighth of the side
BOX_RATIO = 2**0.5


def box_dimension(mask: Mask) -> float | None:
    """Slope of log count against log of one over the size of the box; None for an empty mask.

    Mandelbrot 1967, doi:10.1126/science.156.3775.636; of the retina's vessels Masters 2004,
    doi:10.1146/annurev.bioeng.6.040803.140100. Deviations: boxes are counted from all four corners,
    so that a picture turned by 90 degrees or mirrored has the same dimension; the vessels keep
    their width in the mask, and their center lines would have another dimension.

    Parameters
    ----------
    mask : (height, width) ndarray of bool
        Its longer side must be at least 23 px, or there are no two sizes of boxes.

    Returns
    -------
    float or None
        Nearly 2 for what fills the picture, nearly 1 for a line: boxes that the frame cuts count
        whole.
    """
    if not mask.any():
        return None
    sizes = _box_sizes(max(mask.shape))
    views = (mask, mask[::-1], mask[:, ::-1], mask[::-1, ::-1])
    counts = [np.mean([_occupied(view, size) for view in views]) for size in sizes]
    return float(-np.polyfit(np.log(sizes), np.log(counts), 1)[0])


def _box_sizes(side: int) -> npt.NDArray[np.int_]:
    """Sides of the boxes in whole pixels, in equal ratios as far as rounding lets them."""
    largest = side / LARGEST_SHARE
    n_sizes = int(np.log(largest / SMALLEST_BOX_PX) / np.log(BOX_RATIO)) + 1
    return np.unique(np.round(SMALLEST_BOX_PX * BOX_RATIO ** np.arange(n_sizes)).astype(int))


def _occupied(mask: Mask, size: int) -> int:
    rows, columns = np.arange(0, mask.shape[0], size), np.arange(0, mask.shape[1], size)
    boxes = np.logical_or.reduceat(np.logical_or.reduceat(mask, rows, axis=0), columns, axis=1)
    return int(np.count_nonzero(boxes))
