"""Bytes to a `Sound`: the only module that knows audio formats.

The first bytes choose the demultiplexer, which is then named to FFmpeg: the rest of its
demultiplexers, some of which open other files or addresses, can never be reached by an upload.
Only the first audio stream is decoded, by one of the codecs named here.

Several channels become one by their mean: each microphone then counts the same, and a voice
recorded alike on both sides keeps its level.
"""

import io
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

import av
import numpy as np
from av.audio.frame import AudioFrame
from av.audio.stream import AudioStream
from av.container import InputContainer

from functions.speech import unreadable
from functions.speech.completeness import missing_end
from functions.speech.sound import Floats, Sound, Stream
from functions.speech.unreadable import (
    MAX_CHANNELS,
    MAX_FS_HZ,
    MIN_DURATION_S,
    MIN_FS_HZ,
    DamagedAudio,
    InvalidSampleValues,
    NoAudioStream,
    RecordingTooLong,
    RecordingTooShort,
    TooManyChannels,
    UnknownAudioFormat,
    UnsupportedCodec,
    UnsupportedSampleRate,
)
from shared.recording import RecordingFile

CANCELLED = 0.2  # of the loudest channel's power: two channels, one of them silent, leave 0.25

MAX_ALAC_FRAME = 65_536  # sixteen times what encoders write
ID3_HEADER = 10  # bytes before the size-coded tag that may precede an MP3
LOSSLESS = frozenset({"flac", "alac"})
# Codecs that leave out what they hold to be inaudible, and their families.
LOSSY = {
    "opus": "opus",
    "libopus": "opus",
    "vorbis": "vorbis",
    "libvorbis": "vorbis",
    "mp3": "mp3",
    "mp3float": "mp3",
    "aac": "aac",
    "pcm_mulaw": "companded",
    "pcm_alaw": "companded",
}
# The first byte of an Opus packet begins with its configuration (RFC 6716, 3.1): the first twelve
# are SILK, the next four hybrid; each has a bandwidth.
OPUS_SPEECH_CONFIGURATIONS = 16
OPUS_BANDWIDTHS_HZ = (
    *(4_000.0,) * 4,
    *(6_000.0,) * 4,
    *(8_000.0,) * 4,
    *(12_000.0,) * 2,
    *(20_000.0,) * 2,
    *(4_000.0,) * 4,
    *(8_000.0,) * 4,
    *(12_000.0,) * 4,
    *(20_000.0,) * 4,
)
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

    `pcm` holds float64; a byte array grows in place, so the recording is never copied.
    """

    fs_hz: int = 0
    channels: int = 0
    pcm: bytearray = field(default_factory=bytearray)
    encoded_bytes: int = 0
    opus_configurations: Counter[int] = field(default_factory=Counter)
    power: float = 0.0  # summed over the mixture
    channel_power: Floats = field(default_factory=lambda: np.zeros(1))

    @property
    def n_samples(self) -> int:
        return len(self.pcm) // 8

    def add(self, frame: AudioFrame) -> None:
        """Mix one decoded frame to the end, or refuse it."""
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
        if self.power < CANCELLED * float(self.channel_power.max()):
            return ("The channels partly cancel each other when they are mixed to one.",)
        return ()


def most_samples(fs_hz: int) -> float:
    return min(unreadable.MAX_DURATION_S * fs_hz, unreadable.MAX_SAMPLES)


def file_format(content: bytes) -> str:
    """Name of the FFmpeg demultiplexer that the first bytes ask for.

    Raises
    ------
    UnknownAudioFormat
    """
    if content[:4] in {b"RIFF", b"RF64"} and content[8:12] == b"WAVE":
        return "wav"
    for magic, name in ((b"fLaC", "flac"), (b"OggS", "ogg"), (b"\x1aE\xdf\xa3", "matroska")):
        if content.startswith(magic):
            return name
    if content[4:8] == b"ftyp":
        return "mp4"
    if content.startswith(b"ID3") and len(content) > ID3_HEADER:
        return "mp3"
    return mpeg_format(content)


def mpeg_format(content: bytes) -> str:
    """MP3 or AAC in ADTS by the 11 bits of synchronization and the 2 bits of the layer."""
    if len(content) < 2 or content[0] != 0xFF or content[1] & 0xE0 != 0xE0:
        raise UnknownAudioFormat
    layer = (content[1] >> 1) & 0b11
    if layer == 0b01:  # layer III
        return "mp3"
    if layer == 0b00 and content[1] & 0xF0 == 0xF0:
        return "aac"
    raise UnknownAudioFormat


def channels_of(frame: AudioFrame) -> Floats:
    """Samples of a frame with full scale 1, shape (n_channels, n_samples)."""
    name = frame.format.name
    if name.removesuffix("p") not in SCALES:
        raise UnsupportedCodec
    full_scale, zero = SCALES[name.removesuffix("p")]
    values = np.asarray(frame.to_ndarray(), np.float64)
    if not frame.format.is_planar:
        values = values.reshape(-1, frame.layout.nb_channels).T
    return (values - zero) / full_scale


def audio_stream(container: InputContainer) -> AudioStream:
    """First audio stream of a container, if its codec is one of those read here."""
    if not container.streams.audio:
        raise NoAudioStream
    stream = container.streams.audio[0]
    # A stream of a codec that FFmpeg does not know has no context, whatever PyAV's types say.
    codec = getattr(stream.codec_context, "name", "")
    if not is_supported(codec) or (codec == "alac" and alac_frame(stream) > MAX_ALAC_FRAME):
        raise UnsupportedCodec
    if stream.codec_context.layout.nb_channels > MAX_CHANNELS:
        raise TooManyChannels(stream.codec_context.layout.nb_channels)
    return stream


def alac_frame(stream: AudioStream) -> int:
    """Samples a frame by the codec's header: the decoder allocates what it says."""
    header = stream.codec_context.extradata or b""
    return int.from_bytes(header[12:16], "big")


