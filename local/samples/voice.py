"""Voices whose truth is known exactly.

A voice is a train of pulses at known instants, colored by the resonances of a vocal tract, plus
white noise of known power. Jitter, shimmer, tremor, syllables and pauses are true of the pulses by
construction; the harmonics-to-noise ratio is that of the powers that were added.

>>> sample = sustained_vowel(f0_hz=120, duration_s=2, jitter_percent=0.5, seed=1)
>>> round(sample.duration_s, 1)
2.0
"""

import io
import wave
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

type Floats = npt.NDArray[np.float64]

FS_HZ = 44_100
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


@dataclass(frozen=True)
class SyntheticVoice:
    """A recording and everything that is true about it.

    Attributes
    ----------
    samples : ndarray of float64, shape (n_samples,)
        Within [-1, 1].
    pulses : Pulses
    hnr_db : float or None
        Power of the voice over that of the noise; None without noise.
    syllables_s : ndarray of float64, shape (n,)
        Centers of the syllables; empty for a vowel.
    pauses : tuple of (start_s, end_s)
    """

    samples: Floats
    fs_hz: int
    pulses: Pulses
    hnr_db: float | None
    syllables_s: Floats
    pauses: tuple[tuple[float, float], ...] = ()

    @property
    def duration_s(self) -> float:
        return len(self.samples) / self.fs_hz


def sustained_vowel(
    *,
    f0_hz: float = 120.0,
    duration_s: float = 4.0,
    jitter_percent: float = 0.3,
    shimmer_percent: float = 2.0,
    hnr_db: float | None = 25.0,
    tremor_hz: float = 0.0,
    tremor_percent: float = 0.0,
    loudness_tremor_percent: float = 0.0,
    silence_s: float = 0.0,
    fs_hz: int = FS_HZ,
    formants: Formants = FORMANTS_A,
    seed: int = 0,
) -> SyntheticVoice:
    """One vowel, /a/ by default, with `silence_s` on each side.

    `tremor_percent` is the amplitude of the modulation of the pitch, `loudness_tremor_percent` that
    of the amplitude, both at `tremor_hz`. Jitter and shimmer are the wanted ones on average;
    `pulses` has the exact ones.
    """
    rng = np.random.default_rng(seed)
    pulses = pulse_train(
        lambda t: f0_hz * (1 + tremor_percent / 100 * np.sin(2 * np.pi * tremor_hz * t)),
        (silence_s, silence_s + duration_s),
        (jitter_percent, shimmer_percent),
        rng,
    )
    voice = colored(excitation(pulses, duration_s + 2 * silence_s, fs_hz), fs_hz, formants)
    times_s = np.arange(len(voice)) / fs_hz
    swell = loudness_tremor_percent / 100 * np.sin(2 * np.pi * tremor_hz * times_s)
    samples = with_noise(voice * (1 + swell), hnr_db, rng)
    return SyntheticVoice(samples, fs_hz, pulses, hnr_db, np.empty(0))


def spoken(
    syllables_s: Floats,
    *,
    syllable_s: float = 0.14,
    f0_hz: float = 120.0,
    melody_st: float = 3.0,
    pauses: tuple[tuple[float, float], ...] = (),
    hnr_db: float | None = 45.0,
    silence_s: float = 0.5,
    fs_hz: int = FS_HZ,
    seed: int = 0,
) -> SyntheticVoice:
    """Syllables at known times, with a falling and rising melody of `melody_st` semitones."""
    rng = np.random.default_rng(seed)
    duration_s = float(syllables_s[-1]) + syllable_s / 2 + silence_s
    pulses = pulse_train(
        lambda t: f0_hz * 2 ** (melody_st / 24 * np.sin(2 * np.pi * 0.4 * t)),
        (0.0, duration_s),
        (0.5, 3.0),
        rng,
    )
    envelope = syllable_envelope(syllables_s, syllable_s, duration_s, fs_hz)
    voice = colored(excitation(pulses, duration_s, fs_hz), fs_hz) * envelope
    return SyntheticVoice(
        with_noise(voice, hnr_db, rng), fs_hz, pulses, hnr_db, syllables_s, pauses
    )


def reading(
    *,
    phrases: int = 4,
    syllables: int = 8,
    rate: float = 5.0,
    pause_s: float = 0.6,
    f0_hz: float = 120.0,
    fs_hz: int = FS_HZ,
    seed: int = 0,
) -> SyntheticVoice:
    """Phrases of evenly timed syllables with pauses of one length between them."""
    starts_s = 0.5 + np.arange(phrases) * (syllables / rate + pause_s)
    times_s = (starts_s[:, None] + (np.arange(syllables) + 0.5) / rate).ravel()
    ends_s = starts_s + syllables / rate
    pauses = tuple((float(a), float(b)) for a, b in zip(ends_s[:-1], starts_s[1:], strict=True))
    return spoken(
        times_s, syllable_s=0.8 / rate, f0_hz=f0_hz, pauses=pauses, fs_hz=fs_hz, seed=seed
    )


