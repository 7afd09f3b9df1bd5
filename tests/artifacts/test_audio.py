"""Every format of speech's /info, decoded by the libraries that are shipped.

They leave out what FFmpeg encodes video with; nothing else of them may have gone.
"""

import io
import json
import subprocess
from collections.abc import Callable
from fractions import Fraction
from hashlib import sha256
from pathlib import Path

import av
import numpy as np
import pytest
from av.audio.stream import AudioStream
from av.video.stream import VideoStream

from functions.speech.decode import decode_sound
from functions.speech.unreadable import FORMATS
from local.samples.voice import sustained_vowel
from local.samples.voice_files import ENCODINGS, encoded
from shared.recording import RecordingFile
from tests.artifacts.conftest import Artifact, every_cloud
from tests.artifacts.runtime_api import PYTHON
from tests.conftest import INTERPRETER

FS_HZ = 48_000
# What `FORMATS` promises, by the files that stand for it.
FILES = {
    "WAV": ["wav"],
    "FLAC": ["flac"],
    "Ogg (Opus, Vorbis)": ["ogg_opus", "ogg_vorbis"],
    "MP3": ["mp3"],
    "M4A (AAC, ALAC) or AAC": ["m4a", "m4a_alac", "adts", "mp4_with_video"],
    "WebM (Opus)": ["webm_live", "webm_with_video"],
}
WITH_VIDEO = {
    "webm_with_video": ("webm", "libvpx", "libopus", "s16"),
    "mp4_with_video": ("mp4", "libx264", "aac", "fltp"),
}
DECODE = """
import json, sys
from hashlib import sha256
from pathlib import Path
from functions.speech.decode import decode_sound
from shared.recording import RecordingFile
told = {}
for path in map(Path, sys.argv[1:]):
    sound = decode_sound(RecordingFile(path.name, path.read_bytes()))
    told[path.name] = [sound.fs_hz, len(sound.samples), sha256(sound.samples.tobytes()).hexdigest()]
print(json.dumps(told))
"""
CODECS = """
import av
for name in sorted(av.codec.codecs_available):
    for mode in "rw":
        try:
            codec = av.codec.Codec(name, mode)
            codec.video_formats, codec.audio_formats, codec.audio_rates
        except (ValueError, av.codec.codec.UnknownCodecError):
            pass
print("listed")
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One file of each kind."""
    place = tmp_path_factory.mktemp("voices")
    samples = sustained_vowel(duration_s=2, hnr_db=30, fs_hz=FS_HZ).samples
    for name in ("wav", *ENCODINGS):
        (place / name).write_bytes(encoded(name, samples, FS_HZ))
    (place / "ogg_vorbis").write_bytes(vorbis(samples))
    for name, (container, *codecs) in WITH_VIDEO.items():
        (place / name).write_bytes(filmed(samples, container, *codecs))
    return place


def vorbis(samples: np.ndarray) -> bytes:
    """FFmpeg's own encoder, which it calls an experiment, and which takes two channels."""
    file = io.BytesIO()
    with av.open(file, "w", format="ogg") as container:
        stream = container.add_stream("vorbis", rate=FS_HZ, options={"strict": "-2"})
        assert isinstance(stream, AudioStream)
        stream.layout, stream.format = "stereo", "fltp"
        add_sound(container, stream, samples, "fltp", "stereo")
    return file.getvalue()


def filmed(samples: np.ndarray, form: str, video: str, audio: str, sample_format: str) -> bytes:
    """Two seconds of grey beside the sound, as a phone's camera records somebody who speaks."""
    file = io.BytesIO()
    with av.open(file, "w", format=form) as container:
        picture = container.add_stream(video, rate=10)
        assert isinstance(picture, VideoStream)
        picture.width, picture.height, picture.pix_fmt = 64, 48, "yuv420p"
        sound = container.add_stream(audio, rate=FS_HZ)
        assert isinstance(sound, AudioStream)
        sound.layout, sound.format = "mono", sample_format
        grey = np.full((48, 64, 3), 128, np.uint8)
        for number in range(20):
            frame = av.VideoFrame.from_ndarray(grey, format="rgb24")
            frame.pts, frame.time_base = number, Fraction(1, 10)
            container.mux(picture.encode(frame))
        container.mux(picture.encode(None))
        add_sound(container, sound, samples, sample_format, "mono")
    return file.getvalue()


def add_sound(
    container: av.container.OutputContainer,
    stream: AudioStream,
    samples: np.ndarray,
    sample_format: str,
    layout: str,
) -> None:
    pcm = np.round(samples * 32_767).astype(np.int16)[None]
    frame = av.AudioFrame.from_ndarray(pcm, format="s16", layout="mono")
    frame.sample_rate, frame.pts, frame.time_base = FS_HZ, 0, Fraction(1, FS_HZ)
    for resampled in av.AudioResampler(sample_format, layout, FS_HZ).resample(frame):
        container.mux(stream.encode(resampled))
    container.mux(stream.encode(None))


def run(artifact: Artifact, program: str, *arguments: str) -> str:
    """Run a program with the libraries of an artifact and no others."""
    config = artifact.folder / ".vc-config.json"
    path = str(artifact.folder)
    if config.exists():
        vendored = json.loads(config.read_text())["environment"]["PYTHONPATH"]
        path += f":{artifact.folder / vendored}"
    done = subprocess.run(
        [str(PYTHON), "-S", "-c", program, *arguments],
        cwd=artifact.folder,
        env={**INTERPRETER, "PYTHONPATH": path, "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_every_format_of_info_has_its_files() -> None:
    assert tuple(FILES) == FORMATS


@every_cloud
class TestDecoding:
    def test_every_format_is_decoded_to_the_same_samples_as_here(
        self, on: Callable[[str], Artifact], folder: Path
    ) -> None:
        names = [name for files in FILES.values() for name in files]
        there = json.loads(run(on("speech"), DECODE, *(str(folder / name) for name in names)))
        here = {
            name: decode_sound(RecordingFile(name, (folder / name).read_bytes())) for name in names
        }

        assert {name: told[:2] for name, told in there.items()} == {
            name: [sound.fs_hz, len(sound.samples)] for name, sound in here.items()
        }
        assert {name: told[2] for name, told in there.items()} == {
            name: sha256(sound.samples.tobytes()).hexdigest() for name, sound in here.items()
        }

    def test_every_codec_can_still_be_looked_at(self, on: Callable[[str], Artifact]) -> None:
        """Encoders that have been left out say that they have nothing to offer, and no more."""
        assert run(on("speech"), CODECS).strip() == "listed"

    def test_encoders_of_video_are_names_alone(self, on: Callable[[str], Artifact]) -> None:
        matches = [
            path
            for path in on("speech").folder.rglob("*.so*")
            if path.name.startswith(("libx265", "libSvtAv1Enc"))
        ]
        assert len(matches) == 2
        assert all(path.stat().st_size < 20_000 for path in matches)
