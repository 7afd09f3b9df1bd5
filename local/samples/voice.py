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
from dataclasses import dataclass

import numpy as np

from local.samples.voice_source import (
    FORMANTS_A,
    Floats,
    Formants,
    Pulses,
    colored,
    excitation,
    pulse_train,
    with_noise,
)

FS_HZ = 44_100


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
    """One vowel, /a/ by default.

    Parameters
    ----------
    f0_hz, duration_s : float
    jitter_percent, shimmer_percent : float
        Wanted on average, as means of differences from period to period; `pulses` has the exact
        ones.
    hnr_db : float or None
        As `with_noise` takes it: with a silence on each side it is that of the whole recording.
        None adds no noise.
    tremor_hz, tremor_percent, loudness_tremor_percent : float
        Frequency of a sine, and its amplitude in the pitch and in the loudness: a full swing is
        twice that.
    silence_s : float
        On each side; it holds the noise all the same.
    fs_hz : int
    formants : Formants
        Center and width in Hz.
    seed : int

    Returns
    -------
    SyntheticVoice
        With no syllables and no pauses. `pulses` count from the start of the file.
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
    """Syllables at known times, with a falling and rising melody.

    Parameters
    ----------
    syllables_s : (n,) ndarray of float64
        Centers, rising, at least two.
    syllable_s : float
        From silence to silence: a raised cosine, half of it of half the amplitude and more.
    f0_hz : float
        Middle of the melody in semitones.
    melody_st : float
        From the lowest to the highest pitch; the melody takes 2.5 s.
    pauses : tuple of (start_s, end_s)
        Told on, not made: they must be where no syllable is.
    hnr_db : float or None
        Of the mean power of the whole recording, its pauses included: the syllables lie higher
        above the noise than this.
    silence_s : float
        After the last syllable.
    fs_hz, seed : int

    Returns
    -------
    SyntheticVoice
        Its `pulses` go on through the pauses, where nothing of them is heard.
    """
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
    """Phrases of evenly timed syllables with pauses of one length between them.

    Parameters
    ----------
    phrases, syllables : int
        `syllables` of each phrase.
    rate : float
        Syllables a second within a phrase: the articulation rate, not that with the pauses.
    pause_s : float
        Between the nominal ends of phrases; the silence is longer by a tenth of a syllable's time
        on either side.
    f0_hz : float
    fs_hz, seed : int

    Returns
    -------
    SyntheticVoice
    """
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


def syllable_envelope(centers_s: Floats, length_s: float, duration_s: float, fs_hz: int) -> Floats:
    """Raised cosines around the centers of syllables, silence between them."""
    times_s = np.arange(round(duration_s * fs_hz)) / fs_hz
    nearest = np.searchsorted((centers_s[1:] + centers_s[:-1]) / 2, times_s)
    distance = np.abs(times_s - centers_s[nearest]) / length_s
    rise = np.cos(np.pi * np.minimum(distance, 1 / 2))
    return np.asarray(rise**2)


def wav_bytes(samples: Floats, fs_hz: int) -> bytes:
    """Write a 16-bit WAV file.

    Parameters
    ----------
    samples : (n_samples,) or (n_samples, n_channels) ndarray of float64
        Within [-1, 1]: nothing is clipped, and larger ones turn into other numbers.
    fs_hz : int

    Returns
    -------
    bytes
    """
    columns = samples.reshape(len(samples), -1)
    file = io.BytesIO()
    with wave.open(file, "wb") as writer:
        writer.setnchannels(columns.shape[1])
        writer.setsampwidth(2)
        writer.setframerate(fs_hz)
        writer.writeframes(np.round(columns * 32_767).astype("<i2").tobytes())
    return file.getvalue()
