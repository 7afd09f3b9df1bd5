"""Praat, the engine: one function a command, each with the settings it is always called with.

The only module that talks to praat-parselmouth. Praat keeps global state, so a process runs one
analysis at a time; whoever calls the analysis from several threads holds a lock around it.

Settings are those of Praat's own voice report, except for the cepstrum: the smoothed cepstral peak
prominence follows Maryn & Weenink (2015), doi:10.1016/j.jvoice.2014.06.015, on whom the published
limits for Praat rest (smoothing 10 ms and 1 ms, straight trend line, "Robust": "Robust slow" costs
thirty times more and moves the value by less than 0.2 dB).

Deviations: the pitch is looked for in the person's own range rather than in one range for
all (see `course.py`), and what is sampled above 50 kHz is resampled to that.
"""

import math
from typing import Any

import numpy as np
import parselmouth
from parselmouth.praat import call

from functions.speech.contour import Contour, PitchRange
from functions.speech.sound import Floats, Sound

ENGINE = f"Praat {parselmouth.PRAAT_VERSION} (praat-parselmouth {parselmouth.__version__})"

# Octave errors grow with the width of the search range, so it is only the first guess:
# no adult voice of a healthy person speaks outside it.
WIDEST_RANGE_HZ = (60.0, 600.0)

# Cross-correlation costs the square of the rate, and above 20 kHz a voice holds nothing: going
# from 96 kHz to 50 kHz moves jitter, shimmer, HNR and CPPS by less than 0.2 % of themselves.
MAX_FS_HZ, RESAMPLING_PRECISION = 50_000.0, 50  # the rate of the voice laboratories
AUTOMATIC_STEP = 0.0  # a quarter of the window
# From here on as Praat sets them itself, unless something else is said.
MAX_CANDIDATES, VERY_ACCURATE = 15, "no"
SILENCE, VOICING, OCTAVE_COST, VOICED_UNVOICED = 0.03, 0.45, 0.01, 0.14
# Whole part (0, 0); shortest and longest period (s); largest ratio of neighboring periods
# and, for shimmer, of neighboring amplitudes.
PERIODS = (0, 0, 0.0001, 0.02, 1.3)
AMPLITUDE_RATIO = 1.6

HNR_STEP_S, HNR_FLOOR_HZ, HNR_SILENCE, HNR_PERIODS = 0.01, 75.0, 0.1, 1.0
# Maryn & Weenink (2015); in this form they are part of the script of the voice quality index.
CEPSTROGRAM = (60, 0.002, 5000, 50)
CPPS_RANGE_HZ = (60.0, 330.0)
CPPS_SMOOTHING = ("no", 0.01, 0.001)
CPPS_TREND = (0.05, "Parabolic", 0.001, 0, "Straight", "Robust")
CPPS = (*CPPS_SMOOTHING, *CPPS_RANGE_HZ, *CPPS_TREND)
N_FORMANTS, FORMANT_WINDOW_S, PRE_EMPHASIS_HZ = 5, 0.025, 50  # Praat's own
FULL_SCALE_DB = -20 * math.log10(2e-5)  # Praat's level of an RMS of 1, which it takes for 1 Pa


def praat_sound(samples: Floats, fs_hz: float) -> Any:
    """Hand samples to Praat, which takes full scale for 1 Pa and time 0 for the first of them.

    Parameters
    ----------
    samples : (n,) ndarray of float64
    fs_hz : float

    Returns
    -------
    parselmouth.Sound
    """
    return parselmouth.Sound(samples, sampling_frequency=fs_hz)


def part(sound: Sound, start_s: float, end_s: float) -> Any:
    """A part of a recording for the measures that compare waveforms; its time begins at 0."""
    return at_most_50_khz(praat_sound(sound.part(start_s, end_s), sound.fs_hz))


def at_most_50_khz(sound: Any) -> Any:
    """Resample what is faster than `MAX_FS_HZ`; everything else stays as it was recorded."""
    if sound.sampling_frequency <= MAX_FS_HZ:
        return sound
    return call(sound, "Resample", MAX_FS_HZ, RESAMPLING_PRECISION)


def opening(sound: Any, pitch: Any, end_s: float) -> tuple[Any, Any]:
    """Return a sound and its pitch until a time (s), both in the time of the whole recording.

    The pitch is a copy whose later frames are unvoiced: Praat places pulses wherever it is voiced.
    """
    opened, voiced = sound, pitch.copy()
    if end_s < sound.xmax:
        opened = call(sound, "Extract part", sound.xmin, end_s, "rectangular", 1, "yes")
        for number in 1 + np.flatnonzero(pitch.xs() > end_s):
            voiced.get_frame(int(number)).unvoice()
    return at_most_50_khz(opened), voiced


def autocorrelation_pitch(sound: Any, search: PitchRange, step_s: float = AUTOMATIC_STEP) -> Any:
    """Pitch for the course of a whole recording: cheap, and steady in running speech."""
    return _pitch(sound, "To Pitch (ac)", search, step_s)


def cross_correlation_pitch(sound: Any, search: PitchRange) -> Any:
    """Pitch for perturbation: Praat's manual recommends it for voice analysis."""
    return _pitch(sound, "To Pitch (cc)", search, AUTOMATIC_STEP)


