"""What lossy codecs do to the measures, and what of it the stream itself tells.

`keeps(name, stream) -> bool`: whether a measure may still be held against a limit, by the codec's
family and its bits a second. An Opus stream also says of every packet whether it was coded as
speech (SILK, alone or below 8 kHz), which redraws the waveform by prediction.

The limits in `KEPT_FROM_KBPS` are measured by `training/codec_limits.py` and stand with their
intervals in the method card. A measure is kept from the lowest rate on at which, with every encoder
of the family, nine in ten of the voices that were encoded stay within `TOLERANCES`.
"""

from functions.speech.sound import Stream

PERTURBATION = ("jitter_local", "jitter_rap", "jitter_ppq5")
AMPLITUDE = ("shimmer_local", "shimmer_apq3", "shimmer_apq11", "shimmer_local_db")
NOISE = ("hnr", "cpps", "avqi")
CHANGED_BY_CODECS = frozenset((*PERTURBATION, *AMPLITUDE, *NOISE))

# How far a value may move and still be called the voice's: of jitter and shimmer a share of
# themselves, of HNR and CPPS decibels.
TOLERANCES = {"jitter": 0.10, "shimmer": 0.10, "hnr": 1.0, "cpps": 0.5}

SPEECH_CODED = 0.1  # of the packets
RATE_MARGIN = 0.95  # of the nominal rate: streams vary around it
# Nominal kbit/s from which on a group of measures is kept; a group that is missing never is.
KEPT_FROM_KBPS: dict[str, dict[str, float]] = {
    "opus": {"jitter": 96.0, "hnr": 96.0, "cpps": 96.0},
    "vorbis": {"jitter": 96.0},
    "mp3": {"jitter": 96.0, "shimmer": 192.0, "hnr": 192.0, "cpps": 96.0},
    "aac": {"jitter": 128.0, "shimmer": 192.0, "hnr": 192.0, "cpps": 128.0},
    "companded": {},
}


def keeps(name: str, stream: Stream) -> bool:
    """Tell whether the encoding leaves a measure as it was.

    Parameters
    ----------
    name : str
        Of the biomarker.
    stream : Stream

    Returns
    -------
    bool
        True for every measure that codecs were not seen to change.

    Examples
    --------
    >>> opus = Stream("opus", bit_rate=64_000)
    >>> keeps("cpps", opus), keeps("f0_mean", opus)
    (False, True)
    """
    if name not in CHANGED_BY_CODECS:
        return True
    if stream.speech_coded > SPEECH_CODED:
        return False
    least_kbps = KEPT_FROM_KBPS.get(stream.codec, {}).get(group_of(name))
    return least_kbps is not None and stream.bit_rate >= 1000 * RATE_MARGIN * least_kbps


def group_of(name: str) -> str:
    """The group of measures that share a tolerance; AVQI rests on CPPS, HNR and shimmer."""
    if name in PERTURBATION:
        return "jitter"
    return "shimmer" if name in AMPLITUDE or name == "avqi" else name
