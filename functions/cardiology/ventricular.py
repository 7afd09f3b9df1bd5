"""What kind each beat is: normal, ventricular, early, paced or unknown.

`ventricular_probability(shapes)` is what `ventricular_model(shapes)` says; `beat_kinds(...)` adds
the rules for paced and early beats. An early beat of the usual shape mostly began above the
ventricles; too many of those are not early here for the word to be said.
"""

from enum import StrEnum

import numpy as np
import numpy.typing as npt

from functions.cardiology.ecg import Floats
from functions.cardiology.shapes import (
    CHUNK_BEATS,
    QRS_S,
    SHAPE_FS_HZ,
    TINY,
    Float32s,
    Indices,
    Shapes,
    shape_groups,
    within,
)
from functions.cardiology.trained import load_model
from shared.science.logistic import LogisticModel
from shared.science.signals import Mask

MIN_BEATS = 5  # fewer do not show what is usual

WIDTH_LEVEL = 0.15  # of the beat's own steepest slope
P_WAVE_S = (-0.28, -0.09)
BASELINE_S = (-0.12, -0.08)
T_WAVE_S = (0.14, 0.40)
# Beyond these a feature says no more; a single wild beat must not rule the score.
LIMITS = {"before": (0.3, 2.0), "after": (0.3, 2.5), "after_before": (0.3, 4.0), "t_wave": (-4, 4)}
ODDNESS_FLOOR = 0.003  # 1 - correlation that no beat of a noiseless recording reaches
LOG_FLOOR = 1e-3
GROUP_FEATURES = (
    "before", "after", "after_before", "width_ratio", "p_wave", "oddness", "height", "spread"
)  # fmt: skip

# One shape is one origin: the evidence of all beats of a shape counts twice that of a beat's own.
# Own choice: shares of 0.6 to 0.7 do as well on people left out, none and all of it less well.
SHARED = 2 / 3

EARLY = 0.85  # of the running median and of the interval before: a premature beat
LIKE_USUAL = 0.85  # correlation: the ventricles were reached the usual way


class BeatKind(StrEnum):
    NORMAL = "normal"
    VENTRICULAR = "ventricular"
    EARLY = "early"
    PACED = "paced"
    UNKNOWN = "unknown"


type Kinds = npt.NDArray[np.str_]


def beat_features(shapes: Shapes, group: Indices) -> dict[str, Floats]:
    """What tells ventricular beats from others, each an array of shape (n_beats,).

    Those of the beat itself, then (`group_...`) their medians over the beats that look like it:
    one shape is one origin, and its members share each other's evidence.
    """
    n_beats = len(shapes.windows)
    parts = [
        _morphology(shapes.windows[start : start + CHUNK_BEATS], shapes.usual)
        for start in range(0, n_beats, CHUNK_BEATS)
    ]
    own = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    own |= {"before": shapes.before, "after": shapes.after}
    own["after_before"] = shapes.after / np.maximum(shapes.before, TINY)
    own |= {"correlation": shapes.correlation, "width_ratio": own["width"]}
    for name in ("width_ratio", "spread", "height", "area", "slope"):
        own[name] = own[name] / max(float(np.median(own[name][shapes.regular])), TINY)
    for name in ("spread", "height", "area", "slope"):
        own[name] = np.log(np.maximum(own[name], LOG_FLOOR))
    odd = 1 - shapes.correlation + ODDNESS_FLOOR
    own["oddness"] = np.log(odd / np.median(odd[shapes.regular]))
    own |= {name: np.clip(own[name], *limits) for name, limits in LIMITS.items()}
    return own | _group_features(own, group)


def _morphology(windows: Float32s, usual: Float32s) -> dict[str, Floats]:
    """Width, height, area, slope, P and T wave of each beat, before any comparison."""
    qrs = within(QRS_S)
    times = np.arange(qrs.stop - qrs.start) / SHAPE_FS_HZ
    slope = np.gradient(windows, 1 / SHAPE_FS_HZ, axis=1)[:, qrs]
    speed = np.sqrt((slope.astype(np.float64) ** 2).mean(axis=2))
    steepest = np.maximum(speed.max(axis=1), TINY)
    energy = speed**2 / np.maximum((speed**2).sum(axis=1, keepdims=True), TINY)
    center = (energy * times).sum(axis=1)
    height = np.sqrt((np.ptp(windows[:, qrs], axis=1).astype(np.float64) ** 2).mean(axis=1))
    middle = np.median(windows, axis=1, keepdims=True)
    return {
        "width": (speed > WIDTH_LEVEL * steepest[:, None]).sum(axis=1) / SHAPE_FS_HZ,
        "spread": np.sqrt((energy * (times - center[:, None]) ** 2).sum(axis=1)),
        "height": height,
        "area": np.abs(windows[:, qrs] - middle).sum(axis=(1, 2), dtype=np.float64),
        "slope": steepest,
        "p_wave": part_correlation(windows, usual, P_WAVE_S),
        "t_wave": _t_wave(windows, usual),
    }