def _pitch(sound: Any, command: str, search: PitchRange, step_s: float) -> Any:
    costs = (SILENCE, VOICING, OCTAVE_COST, search.octave_jump, VOICED_UNVOICED)
    return call(
        sound,
        command,
        step_s,
        search.floor_hz,
        MAX_CANDIDATES,
        VERY_ACCURATE,
        *costs,
        search.ceiling_hz,
    )


def pitch_contour(pitch: Any) -> Contour:
    """Return a Praat pitch as a contour in Hz, NaN where Praat says 0 for unvoiced."""
    f0_hz = np.asarray(call(pitch, "To Matrix").values, np.float64)[0]
    return Contour(np.asarray(pitch.xs()), np.where(f0_hz > 0, f0_hz, np.nan))


def f0_mean_hz(pitch: Any) -> float:
    return float(call(pitch, "Get mean", 0, 0, "Hertz"))


def f0_sd_hz(pitch: Any) -> float:
    """Return the standard deviation of the voiced frames, with n - 1 as Praat takes it."""
    return float(call(pitch, "Get standard deviation", 0, 0, "Hertz"))


def pulses(sound: Any, pitch: Any) -> Any:
    """Glottal pulses, as Praat's PointProcess."""
    return call([sound, pitch], "To PointProcess (cc)")


def pulse_times_s(points: Any) -> Floats:
    """Return when the glottal pulses are.

    Parameters
    ----------
    points : Praat's PointProcess
        As `pulses` gives it.

    Returns
    -------
    (n_pulses,) ndarray of float64
        Seconds, in the time of the sound they were found in; empty where no frame is voiced.
    """
    if not call(points, "Get number of points"):
        return np.empty(0)
    return np.asarray(call(points, "To Matrix").values, np.float64).ravel()


def jitter_percent(points: Any, kind: str) -> float:
    """Return the jitter in percent of the mean period.

    Parameters
    ----------
    points : Praat's PointProcess
    kind : {"local", "rap", "ppq5"}
        Over how many neighboring periods it is taken.

    Returns
    -------
    float
        NaN where too few periods lie within `PERIODS`.
    """
    return 100 * float(call(points, f"Get jitter ({kind})", *PERIODS))


def shimmer(sound: Any, points: Any, kind: str) -> float:
    """Return the shimmer, over the periods of `jitter_percent`.

    Parameters
    ----------
    sound : parselmouth.Sound
        The one that the pulses were found in.
    points : Praat's PointProcess
    kind : {"local", "apq3", "apq11", "local_dB"}

    Returns
    -------
    float
        A fraction of the mean amplitude, not percent; of "local_dB" decibels. NaN where too few
        periods can be compared.
    """
    return float(call([sound, points], f"Get shimmer ({kind})", *PERIODS, AMPLITUDE_RATIO))


def hnr_db(sound: Any, floor_hz: float) -> float:
    """Return the mean harmonics-to-noise ratio of the voiced frames.

    Parameters
    ----------
    sound : parselmouth.Sound
    floor_hz : float
        The lowest pitch of the person: a voice below `HNR_FLOOR_HZ` needs a longer window.

    Returns
    -------
    float
        dB; NaN where no frame is periodic.
    """
    lowest = min(HNR_FLOOR_HZ, floor_hz)
    harmonicity = call(sound, "To Harmonicity (cc)", HNR_STEP_S, lowest, HNR_SILENCE, HNR_PERIODS)
    return float(call(harmonicity, "Get mean", 0, 0))


def cpps_db(sound: Any, search: PitchRange | None = None) -> float:
    """Return the smoothed cepstral peak prominence.

    Parameters
    ----------
    sound : parselmouth.Sound
    search : PitchRange, optional
        Where the peak is looked for; by default in `CPPS_RANGE_HZ`, as the published limits ask.

    Returns
    -------
    float
        dB.
    """
    low_hz, high_hz = CPPS_RANGE_HZ if search is None else (search.floor_hz, search.ceiling_hz)
    cepstrogram = call(sound, "To PowerCepstrogram", *CEPSTROGRAM)
    return float(call(cepstrogram, "Get CPPS", *CPPS_SMOOTHING, low_hz, high_hz, *CPPS_TREND))


def formants(sound: Any, ceiling_hz: float) -> Any:
    """Praat's formants of a part by Burg's method, searched up to a ceiling (Hz)."""
    return call(
        sound,
        "To Formant (burg)",
        0,
        N_FORMANTS,
        ceiling_hz,
        FORMANT_WINDOW_S,
        PRE_EMPHASIS_HZ,
    )


def formant_median_hz(tracks: Any, number: int) -> float:
    return float(call(tracks, "Get quantile", number, 0, 0, "hertz", 0.5))


def formant_contour(tracks: Any, number: int) -> Contour:
    """Return the track of one formant (1 is the lowest) in Hz, NaN where Praat found fewer."""
    times_s = np.asarray(tracks.xs(), np.float64)
    return Contour(times_s, np.array([tracks.get_value_at_time(number, t) for t in times_s]))


def intensity_contour(sound: Any, floor_hz: float) -> Contour:
    """Return the level over time.

    Parameters
    ----------
    sound : parselmouth.Sound
    floor_hz : float
        The window is 3.2 of its periods long: a lower one smooths more.

    Returns
    -------
    Contour
        dB relative to full scale (an RMS of 1), its mean over the window with DC taken out.
    """
    intensity = call(sound, "To Intensity", floor_hz, 0, "yes")
    level_db = np.asarray(intensity.values, np.float64)[0] - FULL_SCALE_DB
    return Contour(np.asarray(intensity.xs()), level_db)
