"""The encoders whose harm is measured, each a function from samples to a file.

Needs the command-line programs ffmpeg (with libshine) and opusenc.
"""

import io
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from av.audio.stream import AudioStream

from functions.speech.sound import Floats
from local.samples.voice import wav_bytes

FS_HZ = 48_000
EXPERIMENTAL = "FFmpeg opus"  # FFmpeg itself asks for a flag to use it
type Encode = Callable[[Floats], bytes]


def encoders() -> Iterator[tuple[str, str, int, Encode]]:
    """Family, encoder, kbit/s and the function that encodes."""
    for kbps in (128, 96, 64, 32, 16):
        yield "opus", "libopus", kbps, by_pyav("ogg", "libopus", "s16", kbps)
    for kbps in (128, 64):
        voip = {"application": "voip"}
        yield "opus", "opusenc", kbps, by_program("opus", "opusenc", "--quiet", "--bitrate", kbps)
        yield "opus", "libopus for speech", kbps, by_pyav("ogg", "libopus", "s16", kbps, voip)
    yield "opus", EXPERIMENTAL, 128, by_ffmpeg("ogg", "opus", 128, "-strict", "-2")
    for kbps in (128, 96):
        yield "vorbis", "libvorbis", kbps, by_ffmpeg("ogg", "libvorbis", kbps)
    for kbps in (192, 128, 96):
        yield "mp3", "LAME", kbps, by_pyav("mp3", "libmp3lame", "s16p", kbps)
        yield "mp3", "Shine", kbps, by_ffmpeg("mp3", "libshine", kbps)
        yield "aac", "FFmpeg aac", kbps, by_pyav("adts", "aac", "fltp", kbps)
        fast = {"aac_coder": "fast"}
        yield "aac", "FFmpeg aac, fast coder", kbps, by_pyav("adts", "aac", "fltp", kbps, fast)


def by_pyav(
    container: str, codec: str, sample_format: str, kbps: int, options: dict[str, str] | None = None
) -> Encode:
    def encode(samples: Floats) -> bytes:
        file = io.BytesIO()
        with av.open(file, "w", format=container) as writer:
            stream = writer.add_stream(codec, rate=FS_HZ, options=options or {})
            assert isinstance(stream, AudioStream)
            stream.layout, stream.format, stream.bit_rate = "mono", sample_format, 1000 * kbps
            pcm = np.round(samples * 32_767).astype(np.int16)[None]
            frame = av.AudioFrame.from_ndarray(pcm, format="s16", layout="mono")
            frame.sample_rate, frame.pts, frame.time_base = FS_HZ, 0, Fraction(1, FS_HZ)
            for resampled in av.AudioResampler(sample_format, "mono", FS_HZ).resample(frame):
                writer.mux(stream.encode(resampled))
            writer.mux(stream.encode(None))
        return file.getvalue()

    return encode


def by_ffmpeg(suffix: str, codec: str, kbps: int, *options: str) -> Encode:
    settings = ("-ac", "1", *options, "-c:a", codec, "-b:a", f"{kbps}k")
    return by_command(suffix, lambda i, o: ("ffmpeg", "-v", "error", "-y", "-i", i, *settings, o))


def by_program(suffix: str, program: str, *options: str | int) -> Encode:
    return by_command(suffix, lambda i, o: (program, *map(str, options), i, o))


def by_command(suffix: str, command: Callable[[str, str], tuple[str, ...]]) -> Encode:
    def encode(samples: Floats) -> bytes:
        with tempfile.TemporaryDirectory() as folder:
            before, after = Path(folder, "in.wav"), Path(folder, f"out.{suffix}")
            before.write_bytes(wav_bytes(samples, FS_HZ))
            subprocess.run(command(str(before), str(after)), check=True, capture_output=True)
            return after.read_bytes()

    return encode
