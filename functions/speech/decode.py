"""Bytes to a `Sound`: the only module that knows audio formats.

The first bytes choose the demultiplexer, which is then named to FFmpeg: the rest of its
demultiplexers, some of which open other files or addresses, can never be reached by an upload.
Only the first audio stream is decoded, by one of the codecs named here.

Several channels become one by their mean: each microphone then counts the same, and a voice
recorded alike on both sides keeps its level.
"""

import io
from collections.abc import Iterator

import av
import numpy as np
from av.audio.frame import AudioFrame
from av.audio.stream import AudioStream
from av.container import InputContainer

from functions.speech.completeness import missing_end
from functions.speech.mixture import Mixture
from functions.speech.sound import Sound, Stream
from functions.speech.unreadable import (
    MAX_CHANNELS,
    MIN_DURATION_S,
    DamagedAudio,
    NoAudioStream,
    RecordingTooShort,
    TooManyChannels,
    UnknownAudioFormat,
    UnsupportedCodec,
)
from shared.recording import RecordingFile

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


def file_format(content: bytes) -> str:
    """Name the FFmpeg demultiplexer that the first bytes ask for.

    Raises
    ------
    UnknownAudioFormat
        If they fit none: a file's name is never asked.
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


def audio_stream(container: InputContainer) -> AudioStream:
    """Return the first audio stream of a container, if its codec is one of those read here.

    Raises
    ------
    NoAudioStream, UnsupportedCodec, TooManyChannels
    """
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

    Parameters
    ----------
    file : RecordingFile

    Returns
    -------
    Sound

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
