"""Probability of referable diabetic retinopathy: ICDR grade 2 or more.

Features of a frozen network for everyday pictures (EfficientNet-Lite0, cut after its eleventh
block), and the areas of the lesions' candidates, in a logistic model with ridge penalty.
"""

from collections.abc import Mapping

import numpy as np
from PIL import Image

from functions.retinal.field import Field, resample
from shared.science.logistic import LogisticModel
from shared.science.models.network import Network

SIDE_PX = 512
N_TRUNK = 696


def trunk_features(trunk: Network, photo: Image.Image, field: Field) -> dict[str, float]:
    """Mean, maximum and SD over space after three blocks, averaged over the photo and its mirror.

    An eye and its mirror image, the other eye, have the same features.
    """
    rgb = resample(photo, field, field.diameter_px / SIDE_PX, SIDE_PX)
    views = np.stack([rgb, rgb[:, ::-1]]).transpose(0, 3, 1, 2)
    values = trunk(np.ascontiguousarray(views)).mean(axis=0)
    return {f"trunk_{index}": float(value) for index, value in enumerate(values)}


def referable_probability(model: LogisticModel, features: Mapping[str, float]) -> float:
    values = {name: np.array([value]) for name, value in features.items()}
    return float(model.probability(values)[0])
