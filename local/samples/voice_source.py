"""How a voice is made: pulses of the glottis, colored by the resonances of a vocal tract."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

type Floats = npt.NDArray[np.float64]

PEAK = 0.5  # of full scale
KERNEL = 32  # samples of the band-limited pulse on either side
SOURCE_TILT_HZ = 200.0  # the glottal source falls by 12 dB an octave above this
LIP_RADIATION_HZ = 3_000.0  # and radiation at the lips gives 6 dB an octave back

# Centers and widths (Hz) of the formants of an adult man's vowels (Peterson & Barney 1952).
type Formants = tuple[tuple[float, float], ...]
FORMANTS_A = ((730.0, 80.0), (1090.0, 90.0), (2440.0, 120.0), (3400.0, 200.0), (4500.0, 250.0))
FORMANTS_I = ((270.0, 60.0), (2290.0, 100.0), (3010.0, 150.0), (3600.0, 200.0), (4500.0, 250.0))
FORMANTS_U = ((300.0, 60.0), (870.0, 80.0), (2240.0, 120.0), (3400.0, 200.0), (4500.0, 250.0))


@dataclass(frozen=True)
class Pulses:
    """The excitation: when the glottis closes, and how strongly (`amplitudes`, 1 on average)."""

    times_s: Floats
    amplitudes: Floats

    @property
    def jitter_percent(self) -> float:
        """Mean change from period to period, relative to the mean period."""
        periods_s = np.diff(self.times_s)
        return float(100 * np.abs(np.diff(periods_s)).mean() / periods_s.mean())

    @property
    def shimmer_percent(self) -> float:
        return float(100 * np.abs(np.diff(self.amplitudes)).mean() / self.amplitudes.mean())


def pulse_train(
    f0_hz: Callable[[float], float],
    span_s: tuple[float, float],
    perturbation_percent: tuple[float, float],
    rng: np.random.Generator,
) -> Pulses:
    """Pulses from `span_s[0]` until `span_s[1]`, with unequal periods and amplitudes.

    The mean absolute difference of two independent normal values is 2/sqrt(pi) of their deviation.

    Parameters
    ----------
    f0_hz : callable
        From seconds since the first pulse to the pitch.
    span_s : tuple of float
    perturbation_percent : tuple of float
        Jitter and shimmer, as means of absolute differences.
    rng : Generator

    Returns
    -------
    Pulses
    """
    jitter, shimmer = (np.sqrt(np.pi) / 2 * percent / 100 for percent in perturbation_percent)
    times_s = [span_s[0]]
    while times_s[-1] < span_s[1]:
        period_s = 1 / f0_hz(times_s[-1] - span_s[0])
        times_s.append(times_s[-1] + period_s * (1 + jitter * rng.standard_normal()))
    amplitudes = 1 + shimmer * rng.standard_normal(len(times_s) - 1)
    return Pulses(np.array(times_s[:-1]), amplitudes)


def excitation(pulses: Pulses, duration_s: float, fs_hz: int) -> Floats:
    """Band-limited pulses at instants between the samples (Hann-windowed sinc).

    So that jitter far below a sample is there: at 44.1 kHz a sample is 0.3 % of a period of 120 Hz.

    Parameters
    ----------
    pulses : Pulses
    duration_s : float
    fs_hz : int

    Returns
    -------
    (n_samples,) ndarray of float64
    """
    offsets = np.arange(-KERNEL, KERNEL + 1)
    nearest = np.round(pulses.times_s * fs_hz).astype(np.int64)
    distance = nearest[:, None] + offsets - (pulses.times_s * fs_hz)[:, None]
    kernel = np.sinc(distance) * np.cos(np.pi * distance / (2 * KERNEL + 2)) ** 2
    padded = np.zeros(round(duration_s * fs_hz) + 4 * KERNEL)
    np.add.at(padded, nearest[:, None] + offsets + 2 * KERNEL, kernel * pulses.amplitudes[:, None])
    return np.asarray(padded[2 * KERNEL : -2 * KERNEL])


def colored(source: Floats, fs_hz: int, formants: Formants = FORMANTS_A) -> Floats:
    """Source through glottis, vocal tract and lips, in the frequency domain.

    Parameters
    ----------
    source : (n_samples,) ndarray of float64
    fs_hz : int
    formants : Formants
        Center and width in Hz; true of the resonances, between which harmonics may not lie.

    Returns
    -------
    (n_samples,) ndarray of float64
        Of no set loudness: `with_noise` scales it.
    """
    padded = len(source) + fs_hz // 10  # the resonances ring out into the padding
    s = 2j * np.pi * np.fft.rfftfreq(padded, 1 / fs_hz)
    response = (1 + s / (2 * np.pi * LIP_RADIATION_HZ)) / (
        1 + s / (2 * np.pi * SOURCE_TILT_HZ)
    ) ** 2
    for center_hz, width_hz in formants:
        pole = -np.pi * width_hz + 2j * np.pi * center_hz
        response = response * abs(pole) ** 2 / ((s - pole) * (s - np.conj(pole)))
    return np.asarray(np.fft.irfft(np.fft.rfft(source, padded) * response, padded)[: len(source)])


def with_noise(voice: Floats, hnr_db: float | None, rng: np.random.Generator) -> Floats:
    """Scale to `PEAK` and add white noise so much below the power of the voice.

    Parameters
    ----------
    voice : (n_samples,) ndarray of float64
        Its power is the mean over all samples but those of exactly 0: rests that were cut out do
        not count, those that a filter or an envelope leaves nearly silent do.
    hnr_db : float or None
        Over all frequencies up to the Nyquist frequency: a measure that looks at a band, or at
        periods, need not agree with it.
    rng : Generator

    Returns
    -------
    (n_samples,) ndarray of float64
        Within [-1, 1]; noise beyond that is clipped.
    """
    scaled = PEAK * voice / np.abs(voice).max()
    if hnr_db is None:
        return np.asarray(scaled)
    power = float(np.mean(scaled[np.abs(scaled) > 0] ** 2))
    noise = np.sqrt(power / 10 ** (hnr_db / 10)) * rng.standard_normal(len(scaled))
    return np.asarray(np.clip(scaled + noise, -1, 1))
