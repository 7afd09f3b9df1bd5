"""What timing gives, of speech and of repeated syllables."""

import statistics
from collections.abc import Mapping

from functions.speech.collected import Collected
from functions.speech.diadochokinesis import Repetition
from functions.speech.prosody import Speaking
from functions.speech.sound import Sound
from functions.speech.voice_onset import MIN_FS_HZ, MIN_SYLLABLES, voice_onset_times_ms


def add_voice_onset_time(collected: Collected, sound: Sound, train: Repetition) -> None:
    """Add the median voice onset time of a train, where enough syllables have a burst.

    A median: one slip of the tongue moves it little.
    """
    if sound.fs_hz < MIN_FS_HZ:
        reason = f"needs a sampling rate of {MIN_FS_HZ:g} Hz or more"
        collected.leave_out(("voice_onset_time",), "low-sampling-rate", reason)
        return
    times_ms = voice_onset_times_ms(sound.samples, sound.fs_hz, train.syllables_s)
    enough = len(times_ms) >= MIN_SYLLABLES
    reason = f"fewer than {MIN_SYLLABLES} syllables have a burst before their voice"
    middle_ms = statistics.median(times_ms.tolist()) if enough else None
    collected.add("voice_onset_time", middle_ms, "no-burst", reason)


def rhythm(train: Repetition) -> Mapping[str, float]:
    """Return rate (syllables a second) and regularity (percent) by the names of the catalog."""
    return {"ddk_rate": train.rate_per_s, "ddk_regularity": train.regularity_percent}


def add_timing(collected: Collected, timing: Speaking, *, noise_hides_pauses: bool) -> None:
    """Rates and pauses of speech.

    Where the noise lies above what counts as a pause, none of them can be known.
    """
    if noise_hides_pauses:
        names = ("speech_rate", "articulation_rate", "pause_ratio", "pause_mean", "phonation_time")
        collected.leave_out(names, "too-noisy", "the noise is louder than what counts as a pause")
        return
    collected.values["speech_rate"] = timing.speech_rate
    collected.values["articulation_rate"] = timing.articulation_rate
    collected.values["pause_ratio"] = timing.pause_ratio
    collected.values["phonation_time"] = timing.phonation_s
    collected.add("pause_mean", timing.pause_mean_s, "no-pause", "there is no pause")
