"""How much of a recording is clipped."""

from functions.speech.sound import Floats, peak_of
from shared.science.signals import spans

CLIP_STEP = 2.0**-15  # samples that differ by less are equal in a 16-bit file
CLIP_RUN = 3  # a peak of a voice reaches its maximum with one sample, by chance with two
MIN_CLIP_PEAK = 0.05  # below it a 16-bit step is coarse enough to make many peaks equal


def clipped_percent(samples: Floats) -> float:
    """Share of samples in runs of `CLIP_RUN` or more at the largest amplitude of the file.

    The peaks of a voice differ from period to period, so hardly one of them reaches it unclipped.
    """
    peak = peak_of(samples)
    if peak < MIN_CLIP_PEAK:
        return 0.0
    at_peak = (samples >= peak - CLIP_STEP) | (samples <= CLIP_STEP - peak)
    clipped = sum(stop - start for start, stop in spans(at_peak, at_least=CLIP_RUN))
    return float(100 * clipped / len(samples))