def repetition(
    *,
    rate: float = 6.0,
    syllables: int = 30,
    variation_percent: float = 5.0,
    fs_hz: int = FS_HZ,
    seed: int = 0,
) -> SyntheticVoice:
    """A syllable repeated, with intervals that vary by `variation_percent` of their mean."""
    rng = np.random.default_rng(seed)
    intervals_s = (1 + variation_percent / 100 * rng.standard_normal(syllables - 1)) / rate
    times_s = 0.5 + np.r_[0.0, np.cumsum(intervals_s)]
    return spoken(times_s, syllable_s=0.7 / rate, melody_st=0.5, fs_hz=fs_hz, seed=seed)


def pulse_train(
    f0_hz: Callable[[float], float],
    span_s: tuple[float, float],
    perturbation_percent: tuple[float, float],
    rng: np.random.Generator,
) -> Pulses:
    """Pulses from `span_s[0]` until `span_s[1]`, with unequal periods and amplitudes.

    The mean absolute difference of two independent normal values is 2/sqrt(pi) of their deviation.
    """
    jitter, shimmer = (np.sqrt(np.pi) / 2 * percent / 100 for percent in perturbation_percent)
    times_s = [span_s[0]]
    while times_s[-1] < span_s[1]:
        period_s = 1 / f0_hz(times_s[-1] - span_s[0])
        times_s.append(times_s[-1] + period_s * (1 + jitter * rng.standard_normal()))
    amplitudes = 1 + shimmer * rng.standard_normal(len(times_s) - 1)
    return Pulses(np.array(times_s[:-1]), amplitudes)


def excitation(pulses: Pulses, duration_s: float, fs_hz: int) -> Floats:
    """Band-limited pulses at instants between the samples (Hann-windowed sinc)."""
    offsets = np.arange(-KERNEL, KERNEL + 1)
    nearest = np.round(pulses.times_s * fs_hz).astype(np.int64)
    distance = nearest[:, None] + offsets - (pulses.times_s * fs_hz)[:, None]
    kernel = np.sinc(distance) * np.cos(np.pi * distance / (2 * KERNEL + 2)) ** 2
    padded = np.zeros(round(duration_s * fs_hz) + 4 * KERNEL)
    np.add.at(padded, nearest[:, None] + offsets + 2 * KERNEL, kernel * pulses.amplitudes[:, None])
    return np.asarray(padded[2 * KERNEL : -2 * KERNEL])


def colored(source: Floats, fs_hz: int, formants: Formants = FORMANTS_A) -> Floats:
    """Source through glottis, vocal tract and lips, in the frequency domain."""
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
    """Scale to `PEAK` and add white noise so much below the power of the sounding voice."""
    scaled = PEAK * voice / np.abs(voice).max()
    if hnr_db is None:
        return np.asarray(scaled)
    power = float(np.mean(scaled[np.abs(scaled) > 0] ** 2))
    noise = np.sqrt(power / 10 ** (hnr_db / 10)) * rng.standard_normal(len(scaled))
    return np.asarray(np.clip(scaled + noise, -1, 1))


def syllable_envelope(centers_s: Floats, length_s: float, duration_s: float, fs_hz: int) -> Floats:
    """Raised cosines around the centers of syllables, silence between them."""
    times_s = np.arange(round(duration_s * fs_hz)) / fs_hz
    nearest = np.searchsorted((centers_s[1:] + centers_s[:-1]) / 2, times_s)
    distance = np.abs(times_s - centers_s[nearest]) / length_s
    rise = np.cos(np.pi * np.minimum(distance, 1 / 2))
    return np.asarray(rise**2)


def wav_bytes(samples: Floats, fs_hz: int) -> bytes:
    """A 16-bit WAV file; `samples` of shape (n_samples,) or (n_samples, n_channels)."""
    columns = samples.reshape(len(samples), -1)
    file = io.BytesIO()
    with wave.open(file, "wb") as writer:
        writer.setnchannels(columns.shape[1])
        writer.setsampwidth(2)
        writer.setframerate(fs_hz)
        writer.writeframes(np.round(columns * 32_767).astype("<i2").tobytes())
    return file.getvalue()
