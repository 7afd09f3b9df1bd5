"""What recurs and is no heartbeat never gets the name of a rhythm."""

from collections.abc import Callable

import numpy as np
import pytest

from functions.cardiology.analysis import analyze
from functions.cardiology.ecg import Ecg, Floats
from shared.errors import UnusableRecording

DURATION_S = 30.0


def bump(time_s: Floats, width_s: float) -> Floats:
    return np.exp(-0.5 * (time_s / width_s) ** 2)


def decay(time_s: Floats, constant_s: float) -> Floats:
    return np.where(time_s > 0, np.exp(-np.maximum(time_s, 0) / constant_s), 0.0)


def ringing(time_s: Floats, rate_hz: float, constant_s: float) -> Floats:
    return np.sin(2 * np.pi * rate_hz * time_s) * decay(time_s, constant_s)


WAVES: dict[str, Callable[[Floats], Floats]] = {
    "pulse wave": lambda t: bump(t, 0.08) + 0.45 * bump(t - 0.28, 0.10),
    "slow pulse wave": lambda t: bump(t, 0.11) + 0.3 * bump(t - 0.35, 0.12),
    "arterial pressure": lambda t: (1 - decay(t, 0.03)) * decay(t, 0.35),
    "click": lambda t: bump(t, 0.003),
    "double click": lambda t: bump(t, 0.003) - bump(t - 0.012, 0.003),
    "triangle": lambda t: np.maximum(0.0, 1 - np.abs(t) / 0.1),
    "square": lambda t: ((t > 0) & (t < 0.1)).astype(np.float64),
    "edge that decays": lambda t: decay(t, 0.08),
    "valve": lambda t: ringing(t, 18, 0.06) + 0.6 * ringing(t - 0.3, 22, 0.05),
    "heart sounds": lambda t: (
        np.sin(2 * np.pi * 45 * t) * bump(t - 0.05, 0.02)
        + 0.7 * np.sin(2 * np.pi * 60 * t) * bump(t - 0.35, 0.015)
    ),
}


def recorded(wave: Callable[[Floats], Floats], fs_hz: float, seed: int) -> Ecg:
    rng = np.random.default_rng(seed)
    time_s = np.arange(round(DURATION_S * fs_hz)) / fs_hz
    rr_s = rng.uniform(0.6, 1.1) * (1 + 0.03 * rng.standard_normal(60))
    at_s = np.cumsum(rr_s)
    values = sum((wave(time_s - at) for at in at_s[at_s < DURATION_S - 0.5]), np.zeros(len(time_s)))
    values = values + 0.01 * rng.standard_normal(len(time_s))
    return Ecg(values.astype(np.float32)[:, None], fs_hz, ("ECG",), "synthetic")


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("fs_hz", [125.0, 250.0, 500.0])
@pytest.mark.parametrize("name", WAVES)
def test_other_waves_are_refused_or_left_without_a_name(name: str, fs_hz: float, seed: int) -> None:
    ecg = recorded(WAVES[name], fs_hz, seed)

    try:
        findings = analyze(ecg)
    except UnusableRecording:
        return
    assert findings.result["rhythm_classification"] == "undetermined"
    assert findings.result["arrhythmia_types"] == []
    assert findings.review_reason is not None
