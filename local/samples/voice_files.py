"""A synthetic voice as files of every format that is read, encoded on the spot."""

import io
from fractions import Fraction

import av
import numpy as np
from av.audio.stream import AudioStream

from local.samples.voice import wav_bytes
from local.samples.voice_source import Floats

# name: FFmpeg container, encoder, sample format, bits a second, container options
ENCODINGS = {
    "flac": ("flac", "flac", "s16", None, {}),
    "ogg_opus": ("ogg", "libopus", "s16", 96_000, {}),
    "ogg_opus_16k": ("ogg", "libopus", "s16", 16_000, {}),
    "mp3": ("mp3", "libmp3lame", "s16p", 128_000, {}),
    "m4a": ("ipod", "aac", "fltp", 128_000, {}),
    "m4a_alac": ("ipod", "alac", "s16p", None, {}),
    "adts": ("adts", "aac", "fltp", 128_000, {}),
    # MediaRecorder of a browser writes no duration, because it cannot go back to the header.
    "webm_live": ("webm", "libopus", "s16", 128_000, {"live": "1"}),
}


def encoded(name: str, samples: Floats, fs_hz: int) -> bytes:
    """Encode one channel.

    Parameters
    ----------
    name : str
        Of `ENCODINGS`, or "wav".
    samples : (n_samples,) ndarray of float64
        Within [-1, 1].
    fs_hz : int
        Opus takes 48, 24, 16, 12 and 8 kHz alone.

    Returns
    -------
    bytes
        The same for the same samples and the same FFmpeg.
    """
    if name == "wav":
        return wav_bytes(samples, fs_hz)
    container_format, codec, sample_format, bit_rate, options = ENCODINGS[name]
    file = io.BytesIO()
    # Without chance, such as the segment's identifier of Matroska: the same voice, the same bytes.
    exact = {"fflags": "+bitexact", **options}
    with av.open(file, "w", format=container_format, options=exact) as container:
        stream = container.add_stream(codec, rate=fs_hz)
        assert isinstance(stream, AudioStream)
        stream.layout = "mono"
        stream.format = sample_format
        if bit_rate:
            stream.bit_rate = bit_rate
        pcm = np.round(samples * 32_767).astype(np.int16)[None]
        frame = av.AudioFrame.from_ndarray(pcm, format="s16", layout="mono")
        frame.sample_rate, frame.pts, frame.time_base = fs_hz, 0, Fraction(1, fs_hz)
        for resampled in av.AudioResampler(sample_format, "mono", fs_hz).resample(frame):
            container.mux(stream.encode(resampled))
        container.mux(stream.encode(None))
    return file.getvalue()