def part_correlation(windows: Float32s, usual: Float32s, edges_s: tuple[float, float]) -> Floats:
    """Correlation of a part of each beat with the same part of the usual one, shape (n_beats,)."""
    part, template = windows[:, within(edges_s)], usual[within(edges_s)]
    part = part - part.mean(axis=1, keepdims=True)
    template = template - template.mean(axis=0)
    size = np.linalg.norm(part, axis=(1, 2)) * np.linalg.norm(template)
    return np.asarray(np.tensordot(part, template, axes=2) / np.maximum(size, TINY), np.float64)


def _t_wave(windows: Float32s, usual: Float32s) -> Floats:
    """The T wave in multiples of the usual one: negative where it points the other way."""
    late, base = within(T_WAVE_S), within(BASELINE_S)
    template = usual[late] - usual[base].mean(axis=0)
    part = windows[:, late] - windows[:, base].mean(axis=1, keepdims=True)
    size = max(float((template**2).sum()), TINY)
    return np.asarray(np.tensordot(part, template, axes=2) / size, np.float64)


def _group_features(own: dict[str, Floats], group: Indices) -> dict[str, Floats]:
    shared = {f"group_{name}": own[name].copy() for name in GROUP_FEATURES}
    size = np.full(len(group), 1 / len(group))
    for number in np.unique(group[group >= 0]):
        members = group == number
        size[members] = members.mean()
        for name in GROUP_FEATURES:
            shared[f"group_{name}"][members] = np.median(own[name][members])
    return shared | {"group_size": np.log(size), "usual_group": (group == 0).astype(np.float64)}


def ventricular_probability(shapes: Shapes) -> Floats:
    """Estimate the probability that each beat began in a ventricle.

    Parameters
    ----------
    shapes : Shapes

    Returns
    -------
    (n_beats,) ndarray of float64
        0-1; a beat counts as ventricular above the threshold of `ventricular_model(shapes)`.
    """
    group = shape_groups(shapes)
    own = ventricular_model(shapes).probability(beat_features(shapes, group))
    return shared_by_shape(own, group)


def shared_by_shape(probability: Floats, group: Indices) -> Floats:
    """Let the beats of one shape share their evidence, as log odds.

    Parameters
    ----------
    probability : (n_beats,) ndarray of float64
    group : (n_beats,) ndarray of int64
        As `shape_groups` gives it; a beat like no other (-1) keeps its own evidence.
    """
    inside = np.clip(probability, TINY, 1 - TINY)
    log_odds = np.log(inside / (1 - inside))
    common = log_odds.copy()
    for number in np.unique(group[group >= 0]):
        members = group == number
        common[members] = np.median(log_odds[members])
    shared: Floats = 1 / (1 + np.exp((SHARED - 1) * log_odds - SHARED * common))
    return shared


def ventricular_model(shapes: Shapes) -> LogisticModel:
    """The model for recordings with a single lead, or the one for several."""
    one_lead = shapes.windows.shape[2] == 1
    return load_model("ventricular_one_lead" if one_lead else "ventricular")


def is_premature(shapes: Shapes) -> Mask:
    """Mark beats that come early although the ventricles were reached the usual way.

    Early against the running median and against the interval before, so that a rate that rises
    over many beats is not taken for premature ones.
    """
    interval_before = np.concatenate(([1.0], shapes.before[:-1]))
    early: Mask = (shapes.before < EARLY) & (shapes.before < EARLY * interval_before)
    return early & (shapes.correlation > LIKE_USUAL)


def beat_kinds(
    shapes: Shapes, is_ventricular: Mask, is_paced: Mask, is_fibrillating: Mask
) -> Kinds:
    """Name every beat: paced before ventricular before early.

    Parameters
    ----------
    shapes : Shapes
    is_ventricular, is_paced : (n_beats,) ndarray of bool
    is_fibrillating : (n_beats,) ndarray of bool
        Where no beat is early, because none is expected.

    Returns
    -------
    (n_beats,) ndarray of str
        Values of `BeatKind`. Fewer than `MIN_BEATS` beats do not show what is usual: all unknown.
    """
    n_beats = len(shapes.windows)
    if n_beats < MIN_BEATS:
        return np.full(n_beats, BeatKind.UNKNOWN.value)
    early = is_premature(shapes) & ~is_fibrillating
    return np.select(
        [is_paced, is_ventricular, early],
        [BeatKind.PACED.value, BeatKind.VENTRICULAR.value, BeatKind.EARLY.value],
        BeatKind.NORMAL.value,
    )
