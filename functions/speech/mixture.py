"""The channels of a recording, mixed to one while they are decoded."""

from collections import Counter
from dataclasses import dataclass, field

import numpy as np
from av.audio.frame import AudioFrame

from functions.speech import unreadable
from functions.speech.sound import Floats
from functions.speech.unreadable import (
    MAX_CHANNELS,
    MAX_FS_HZ,
    MIN_FS_HZ,
    InvalidSampleValues,
    RecordingTooLong,
    TooManyChannels,
    UnsupportedCodec,
    UnsupportedSampleRate,
)

CANCELLED = 0.2  # of the loudest channel's power: two channels, one of them silent, leave 0.25

# Full scale and zero of FFmpeg's sample formats; planar ones end in "p".
SCALES = {
    "u8": (128.0, 128.0),
    "s16": (2.0**15, 0.0),
    "s32": (2.0**31, 0.0),
    "s64": (2.0**63, 0.0),
    "flt": (1.0, 0.0),
    "dbl": (1.0, 0.0),
}


@dataclass
class Mixture:
    """The channels of a growing recording, mixed to one.

    Attributes
    ----------
    fs_hz, channels : int
        Of the first frame; all others must have the same.
    pcm : bytearray
        float64 of -1 to 1; a byte array grows in place, so the recording is never copied.
    encoded_bytes : int
        Length of the packets before decoding.
    opus_configurations : Counter of int
        Packets by the configuration that their first byte states (RFC 6716, section 3.1).
    power : float
        Sum of the squared samples of the mixture.
    channel_power : (channels,) ndarray of float64
        The same of each channel.
    """

    fs_hz: int = 0
    channels: int = 0
    pcm: bytearray = field(default_factory=bytearray)
    encoded_bytes: int = 0
    opus_configurations: Counter[int] = field(default_factory=Counter)
    power: float = 0.0
    channel_power: Floats = field(default_factory=lambda: np.zeros(1))

    @property
    def n_samples(self) -> int:
        return len(self.pcm) // 8

    def add(self, frame: AudioFrame) -> None:
        """Mix one decoded frame to the end, or refuse it.

        Raises
        ------
        UnsupportedCodec
            If its sample format is none of `SCALES`.
        UnsupportedSampleRate
            If its rate is not that of the first frame, or not within `MIN_FS_HZ` to `MAX_FS_HZ`.
        TooManyChannels
            If it has not the channels of the first frame, or not 1 to `MAX_CHANNELS`.
        InvalidSampleValues
            If a sample is not finite.
        RecordingTooLong
            As soon as the limit is exceeded, whatever the file announces.
        """
        channels = channels_of(frame)
        if not self.fs_hz:
            self.start(frame.sample_rate, len(channels))
        if frame.sample_rate != self.fs_hz:
            raise UnsupportedSampleRate(frame.sample_rate)
        if len(channels) != self.channels:
            raise TooManyChannels(len(channels))
        mixed = channels.mean(axis=0)
        if not np.isfinite(mixed).all():
            raise InvalidSampleValues
        self.power += float(mixed @ mixed)
        self.channel_power += np.sum(channels**2, axis=1)
        self.pcm += np.clip(mixed, -1.0, 1.0).tobytes()
        if self.n_samples > most_samples(self.fs_hz):
            raise RecordingTooLong

    def start(self, fs_hz: int, channels: int) -> None:
        if not MIN_FS_HZ <= fs_hz <= MAX_FS_HZ:
            raise UnsupportedSampleRate(fs_hz)
        if not 1 <= channels <= MAX_CHANNELS:
            raise TooManyChannels(channels)
        self.fs_hz, self.channels = fs_hz, channels
        self.channel_power = np.zeros(channels)

    @property
    def warnings(self) -> tuple[str, ...]:
        """A sentence where the channels cancel each other: two in opposite phase leave nothing."""
        if self.power < CANCELLED * float(self.channel_power.max()):
            return ("The channels partly cancel each other when they are mixed to one.",)
        return ()


def most_samples(fs_hz: int) -> float:
    """Return how many samples are read: by the duration, and by the memory at high rates."""
    return min(unreadable.MAX_DURATION_S * fs_hz, unreadable.MAX_SAMPLES)


def channels_of(frame: AudioFrame) -> Floats:
    """Return the samples of a frame as numbers of full scale 1.

    Parameters
    ----------
    frame : AudioFrame

    Returns
    -------
    (n_channels, n_samples) ndarray of float64

    Raises
    ------
    UnsupportedCodec
        If the sample format is none of `SCALES`.
    """
    name = frame.format.name
    if name.removesuffix("p") not in SCALES:
        raise UnsupportedCodec
    full_scale, zero = SCALES[name.removesuffix("p")]
    values = np.asarray(frame.to_ndarray(), np.float64)
    if not frame.format.is_planar:
        values = values.reshape(-1, frame.layout.nb_channels).T
    return (values - zero) / full_scale
