"""Sounds that are more, or less, than one steady voice, with what is true about them.

Voices that jump by an octave, two voices at once, melodies, whispers, silenced rests, syllables
that begin with a burst, and the three corner vowels. None of them is a recording.
"""

import numpy as np

from local.samples.voice import SyntheticVoice, sustained_vowel
from local.samples.voice_source import (
    FORMANTS_A,
    FORMANTS_I,
    FORMANTS_U,
    PEAK,
    Floats,
    Formants,
    Pulses,
    colored,
    excitation,
    pulse_train,
    with_noise,
)

FS_HZ = 16_000
WHISPER: Formants = ((600.0, 60.0), (1500.0, 90.0), (2600.0, 120.0))
BURST_S = 0.004
BURST_DB, ASPIRATION_DB = -8.0, -25.0  # re the vowel


def jumping_vowel(
    *,
    f0_hz: float = 140.0,
    ratio: float = 2.0,
    jump_s: tuple[float, float] = (1.2, 1.8),
    duration_s: float = 3.0,
    fs_hz: int = FS_HZ,
    seed: int = 0,
) -> SyntheticVoice:
    """A vowel whose pitch is `ratio` times as high between the two times of `jump_s`."""
    rng = np.random.default_rng(seed)

    def pitch_hz(time_s: float) -> float:
        return f0_hz * (ratio if jump_s[0] <= time_s < jump_s[1] else 1.0)

    pulses = pulse_train(pitch_hz, (0.0, duration_s), (0.3, 2.0), rng)
    voice = colored(excitation(pulses, duration_s, fs_hz), fs_hz)
    return SyntheticVoice(with_noise(voice, 30.0, rng), fs_hz, pulses, 30.0, np.empty(0))


def two_voices(
    first_hz: float,
    second_hz: float,
    *,
    level_db: float = 0.0,
    duration_s: float = 2.0,
    hnr_db: float = 25.0,
    fs_hz: int = FS_HZ,
    seed: int = 0,
) -> Floats:
    """Two vowels at the same time.

    Parameters
    ----------
    first_hz, second_hz : float
    level_db : float
        By which the second is louder than the first, peak to peak.
    duration_s, hnr_db : float
        `hnr_db` of each voice before they are mixed.
    fs_hz, seed : int

    Returns
    -------
    (n_samples,) ndarray of float64
    """
    first, second = (
        sustained_vowel(f0_hz=f0_hz, duration_s=duration_s, hnr_db=hnr_db, fs_hz=fs_hz, seed=n)
        for f0_hz, n in ((first_hz, 2 * seed), (second_hz, 2 * seed + 1))
    )
    both = first.samples + 10 ** (level_db / 20) * second.samples
    return np.asarray(PEAK * both / np.abs(both).max())


def melody(
    notes_st: Floats,
    *,
    base_hz: float = 220.0,
    note_s: float = 0.3,
    harmonics: int = 2,
    vibrato_percent: float = 0.0,
    snr_db: float = 40.0,
    fs_hz: int = FS_HZ,
    seed: int = 0,
) -> Floats:
    """Notes of a few harmonics, `notes_st` semitones above `base_hz`."""
    f0_hz = np.repeat(base_hz * 2 ** (notes_st / 12), round(note_s * fs_hz))
    times_s = np.arange(len(f0_hz)) / fs_hz
    f0_hz = f0_hz * (1 + vibrato_percent / 100 * np.sin(2 * np.pi * 5.5 * times_s))
    phase = 2 * np.pi * np.cumsum(f0_hz) / fs_hz
    tones = sum((np.sin(k * phase) / k for k in range(1, harmonics + 1)), np.zeros(len(phase)))
    return with_noise(tones, snr_db, np.random.default_rng(seed))


def whisper(
    *,
    duration_s: float = 4.0,
    formants: Formants = WHISPER,
    syllables_per_s: float | None = 4.0,
    fs_hz: int = FS_HZ,
    seed: int = 0,
) -> Floats:
    """Noise through the resonances of a vocal tract, in syllables where a rate is given."""
    count = round(duration_s * fs_hz)
    noise = np.random.default_rng(seed).standard_normal(count)
    spectrum = np.fft.rfft(noise)
    s = 2j * np.pi * np.fft.rfftfreq(count, 1 / fs_hz)
    for center_hz, width_hz in formants:
        pole = -np.pi * width_hz + 2j * np.pi * center_hz
        spectrum = spectrum * abs(pole) ** 2 / ((s - pole) * (s - np.conj(pole)))
    breath = np.fft.irfft(spectrum, count)
    if syllables_per_s is not None:
        times_s = np.arange(count) / fs_hz
        breath = breath * (0.02 + np.sin(np.pi * ((times_s * syllables_per_s) % 1)) ** 2)
    return np.asarray(PEAK * breath / np.abs(breath).max())


