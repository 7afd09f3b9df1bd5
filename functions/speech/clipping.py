"""How much of a recording is clipped."""

from functions.speech.sound import Floats, peak_of
from shared.science.signals import spans

CLIP_STEP = 2.0**-15  # samples that differ by less are equal in a 16-bit file
CLIP_RUN = 3  # a peak of a voice reaches its maximum with one sample, by chance with two
MIN_CLIP_PEAK = 0.05  # below it a 16-bit step is coarse enough to make many peaks equal


def clipped_percent(samples: Floats) -> float:
    """Measure the share of samples in runs at the largest amplitude of the file.

    The peaks of a voice differ from period to period, so hardly one of them reaches it unclipped. A
    sound that was clipped and then coded with loss is not told: its peaks differ again.

    Parameters
    ----------
    samples : (n,) ndarray of float64
        Full scale 1.

    Returns
    -------
    float
        0-100, in runs of `CLIP_RUN` or more; 0 where the peak is below `MIN_CLIP_PEAK`.

    Examples
    --------
    >>> import numpy as np
    >>> clipped_percent(np.array([0.0, 0.9, 0.9, 0.9, 0.1, -0.9, 0.2, 0.3, 0.4, 0.5]))
    30.0
    """
    if (peak := peak_of(samples)) < MIN_CLIP_PEAK:
        return 0.0
    at_peak = (samples >= peak - CLIP_STEP) | (samples <= CLIP_STEP - peak)
    clipped = sum(stop - start for start, stop in spans(at_peak, at_least=CLIP_RUN))
    return float(100 * clipped / len(samples))
