"""What a recording of a voice is, once its file format is behind us."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

type Floats = npt.NDArray[np.float64]
type Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Sound:
    """A recording as one channel.

    Attributes
    ----------
    samples : ndarray of float64, shape (n_samples,)
        Within [-1, 1], where 1 is the file's full scale; never filtered, trimmed or normalized.
    fs_hz : float
        Sampling frequency, the file's own.
    codec : str
        Such as "pcm_s16le", "flac" or "opus", for the provenance.
    bit_rate : float or None
        Bits a second of the encoded audio; None where the codec loses nothing.
    channels : int
        How many there were before they were mixed to one.
    warnings : tuple of str
        What the decoder had to note, in sentences for people.
    """

    samples: Floats
    fs_hz: float
    codec: str
    bit_rate: float | None = None
    channels: int = 1
    warnings: tuple[str, ...] = ()

    @property
    def duration_s(self) -> float:
        return len(self.samples) / self.fs_hz

    def part(self, start_s: float, end_s: float) -> Floats:
        """Samples from `start_s` until `end_s`."""
        return self.samples[round(start_s * self.fs_hz) : round(end_s * self.fs_hz)]


def peak_of(samples: Floats) -> float:
    """Largest magnitude, without a copy of ten minutes."""
    return float(max(samples.max(), -samples.min()))
