"""What kind of sound is periodic here: one voice, two at once, a melody, or a whisper.

Three questions that pitch and harmonicity alone do not answer:

`simultaneous_pitches(samples, fs_hz) -> float`
    The share of the time in which two periods together explain what neither explains alone, by the
    cancellation of de Cheveigné & Kawahara (1999), "Multiple period estimation and pitch perception
    model", Speech Communication 27, 175-185, doi:10.1016/S0167-6393(98)00074-0.
    Deviations: the cancellation is computed from the autocorrelation of a window, 50 to 1800 Hz
    only; a pair in a ratio of small numbers, whose common period cancels both, is looked for too.
`is_melody(f0) -> bool`
    Whether the pitch of a vowel moves from note to note instead of staying.
`CHANCE_CPPS_DB`
    The smoothed cepstral peak prominence of sound without any period: noise shaped by resonances
    (a whisper) has a pitch by its lowest resonance, but no peak in its cepstrum.
"""

from itertools import pairwise

import numpy as np

from functions.speech.contour import Contour
from functions.speech.sound import Floats

# Cepstral peaks of whispers made of noise: 2.2 to 2.8 dB whatever their resonances; of speech with
# noise at 5 dB and of the hoarsest synthetic vowels: 3.5 dB and more.
CHANCE_CPPS_DB = 3.0

# A sustained vowel stays within two semitones of its median (twice what a strong tremor moves):
# labelled ones for 96 % of the time and more, melodies of random notes for 17 to 42 %.
HELD_ST, MIN_HELD_SHARE = 2.0, 0.5
# A note: level for a tenth of a second, and the next soon after it; a tremor or a
# glide has no level parts, and a voice that breaks into another register has one step, or two.
NOTE_ST, MIN_NOTE_S, MAX_STEP_S, MIN_STEP_ST, MAX_STEPS = 0.35, 0.1, 0.3, 0.8, 2
OCTAVE_ST, OCTAVE_TOLERANCE_ST = 12.0, 0.5  # a step of an octave may be an error

LAG_FS_HZ = 32_000  # lags are a whole number of its samples: 1 % of the shortest period
BAND_HZ = (50.0, 1_800.0)  # higher harmonics lose their phase by jitter within a window
BAND_FS_HZ = 8_000  # the lowest rate that is read; more than twice the band
SLOWEST_HZ, FASTEST_HZ = 60, 600  # as `praat.WIDEST_RANGE_HZ`
WINDOW_S, HOP_S = 0.12, 0.1  # three periods of the lowest voice
MAX_SOUND_S = 6.0  # bounds the cost at 0.2 s of CPU
MIN_RESIDUAL = 0.05  # what one period leaves of one voice: below it nothing is left to explain
MAX_RATIO = 0.25  # of what two periods leave to what one leaves; one voice with noise: above 0.35
LOCKED_RESIDUAL = 0.02  # two pitches in a ratio of small numbers have one period in common
NOISE_MARGIN = 1.2  # what the common period leaves is noise, and no pair can leave less
SHORTER = 0.8  # of the common period: half and two thirds of it are, its own neighborhood is not
MIN_SHARE = 0.5  # of the windows: two voices fill most of them, single windows are chance


def is_melody(f0: Contour) -> bool:
    """Whether a vowel is not held on one pitch, or moves in steps from note to note."""
    semitones = 12 * np.log2(f0.values[f0.present])
    if not len(semitones):  # nothing is left of a short vowel without its edges
        return False
    held = np.abs(semitones - np.median(semitones)) <= HELD_ST
    return bool(held.mean() < MIN_HELD_SHARE) or note_steps(f0) > MAX_STEPS


def note_steps(f0: Contour) -> int:
    """How often one level pitch is followed at once by another, octaves left out."""
    sequence = notes(f0)
    steps = 0
    for (_, end_s, before), (start_s, _, after) in pairwise(sequence):
        change_st = abs(after - before)
        is_octave = abs(change_st - OCTAVE_ST) < OCTAVE_TOLERANCE_ST
        steps += start_s - end_s <= MAX_STEP_S and change_st >= MIN_STEP_ST and not is_octave
    return steps


def notes(f0: Contour) -> list[tuple[float, float, float]]:
    """Start, end (s) and height (semitones re 1 Hz) of every level part of a contour."""
    semitones = 12 * np.log2(f0.values)
    spans: list[tuple[int, int]] = []
    start, low, high = 0, np.inf, -np.inf
    for index, value in enumerate(semitones.tolist()):
        low, high = min(low, value), max(high, value)
        if np.isnan(value) or high - low > 2 * NOTE_ST:  # the value begins another part
            spans.append((start, index))
            start, low, high = (
                (index + 1, np.inf, -np.inf) if np.isnan(value) else (index, value, value)
            )
    spans.append((start, len(semitones)))
    return [
        (float(f0.times_s[a]), float(f0.times_s[b - 1]), float(semitones[a:b].mean()))
        for a, b in spans
        if b > a and f0.times_s[b - 1] - f0.times_s[a] >= MIN_NOTE_S
    ]


