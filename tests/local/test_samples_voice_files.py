"""A voice in every format comes back as long and as it was, and always as the same bytes."""

import io

import av
import numpy as np
import pytest

from local.samples.voice import sustained_vowel
from local.samples.voice_files import ENCODINGS, encoded
from local.samples.voice_source import Floats

FS_HZ = 48_000
LOSSLESS = {"flac", "m4a_alac"}


@pytest.fixture(scope="module")
def voice() -> Floats:
    return sustained_vowel(duration_s=0.5, fs_hz=FS_HZ, seed=2).samples


def decoded(content: bytes) -> Floats:
    with av.open(io.BytesIO(content), "r") as container:
        resampler = av.AudioResampler("s16", "mono", FS_HZ)
        frames = [it for frame in container.decode(audio=0) for it in resampler.resample(frame)]
    return np.concatenate([frame.to_ndarray().ravel() for frame in frames]) / 32_767


@pytest.mark.parametrize("name", ENCODINGS)
def test_voice_comes_back_as_long_as_it_was(name: str, voice: Floats) -> None:
    """Encoders fill their last frame, and some begin with one of silence."""
    assert len(decoded(encoded(name, voice, FS_HZ))) == pytest.approx(len(voice), abs=0.06 * FS_HZ)


@pytest.mark.parametrize("name", sorted(LOSSLESS))
def test_lossless_format_loses_nothing(name: str, voice: Floats) -> None:
    difference = decoded(encoded(name, voice, FS_HZ))[: len(voice)] - voice
    assert np.abs(difference).max() < 1e-4


@pytest.mark.parametrize("name", sorted(ENCODINGS.keys() - LOSSLESS))
def test_lossy_format_keeps_the_power(name: str, voice: Floats) -> None:
    power = float(np.mean(decoded(encoded(name, voice, FS_HZ)) ** 2))
    assert power == pytest.approx(float(np.mean(voice**2)), rel=0.35)


@pytest.mark.parametrize("name", [*ENCODINGS, "wav"])
def test_same_voice_is_the_same_bytes(name: str, voice: Floats) -> None:
    assert encoded(name, voice, FS_HZ) == encoded(name, voice, FS_HZ)


def test_fewer_bits_a_second_make_a_smaller_file(voice: Floats) -> None:
    large, small = (encoded(name, voice, FS_HZ) for name in ("ogg_opus", "ogg_opus_16k"))
    assert len(small) < len(large) / 2


def test_format_that_is_not_written_is_no_other(voice: Floats) -> None:
    with pytest.raises(KeyError):
        encoded("aiff", voice, FS_HZ)
