"""The noise of a recording, heard where the voice rests.

`noise_between(level, voiced, voice_db) -> Rests`. A noise gate, an editor or a codec may have
silenced the rests; then the noise under the voice is not known, and no ratio to it is given.
"""

from dataclasses import dataclass

import numpy as np

from functions.speech.contour import Contour
from functions.speech.sound import Flags
from shared.science.signals import spans

QUIET_QUANTILE = 0.1  # of the frames of a pause: breath lies above
MIN_QUIET_S = 0.4  # without voice at a stretch: voiceless consonants are shorter
# 16 bits round at -101 dB of full scale, and no microphone is as quiet as that.
SILENCED_DB = -95.0
MAX_SILENCED_SHARE = 0.35  # recorders write some silence before they hear anything
MAX_SNR_DB = 70.0  # a headset in a booth; 38 dB is the most that a labelled recording has


@dataclass(frozen=True)
class Rests:
    """What is heard where the voice rests.

    Attributes
    ----------
    noise_db : float or None
        dB of full scale; None where the voice never rests, or where its rests were silenced.
    silenced : bool
        Whether something took the noise away.
    """

    noise_db: float | None
    silenced: bool


def noise_between(level: Contour, voiced: Flags, voice_db: float) -> Rests:
    """Measure the level of the quiet frames between the voiced ones.

    Parameters
    ----------
    level : Contour
        In dB of full scale.
    voiced : (n_frames,) ndarray of bool
        What to leave out.
    voice_db : float
        Level of the voice, in the same dB.

    Returns
    -------
    Rests
        Silenced where more than `MAX_SILENCED_SHARE` of the rests is below any microphone, or the
        voice more than `MAX_SNR_DB` above them.
    """
    rests = [
        level.values[start:stop]
        for start, stop in spans(~voiced)
        if (stop - start) * level.step_s >= MIN_QUIET_S
    ]
    if not rests:
        return Rests(None, silenced=False)
    quiet_db = np.concatenate(rests)
    heard_db = quiet_db[quiet_db > SILENCED_DB]
    if len(heard_db) < (1 - MAX_SILENCED_SHARE) * len(quiet_db):
        return Rests(None, silenced=True)
    noise_db = float(np.quantile(heard_db, QUIET_QUANTILE))
    if voice_db - noise_db > MAX_SNR_DB:
        return Rests(None, silenced=True)
    return Rests(noise_db, silenced=False)