def simultaneous_pitches(samples: Floats, fs_hz: float) -> float:
    """Measure the share of the windows in which two pitches sound at once.

    Parameters
    ----------
    samples : (n,) ndarray of float64
        The sounding part; its first `MAX_SOUND_S` are looked at.
    fs_hz : float
        8 kHz or more.

    Returns
    -------
    float
        0-1; 0 where no window fits.
    """
    windows = [two_pitches(r) for r in autocorrelations(samples[: int(MAX_SOUND_S * fs_hz)], fs_hz)]
    return float(np.mean(windows)) if windows else 0.0


def two_pitches(r: Floats) -> bool:
    """Tell whether two periods cancel a window that no single period cancels.

    The power left by x(t) - x(t - T) is 2 - 2 r(T), and what a second period in cascade leaves
    follows from r alone, both here relative to what white noise keeps.

    Parameters
    ----------
    r : (n_lags,) ndarray of float64
        Autocorrelation at lags of 1 / `LAG_FS_HZ`, 1 at lag 0, up to twice the longest period.

    Returns
    -------
    bool
    """
    lags = np.arange(LAG_FS_HZ // FASTEST_HZ, LAG_FS_HZ // SLOWEST_HZ + 1)
    alone = 1 - r[lags]
    best = float(alone.min())
    together = cascade(r, lags)
    if best > MIN_RESIDUAL and together.min() < MAX_RATIO * best:
        return True
    # In a ratio of small numbers (a fifth, a fourth) the common period cancels both: then two
    # shorter ones do so, of which neither does alone, as no voice with all its harmonics lets them.
    # Two lags that are merely near to one period leave the product of what each leaves.
    short = (lags < SHORTER * lags[alone.argmin()]) & (alone > 2 * MIN_RESIDUAL)
    if not short.any():
        return False
    pairs = together[np.ix_(short, short)]
    by_chance = alone[short][:, None] * alone[short][None, :]
    is_explained = pairs < max(LOCKED_RESIDUAL, NOISE_MARGIN * best)
    return bool(np.any(is_explained & (pairs < MAX_RATIO * by_chance)))


def cascade(r: Floats, lags: np.ndarray) -> Floats:
    """Return what is left by each pair of lags, 1 for white noise, shape (n_lags, n_lags)."""
    first, second = lags[:, None], lags[None, :]
    crossed = (r[first + second] + r[np.abs(first - second)]) / 2
    return np.asarray(1 - r[first] - r[second] + crossed)


def autocorrelations(samples: Floats, fs_hz: float) -> list[Floats]:
    """Measure the autocorrelation of every window.

    It is divided by that of the window (Boersma 1993): a window alone lowers it at longer lags,
    which would favor short periods. Windows of silence are left out.

    Parameters
    ----------
    samples : (n,) ndarray of float64
    fs_hz : float

    Returns
    -------
    list of (n_lags,) ndarray of float64
        1 at lag 0, at lags of 1 / `LAG_FS_HZ`.
    """
    sound = banded(samples, fs_hz)
    window = np.hanning(round(WINDOW_S * BAND_FS_HZ))
    of_window = correlation(window)
    windows = []
    for start in range(0, len(sound) - len(window), round(HOP_S * BAND_FS_HZ)):
        piece = sound[start : start + len(window)]
        r = correlation((piece - piece.mean()) * window)
        if r[0] > 0:
            windows.append(r / of_window * of_window[0] / r[0])
    return windows


def correlation(piece: Floats) -> Floats:
    """Autocorrelation at lags of 1 / `LAG_FS_HZ`, up to twice the longest period."""
    size = 2 ** int(np.ceil(np.log2(2 * len(piece))))
    power = np.abs(np.fft.rfft(piece, size)) ** 2
    fine = np.fft.irfft(power, size * LAG_FS_HZ // BAND_FS_HZ)
    return np.asarray(fine[: 2 * LAG_FS_HZ // SLOWEST_HZ + 2])


def banded(samples: Floats, fs_hz: float) -> Floats:
    """The sound within `BAND_HZ` at `BAND_FS_HZ`."""
    spectrum = np.fft.rfft(samples)
    frequency_hz = np.fft.rfftfreq(len(samples), 1 / fs_hz)
    spectrum[(frequency_hz < BAND_HZ[0]) | (frequency_hz > BAND_HZ[1])] = 0
    length = round(len(samples) * BAND_FS_HZ / fs_hz)
    return np.asarray(np.fft.irfft(spectrum[: length // 2 + 1], length))
