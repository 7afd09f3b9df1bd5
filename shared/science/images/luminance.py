"""How bright a color picture is."""

import numpy as np
import numpy.typing as npt

WEIGHTS = np.array([0.299, 0.587, 0.114], np.float32)


def luminance(picture: npt.NDArray[np.generic]) -> npt.NDArray[np.float32]:
    """Weigh the channels as the eye does (ITU-R BT.601), in the picture's own units.

    Parameters
    ----------
    picture : (height, width, 3) ndarray
        Any type of number.

    Returns
    -------
    (height, width) ndarray of float32
    """
    gray: npt.NDArray[np.float32] = picture.astype(np.float32) @ WEIGHTS
    return gray
