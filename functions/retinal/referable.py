"""Probability of referable diabetic retinopathy: ICDR grade 2 or more.

Features of a frozen network for everyday pictures (EfficientNet-Lite0, cut after its eleventh
block), and the areas of the lesions' candidates, in a logistic model with ridge penalty.
"""

from collections.abc import Mapping

import numpy as np
from PIL import Image

from functions.retinal.canvas import resample
from functions.retinal.field import Field
from shared.science.logistic import LogisticModel
from shared.science.models.network import Network

SIDE_PX = 512
N_TRUNK = 696


def trunk_features(trunk: Network, photo: Image.Image, field: Field) -> dict[str, float]:
    """Mean, maximum and SD over space after three blocks, averaged over the photo and its mirror.

    An eye and its mirror image, the other eye, have the same features.

    Parameters
    ----------
    trunk : Network of (2, 3, 512, 512) ndarray
        From (2, 3, 512, 512) ndarray of float32 to (2, 696): what of the frozen network is pooled.
    photo : Image
    field : Field
        Brought to `SIDE_PX`, so that the camera's angle does not enter.

    Returns
    -------
    dict of str to float
        By `trunk_0` and so on, the names that the logistic model has.
    """
    rgb = resample(photo, field, field.diameter_px / SIDE_PX, SIDE_PX)
    views = np.stack([rgb, rgb[:, ::-1]]).transpose(0, 3, 1, 2)
    values = trunk(np.ascontiguousarray(views)).mean(axis=0)
    return {f"trunk_{index}": float(value) for index, value in enumerate(values)}


def referable_probability(model: LogisticModel, features: Mapping[str, float]) -> float:
    """Ask the logistic model for one photo.

    Parameters
    ----------
    model : LogisticModel
    features : mapping of str to float
        Of the trunk and of the lesions; every name of the model's.

    Returns
    -------
    float
        0-1, of ICDR grade 2 or more. The model's card says how many photos were referable where it
        was measured; where fewer are, the chance is lower. A feature beyond the range of the
        training data counts as its end.
    """
    values = {name: np.array([value]) for name, value in features.items()}
    return float(model.probability(values)[0])