def gated(samples: Floats, rest_s: float, fs_hz: int) -> Floats:
    """The same with its first and last `rest_s` set to zero, as a noise gate does.

    Parameters
    ----------
    samples : (n_samples,) ndarray of float64
    rest_s : float
        Must be above 0.
    fs_hz : int

    Returns
    -------
    (n_samples,) ndarray of float64
    """
    silenced = samples.copy()
    rest = round(rest_s * fs_hz)
    silenced[:rest] = 0
    silenced[-rest:] = 0
    return silenced


def flat_syllables(
    *,
    rate: float = 3.0,
    syllables: int = 12,
    variation_percent: float = 0.0,
    sounding: float = 0.6,
    hnr_db: float = 40.0,
    fs_hz: int = FS_HZ,
    seed: int = 0,
) -> SyntheticVoice:
    """Syllables of even loudness, `sounding` of each interval; `syllables_s` are their onsets."""
    rng = np.random.default_rng(seed)
    intervals_s = (1 + variation_percent / 100 * rng.standard_normal(syllables - 1)) / rate
    onsets_s = 0.4 + np.r_[0.0, np.cumsum(intervals_s)]
    duration_s = float(onsets_s[-1]) + 1 / rate + 0.4
    pulses = pulse_train(lambda _: 120.0, (0.0, duration_s), (0.5, 3.0), rng)
    voice = colored(excitation(pulses, duration_s, fs_hz), fs_hz)
    since_s = np.arange(len(voice))[:, None] / fs_hz - onsets_s
    ramp = np.minimum(since_s, sounding / rate - since_s) / 0.01
    envelope = np.clip(ramp, 0, 1).max(axis=1)
    samples = with_noise(voice * envelope, hnr_db, rng)
    return SyntheticVoice(samples, fs_hz, pulses, hnr_db, onsets_s)


def plosives(
    voice_onset_ms: float,
    *,
    rate: float = 5.0,
    syllables: int = 15,
    f0_hz: float = 120.0,
    hnr_db: float = 40.0,
    fs_hz: int = FS_HZ,
    seed: int = 0,
) -> tuple[SyntheticVoice, Floats]:
    """Syllables with a burst, aspiration and a vowel; also the true voice onset times (ms).

    The voice begins with the first pulse that is at least `voice_onset_ms` after the burst.
    """
    rng = np.random.default_rng(seed)
    bursts_s = 0.4 + np.arange(syllables) / rate
    duration_s = float(bursts_s[-1]) + 1 / rate + 0.4
    every = pulse_train(lambda _: f0_hz, (0.0, duration_s), (0.5, 3.0), rng)
    first = np.searchsorted(every.times_s, bursts_s + voice_onset_ms / 1000)
    last = np.searchsorted(every.times_s, bursts_s + 0.6 / rate + 0.02)
    spoken = np.concatenate([np.arange(a, b) for a, b in zip(first, last, strict=True)])
    pulses = Pulses(every.times_s[spoken], every.amplitudes[spoken])
    voice = colored(excitation(pulses, duration_s, fs_hz), fs_hz)
    loud = float(np.sqrt(np.mean(voice[np.abs(voice) > 1e-3 * np.abs(voice).max()] ** 2)))
    times_s = np.arange(len(voice)) / fs_hz
    noise = rng.standard_normal(len(voice)) * loud
    for burst_s, start in zip(bursts_s, first, strict=True):
        burst = (times_s >= burst_s) & (times_s < burst_s + BURST_S)
        breath = (times_s >= burst_s + BURST_S) & (times_s < every.times_s[start])
        voice = voice + noise * (
            burst * 10 ** (BURST_DB / 20) + breath * 10 ** (ASPIRATION_DB / 20)
        )
    samples = with_noise(voice, hnr_db, rng)
    truth_ms = 1000 * (every.times_s[first] - bursts_s)
    return SyntheticVoice(samples, fs_hz, pulses, hnr_db, bursts_s), truth_ms


def corner_vowels(
    *,
    f0_hz: float = 120.0,
    vowel_s: float = 1.0,
    rest_s: float = 0.4,
    order: tuple[Formants, ...] = (FORMANTS_A, FORMANTS_I, FORMANTS_U),
    fs_hz: int = FS_HZ,
) -> Floats:
    """Vowels held one after the other, with rests between and around them.

    Parameters
    ----------
    f0_hz : float
    vowel_s, rest_s : float
    order : tuple of Formants
        /a/, /i/ and /u/ by default; what a formant tracker must find.
    fs_hz : int

    Returns
    -------
    (n_samples,) ndarray of float64
        `len(order) * vowel_s + (len(order) + 1) * rest_s` long, with noise 40 dB below.
    """
    parts = [np.zeros(round(rest_s * fs_hz))]
    for seed, formants in enumerate(order):
        vowel = sustained_vowel(
            f0_hz=f0_hz, duration_s=vowel_s, hnr_db=None, formants=formants, fs_hz=fs_hz, seed=seed
        )
        parts += [vowel.samples, np.zeros(round(rest_s * fs_hz))]
    return with_noise(np.concatenate(parts), 40.0, np.random.default_rng(9))
