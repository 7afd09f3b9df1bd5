"""What is no ECG: noises with a seed, for tests and for training the quality index.

`noises(seed, fs_hz, duration_s, n_leads)` gives those that the index was trained on,
`unseen_noises(...)` others that it never saw; both as `Ecg` by name.
"""

from collections.abc import Mapping

import numpy as np

from functions.cardiology.ecg import Ecg, Floats
from shared.science.signals import band_pass


class Generator:
    """Draws noise of unit standard deviation, (n_samples, n_leads)."""

    def __init__(self, seed: int, fs_hz: float, duration_s: float, n_leads: int) -> None:
        self.random = np.random.default_rng(seed)
        self.fs_hz = fs_hz
        self.shape = (round(fs_hz * duration_s), n_leads)
        self.time_s = np.arange(self.shape[0])[:, None] / fs_hz

    def white(self) -> Floats:
        return self.random.standard_normal(self.shape)

    def colored(self, exponent: float) -> Floats:
        """Noise whose power falls with frequency to the power of `exponent`."""
        spectrum = np.fft.rfft(self.white(), axis=0)
        frequency = np.fft.rfftfreq(self.shape[0])
        frequency[0] = frequency[1]
        return unit(np.fft.irfft(spectrum / frequency[:, None] ** (exponent / 2), self.shape[0], 0))

    def band(self, low_hz: float, high_hz: float) -> Floats:
        return unit(band_pass(self.white(), self.fs_hz, low_hz, high_hz))

    def hum(self, frequency_hz: float) -> Floats:
        phase, amplitude = self.random.uniform(0, 6.28), self.random.uniform(0.2, 1, self.shape[1])
        wave = np.sin(2 * np.pi * frequency_hz * self.time_s + phase)
        return wave * amplitude + 0.005 * self.white()

    def muscle(self) -> Floats:
        return self.band(20, min(120, 0.45 * self.fs_hz))

    def fibrillation(self) -> Floats:
        """A tone that wanders about 5 Hz in frequency and amplitude, as ventricles fibrillate."""
        rate_hz = 5 + self.band(0.1, 1)[:, :1]
        phase = 2 * np.pi * np.cumsum(rate_hz, axis=0) / self.fs_hz
        lag = self.random.uniform(0, 6.28, self.shape[1])
        swell = np.clip(1 + 0.35 * self.band(0.1, 1), 0.2, None)
        return 0.4 * swell * np.sin(phase + lag) + 0.02 * self.white()


def unit(values: Floats) -> Floats:
    return values / values.std(axis=0)


def noises(seed: int, fs_hz: float, duration_s: float, n_leads: int) -> dict[str, Ecg]:
    draw = Generator(seed, fs_hz, duration_s, n_leads)
    bursts = np.exp(draw.band(0.2, 2))
    steps = np.cumsum((draw.random.uniform(size=draw.shape) < 0.5 / fs_hz) * draw.white(), axis=0)
    motion = draw.band(0.5, 8) * np.exp(0.5 * draw.band(0.1, 1))
    return _recordings(
        draw,
        {
            "white": 0.3 * draw.white(),
            "pink": 0.3 * draw.colored(1),
            "brown": 0.5 * draw.colored(2),
            "hum 50 Hz": draw.hum(50),
            "hum 60 Hz": draw.hum(60),
            "hum with harmonics": draw.hum(50) + 0.3 * draw.hum(100) + 0.3 * draw.hum(150),
            "swelling hum": draw.hum(50) * np.exp(0.5 * draw.band(0.1, 1)),
            "drift": 0.8 * draw.band(0.05, 0.5) + 0.002 * draw.white(),
            "muscle": 0.2 * draw.muscle(),
            "muscle in bursts": 0.1 * draw.muscle() * bursts,
            "electrode steps": steps + 0.01 * draw.white(),
            "electrode motion": 0.5 * motion + 0.02 * draw.muscle(),
            "fibrillation": draw.fibrillation(),
            "narrow band": 0.4 * draw.band(3, 7),
        },
    )


def unseen_noises(seed: int, fs_hz: float, duration_s: float, n_leads: int) -> dict[str, Ecg]:
    draw = Generator(seed, fs_hz, duration_s, n_leads)
    tremor = np.maximum(np.sin(2 * np.pi * draw.random.uniform(4, 6) * draw.time_s), 0.0)
    return _recordings(
        draw,
        {
            "uniform": draw.random.uniform(-0.5, 0.5, draw.shape),
            "last bit": 0.005 * np.round(draw.white()),
            "everything": draw.hum(60) + draw.band(0.05, 0.5) + 0.1 * draw.white(),
            "tremor": 0.2 * tremor * draw.muscle() + 0.01 * draw.white(),
        },
    )


def _recordings(draw: Generator, signals: Mapping[str, Floats]) -> dict[str, Ecg]:
    leads = tuple(f"lead {index + 1}" for index in range(draw.shape[1]))
    return {
        name: Ecg(values.astype(np.float32), draw.fs_hz, leads, "synthetic")
        for name, values in signals.items()
    }
