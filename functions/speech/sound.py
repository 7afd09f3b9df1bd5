"""What a recording of a voice is, once its file format is behind us."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

type Floats = npt.NDArray[np.float64]
type Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Stream:
    """What a lossy stream tells about itself.

    Attributes
    ----------
    codec : str
        Family: "opus", "vorbis", "mp3", "aac", or "companded" (mu-law, A-law).
    bit_rate : float
        Bits a second and channel.
    speech_coded : float
        Share of an Opus stream's packets that are coded as speech (SILK, alone or in hybrid).
    bandwidth_hz : float
        The widest that its packets announce, else half of the sampling rate.
    """

    codec: str
    bit_rate: float
    speech_coded: float = 0.0
    bandwidth_hz: float = 20_000.0

    def __str__(self) -> str:
        return f"{self.codec}, {self.bit_rate / 1000:.0f} kbit/s"


@dataclass(frozen=True)
class Sound:
    """A recording as one channel.

    Attributes
    ----------
    samples : (n_samples,) ndarray of float64
        Within [-1, 1], where 1 is the file's full scale; never filtered, trimmed or normalized.
    fs_hz : float
        Sampling frequency, the file's own.
    codec : str
        Such as "pcm_s16le", "flac" or "opus", for the provenance.
    stream : Stream or None
        What the encoded stream tells; None where the codec loses nothing.
    channels : int
        How many there were before they were mixed to one.
    warnings : tuple of str
        What the decoder had to note, in sentences for people.
    missing_end : str or None
        What the file announces beyond what it holds, in a sentence.
    """

    samples: Floats
    fs_hz: float
    codec: str
    stream: Stream | None = None
    channels: int = 1
    warnings: tuple[str, ...] = ()
    missing_end: str | None = None

    @property
    def duration_s(self) -> float:
        return len(self.samples) / self.fs_hz

    def part(self, start_s: float, end_s: float) -> Floats:
        """Samples from `start_s` until `end_s`."""
        return self.samples[round(start_s * self.fs_hz) : round(end_s * self.fs_hz)]


def peak_of(samples: Floats) -> float:
    """Return the largest magnitude, without a copy of ten minutes.

    Parameters
    ----------
    samples : (n,) ndarray of float64
        At least one.

    Returns
    -------
    float
        In the unit of the samples.
    """
    return float(max(samples.max(), -samples.min()))