def is_supported(codec: str) -> bool:
    return codec in LOSSY or codec in LOSSLESS or codec.startswith("pcm_")


def stream_of(mixture: Mixture, codec: str) -> Stream | None:
    """What a lossy stream told while it was decoded."""
    if codec not in LOSSY:
        return None
    duration_s = mixture.n_samples / mixture.fs_hz
    bit_rate = 8 * mixture.encoded_bytes / duration_s / mixture.channels
    packets = mixture.opus_configurations
    if not packets:
        return Stream(LOSSY[codec], bit_rate, bandwidth_hz=mixture.fs_hz / 2)
    speech = sum(n for number, n in packets.items() if number < OPUS_SPEECH_CONFIGURATIONS)
    return Stream(
        LOSSY[codec],
        bit_rate,
        speech / packets.total(),
        max(OPUS_BANDWIDTHS_HZ[number] for number in packets),
    )


def frames(
    container: InputContainer, stream: AudioStream, mixture: Mixture
) -> Iterator[AudioFrame]:
    """Decoded frames of the stream; notes on the way what its packets tell."""
    for packet in container.demux(stream):
        mixture.encoded_bytes += packet.size
        if LOSSY.get(stream.codec_context.name) == "opus" and packet.size:
            mixture.opus_configurations[bytes(packet)[0] >> 3] += 1
        yield from packet.decode()


def decoded(content: bytes, demultiplexer: str) -> tuple[Mixture, str]:
    """Decode the first audio stream to its end; also the name of its codec."""
    mixture = Mixture()
    with av.open(io.BytesIO(content), mode="r", format=demultiplexer) as container:
        stream = audio_stream(container)
        for frame in frames(container, stream, mixture):
            mixture.add(frame)
        return mixture, stream.codec_context.name


def decode_sound(file: RecordingFile) -> Sound:
    """Decode an uploaded recording.

    Raises
    ------
    UnreadableUpload
        Always one of the subclasses in `unreadable.py`, whatever the bytes are.
    """
    demultiplexer = file_format(file.content)
    try:
        mixture, codec = decoded(file.content, demultiplexer)
    except (av.FFmpegError, ValueError, RuntimeError, MemoryError) as damage:
        raise DamagedAudio(demultiplexer) from damage
    if not mixture.fs_hz:
        raise DamagedAudio(demultiplexer)
    duration_s = mixture.n_samples / mixture.fs_hz
    if duration_s < MIN_DURATION_S:
        raise RecordingTooShort(duration_s)
    return Sound(
        samples=np.frombuffer(mixture.pcm, np.float64),
        fs_hz=float(mixture.fs_hz),
        codec=codec,
        stream=stream_of(mixture, codec),
        channels=mixture.channels,
        warnings=mixture.warnings,
        missing_end=missing_end(file.content, demultiplexer, duration_s),
    )
