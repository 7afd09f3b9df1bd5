"""Channels are mixed to one with full scale 1, whatever format they were decoded to."""

from fractions import Fraction

import numpy as np
import numpy.typing as npt
import pytest
from av.audio.frame import AudioFrame

from functions.speech import unreadable
from functions.speech.mixture import Mixture, channels_of
from functions.speech.unreadable import (
    InvalidSampleValues,
    RecordingTooLong,
    TooManyChannels,
    UnsupportedSampleRate,
)

FS_HZ = 16_000


def frame(
    *channels: npt.ArrayLike, kind: str = "fltp", dtype: str = "float32", fs_hz: int = FS_HZ
) -> AudioFrame:
    layout = {1: "mono", 2: "stereo", 3: "2.1"}[len(channels)]
    values = np.array(channels, dtype)
    packed = values if kind.endswith("p") else values.T.reshape(1, -1)
    made = AudioFrame.from_ndarray(np.ascontiguousarray(packed), format=kind, layout=layout)
    made.sample_rate, made.time_base = fs_hz, Fraction(1, fs_hz)
    return made


def mixed(*frames: AudioFrame) -> Mixture:
    mixture = Mixture()
    for part in frames:
        mixture.add(part)
    return mixture


def samples(mixture: Mixture) -> list[float]:
    return np.frombuffer(bytes(mixture.pcm)).tolist()


class TestScale:
    @pytest.mark.parametrize(
        ("kind", "dtype", "least", "half"),
        [
            ("u8", "uint8", 0, 192),
            ("u8p", "uint8", 0, 192),
            ("s16", "int16", -(2**15), 2**14),
            ("s16p", "int16", -(2**15), 2**14),
            ("s32", "int32", -(2**31), 2**30),
            ("flt", "float32", -1, 0.5),
            ("dblp", "float64", -1, 0.5),
        ],
    )
    def test_full_scale_is_one(self, kind: str, dtype: str, least: float, half: float) -> None:
        values = channels_of(frame([least, half], [half, half], kind=kind, dtype=dtype))
        assert values.tolist() == [[-1.0, 0.5], [0.5, 0.5]]


class TestMixture:
    def test_is_the_mean_of_the_channels(self) -> None:
        assert samples(mixed(frame([0.5, 0.25], [0.0, 0.75]))) == [0.25, 0.5]

    def test_grows_frame_by_frame(self) -> None:
        mixture = mixed(frame([0.5]), frame([0.25, 0.0]))
        assert samples(mixture) == [0.5, 0.25, 0.0]
        assert (mixture.n_samples, mixture.power) == (3, 0.3125)

    def test_beyond_full_scale_is_clipped(self) -> None:
        assert samples(mixed(frame([3.0, -3.0]))) == [1.0, -1.0]

    @pytest.mark.parametrize(("second", "warns"), [(-0.5, True), (0.0, False), (0.5, False)])
    def test_channels_that_cancel_each_other_are_told(self, second: float, warns: bool) -> None:
        assert bool(mixed(frame([0.5], [second])).warnings) is warns


class TestRefusals:
    @pytest.mark.parametrize("value", [np.nan, np.inf])
    def test_no_number(self, value: float) -> None:
        with pytest.raises(InvalidSampleValues):
            mixed(frame([0.1, value]))

    def test_rate_that_changes(self) -> None:
        with pytest.raises(UnsupportedSampleRate):
            mixed(frame([0.1]), frame([0.1], fs_hz=2 * FS_HZ))

    @pytest.mark.parametrize("fs_hz", [unreadable.MIN_FS_HZ - 1, unreadable.MAX_FS_HZ + 1])
    def test_rate_of_no_recorder(self, fs_hz: int) -> None:
        with pytest.raises(UnsupportedSampleRate):
            mixed(frame([0.1], fs_hz=fs_hz))

    def test_channels_that_come_later(self) -> None:
        with pytest.raises(TooManyChannels):
            mixed(frame([0.1]), frame([0.1], [0.1]))

    def test_longer_than_is_taken(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(unreadable, "MAX_DURATION_S", 3 / FS_HZ)
        assert mixed(frame([0.1, 0.1, 0.1])).n_samples == 3
        with pytest.raises(RecordingTooLong):
            mixed(frame([0.1, 0.1]), frame([0.1, 0.1]))
