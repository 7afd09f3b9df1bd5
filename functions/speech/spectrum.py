"""The balance of a voice's spectrum: how fast it falls from low to high frequencies.

`spectral_balance(samples, fs_hz, f0) -> Balance | None`.

Alpha ratio and Hammarberg index are those of the Geneva set eGeMAPS (Eyben et al. 2016,
doi:10.1109/TAFFC.2015.2457417): means over the voiced frames of 20 ms. Pitch comes from Praat, so a
frame more or less is voiced than in openSMILE. The difference of the first two harmonics is taken
as it sounds, without taking out the formants: it is not the set's logRelF0-H1-H2.
"""

from dataclasses import dataclass

import numpy as np

from functions.speech.contour import Contour
from functions.speech.prosody import voiced_at
from functions.speech.sound import Floats

FRAME_S, STEP_S = 0.02, 0.01  # eGeMAPS
HARMONIC_FRAME_S = 0.06  # parts the harmonics of a low voice
LOW_HZ, MIDDLE_HZ, HIGH_HZ = 50.0, 1_000.0, 5_000.0  # eGeMAPS: the bands of the alpha ratio
HAMMARBERG_HZ = 2_000.0  # Hammarberg et al. (1980), doi:10.3109/00016488009131746
HARMONIC_WIDTH = 0.2  # of the pitch, on both sides of a harmonic
MAX_SOUND_S = 10.0  # bounds the memory
MIN_FRAMES = 10  # own choice: a tenth of a second
MIN_FS_HZ = 2 * HIGH_HZ  # so that the upper band is whole


@dataclass(frozen=True)
class Balance:
    """Three ratios in dB.

    1-5 kHz over 50-1000 Hz; the peak below 2 kHz over that of 2-5 kHz; first harmonic over second.
    """

    alpha_ratio_db: float
    hammarberg_index_db: float
    h1_h2_db: float


def spectral_balance(samples: Floats, fs_hz: float, f0: Contour) -> Balance | None:
    """Measure the balance of the voiced frames.

    Parameters
    ----------
    samples : (n,) ndarray of float64
        Its first `MAX_SOUND_S` are looked at; `f0` begins with it.
    fs_hz : float
        `MIN_FS_HZ` or more.
    f0 : Contour
        Pitch in Hz, NaN where unvoiced.

    Returns
    -------
    Balance or None
        None with fewer than `MIN_FRAMES` voiced frames. A ratio is NaN where one of its bands holds
        no sound in any frame.
    """
    sound = samples[: round(MAX_SOUND_S * fs_hz)]
    times_s, frequency_hz, power = spectra(sound, fs_hz, FRAME_S)
    voiced = voiced_at(f0, times_s) if len(times_s) else np.zeros(0, bool)
    if voiced.sum() < MIN_FRAMES:
        return None
    bands = power[voiced]
    low = bands[:, (frequency_hz >= LOW_HZ) & (frequency_hz < MIDDLE_HZ)]
    high = bands[:, (frequency_hz >= MIDDLE_HZ) & (frequency_hz < HIGH_HZ)]
    below = bands[:, frequency_hz < HAMMARBERG_HZ]
    above = bands[:, (frequency_hz >= HAMMARBERG_HZ) & (frequency_hz < HIGH_HZ)]
    return Balance(
        alpha_ratio_db=mean_db(high.sum(axis=1), low.sum(axis=1)),
        hammarberg_index_db=mean_db(below.max(axis=1), above.max(axis=1)),
        h1_h2_db=first_over_second_harmonic_db(sound, fs_hz, f0),
    )


def mean_db(over: Floats, under: Floats) -> float:
    """Return the mean of a ratio in dB over the frames where there is one; NaN where there is none.

    Parameters
    ----------
    over, under : (n_frames,) ndarray of float64
        Powers.

    Returns
    -------
    float
        A mean of levels, as eGeMAPS has it, not the level of a mean.

    Examples
    --------
    >>> mean_db(np.array([100.0, 1.0, 5.0]), np.array([1.0, 1.0, 0.0]))
    10.0
    """
    heard = (over > 0) & (under > 0)
    return (
        float(np.mean(10 * np.log10(over[heard] / under[heard]))) if heard.any() else float("nan")
    )


def first_over_second_harmonic_db(sound: Floats, fs_hz: float, f0: Contour) -> float:
    """Measure the mean ratio of the first harmonic to the second in dB, formants left in.

    Parameters
    ----------
    sound : (n,) ndarray of float64
    fs_hz : float
    f0 : Contour
        Its frame nearest to each frame of the spectrum says where the harmonics lie.

    Returns
    -------
    float
        NaN where no frame is voiced.
    """
    times_s, frequency_hz, power = spectra(sound, fs_hz, HARMONIC_FRAME_S)
    first, second = [], []
    for time_s, spectrum in zip(times_s, power, strict=True):
        f0_hz = f0.values[np.abs(f0.times_s - time_s).argmin()]
        if np.isnan(f0_hz):
            continue
        width_hz = HARMONIC_WIDTH * f0_hz
        first.append(spectrum[np.abs(frequency_hz - f0_hz) < width_hz].max())
        second.append(spectrum[np.abs(frequency_hz - 2 * f0_hz) < width_hz].max())
    return mean_db(np.array(first), np.array(second))


def spectra(sound: Floats, fs_hz: float, frame_s: float) -> tuple[Floats, Floats, Floats]:
    """Measure the power spectrum of every frame.

    Parameters
    ----------
    sound : (n,) ndarray of float64
    fs_hz : float
    frame_s : float
        Length of a frame, weighted by a Hamming window.

    Returns
    -------
    times_s : (n_frames,) ndarray of float64
        Centers, `STEP_S` apart.
    frequency_hz : (n_frequencies,) ndarray of float64
    power : (n_frames, n_frequencies) ndarray of float64
        Not scaled: only ratios are taken of it.
    """
    length, step = round(frame_s * fs_hz), round(STEP_S * fs_hz)
    count = max(0, 1 + (len(sound) - length) // step)
    starts = step * np.arange(count)
    frames = sound[starts[:, None] + np.arange(length)] * np.hamming(length)
    size = 4 * 2 ** int(np.ceil(np.log2(length)))  # fine enough to find the top of a harmonic
    power = np.asarray(np.abs(np.fft.rfft(frames, size, axis=1)) ** 2, np.float64)
    return np.asarray((starts + length / 2) / fs_hz), np.fft.rfftfreq(size, 1 / fs_hz), power
