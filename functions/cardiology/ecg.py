"""What an electrocardiogram is, once its file format is behind us."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

type Floats = npt.NDArray[np.float64]

STANDARD_LEADS = ("I", "II", "III", "aVR", "aVL", "aVF", "V1", "V2", "V3", "V4", "V5", "V6")


@dataclass(frozen=True)
class Ecg:
    """A recording in millivolts.

    Attributes
    ----------
    signal_mv : (n_samples, n_leads) ndarray of float32
        NaN where the file says that there is no value.
    fs_hz : float
        Sampling frequency.
    leads : tuple of str
        Standard names where the file gives them (`STANDARD_LEADS`), its own otherwise.
    file_format : str
        Such as "WFDB 212" or "EDF+", for the provenance.
    warnings : tuple of str
        What the decoder had to note, in sentences for people.
    paced : bool
        True where the file mentions a pacemaker (only WFDB headers do); False says nothing.
    """

    signal_mv: npt.NDArray[np.float32]
    fs_hz: float
    leads: tuple[str, ...]
    file_format: str
    warnings: tuple[str, ...] = ()
    paced: bool = False

    @property
    def duration_s(self) -> float:
        return len(self.signal_mv) / self.fs_hz
