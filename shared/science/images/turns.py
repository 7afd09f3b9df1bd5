"""The answer to a picture that has no up and no left: the mean over its turns and mirror images."""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

type Floats = npt.NDArray[np.float32]

TURNS, MIRRORS = 4, 2


def mean_over_turns(
    network: Callable[[Floats], Floats], picture: Floats, *, mirrors: bool = True
) -> Floats:
    """Ask a network about every way a picture may be held, and give the mean of its turned-back
    maps.

    Parameters
    ----------
    network : callable of (1, channels, height, width) ndarray
        Gives maps (1, n_maps, height, width).
    picture : (height, width, channels) ndarray of float32
        Sides that the network takes either way round.
    mirrors : bool
        Whether the mirror images count too: twice the time, and the same maps mirrored.

    Returns
    -------
    (n_maps, height, width) ndarray of float32
        Those of a turned picture are the same but for rounding, which the order of the sum decides.
    """
    n_mirrors = MIRRORS if mirrors else 1
    total: Floats | None = None
    for mirror in range(n_mirrors):
        for turn in range(TURNS):
            turned = np.rot90(picture[:, ::-1] if mirror else picture, turn)
            maps = network(np.ascontiguousarray(turned.transpose(2, 0, 1)[None]))[0]
            back = np.rot90(maps, -turn, axes=(1, 2))
            straight = back[:, :, ::-1] if mirror else back
            total = straight.copy() if total is None else total + straight
    assert total is not None
    mean: Floats = total / np.float32(TURNS * n_mirrors)
    return mean
