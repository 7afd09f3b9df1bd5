"""Voice onset time: from the burst of a repeated syllable to its voice.

`voice_onset_times_ms(samples, fs_hz, syllables_s) -> ndarray` for a train of /pa/, /ta/ or /ka/.

The definition is that of Lisker & Abramson (1964), doi:10.1080/00437956.1964.11659830. The burst is
the steepest rise of what sounds above 2 kHz, the voice begins where what sounds below 900 Hz has
come within 12 dB of the vowel. Checked on synthetic syllables of known bursts only: no labelled
ones could be had, and every number below is this project's own, set on those. A voice that goes on
through the closure (/ba/) has no burst before it, and no value.

Deviations from Lisker & Abramson (1964): they read the burst and the first period off spectrograms
by eye; here both are thresholds of level, so a voice that begins softly begins late.
"""

import numpy as np

from functions.speech.sound import Floats

BURST_HZ = (2_000.0, 6_000.0)  # where a burst is strong and a voice weak
MIN_FS_HZ = 12_000.0  # so that the band of the burst is whole
VOICE_HZ = (60.0, 900.0)  # the first harmonics, of any voice
STEP_S = 0.001  # times are compared in tens of milliseconds
# Shorter than a burst; about one period of a voice, so that its level does not go up and down.
BURST_SMOOTHING_S, VOICE_SMOOTHING_S = 0.002, 0.006
RISE_S = 0.003  # a burst is there within it, a vowel or breath takes longer
BEFORE_S, AFTER_S = 0.12, 0.15  # around the onset of a syllable's level
MIN_RISE_DB = 12.0  # of the burst, over 3 ms and over the closure before it
CLOSURE = 25  # steps of it that are looked at
VOICE_BELOW_DB = 12.0  # of its vowel: the level of breath and of what rings on is lower
QUIETEST_DB = -90.0  # of full scale
MIN_SYLLABLES = 5  # as of a train: the median of fewer is that of one slip


def voice_onset_times_ms(samples: Floats, fs_hz: float, syllables_s: Floats) -> Floats:
    """Measure the voice onset time of every syllable that has a burst before its voice.

    Parameters
    ----------
    samples : (n,) ndarray of float64
        The whole recording.
    fs_hz : float
        `MIN_FS_HZ` or more.
    syllables_s : (n_syllables,) ndarray of float64
        Onsets of their level, as `diadochokinesis.repetition` gives them.

    Returns
    -------
    (m,) ndarray of float64
        ms, in order of time, m at most `n_syllables`: a syllable without a burst has no value.
    """
    burst_db = band_level_db(samples, fs_hz, BURST_HZ, BURST_SMOOTHING_S)
    voice_db = band_level_db(samples, fs_hz, VOICE_HZ, VOICE_SMOOTHING_S)
    onsets = (voice_onset_s(burst_db, voice_db, onset_s) for onset_s in syllables_s.tolist())
    return 1000 * np.array([time_s for time_s in onsets if time_s is not None])


def voice_onset_s(burst_db: Floats, voice_db: Floats, onset_s: float) -> float | None:
    """Measure the time from burst to voice around one onset.

    Parameters
    ----------
    burst_db, voice_db : (n_steps,) ndarray of float64
        Levels of both bands, a value every `STEP_S`, as `band_level_db` gives them.
    onset_s : float
        Onset of the syllable's level.

    Returns
    -------
    float or None
        Seconds from the middle of the burst's rise; None without a burst before the voice.
    """
    onset, lag = round(onset_s / STEP_S), round(RISE_S / STEP_S)
    earliest = max(lag, onset - round(BEFORE_S / STEP_S))
    stop = min(len(voice_db), onset + round(AFTER_S / STEP_S))
    if earliest >= min(onset, stop):
        return None
    closure = earliest + int(voice_db[earliest : onset + 1].argmin())
    vowel = voice_db[closure:stop]
    peak = int(vowel.argmax())
    quiet = np.flatnonzero(vowel[: peak + 1] < vowel[peak] - VOICE_BELOW_DB)
    if not len(quiet):  # voiced through the closure
        return None
    voice = closure + int(quiet[-1]) + 1
    start = max(lag, closure - lag)
    rise_db = burst_db[start : voice + 1] - burst_db[start - lag : voice + 1 - lag]
    burst = start + int(rise_db.argmax())
    before_db = float(np.median(burst_db[max(0, burst - CLOSURE) : burst - lag]))
    if rise_db.max() < MIN_RISE_DB or burst_db[burst] < before_db + MIN_RISE_DB:
        return None
    return (voice - burst) * STEP_S + RISE_S / 2


def band_level_db(
    samples: Floats, fs_hz: float, band_hz: tuple[float, float], smoothing_s: float
) -> Floats:
    """Measure the level of a band over time.

    Parameters
    ----------
    samples : (n,) ndarray of float64
    fs_hz : float
    band_hz : (float, float)
    smoothing_s : float
        Length of the mean of the power.

    Returns
    -------
    (n_steps,) ndarray of float64
        dB of full scale, a value every `STEP_S`, none below `QUIETEST_DB`.
    """
    power = _band(samples, fs_hz, band_hz) ** 2
    length = max(1, round(smoothing_s * fs_hz))
    smooth = np.convolve(power, np.ones(length) / length, "same")
    times = np.round(np.arange(0, len(samples) / fs_hz, STEP_S) * fs_hz).astype(np.int64)
    heard = smooth[times.clip(0, len(smooth) - 1)]
    return np.asarray(10 * np.log10(heard + 10 ** (QUIETEST_DB / 10)))


def _band(samples: Floats, fs_hz: float, band_hz: tuple[float, float]) -> Floats:
    """Cut a band from the spectrum of all samples: its edges are sharp, and nothing moves."""
    spectrum = np.fft.rfft(samples)
    frequency_hz = np.fft.rfftfreq(len(samples), 1 / fs_hz)
    spectrum[(frequency_hz < band_hz[0]) | (frequency_hz > band_hz[1])] = 0
    return np.fft.irfft(spectrum, len(samples))
