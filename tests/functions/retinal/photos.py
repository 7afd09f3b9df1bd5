"""Synthetic photos that several tests use."""

from functools import cache

import numpy as np
from PIL import Image

from functions.retinal.decode import FundusPhoto
from local.samples.fundus import SyntheticFundus, fundus


@cache
def right_eye() -> SyntheticFundus:
    return fundus(right_eye=True, seed=1)


def photo(rgb: np.ndarray) -> FundusPhoto:
    image = Image.fromarray(np.ascontiguousarray(rgb))
    return FundusPhoto(image, image.size, "PNG")
