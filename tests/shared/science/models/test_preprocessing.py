"""A picture as a network was trained to see it."""

from dataclasses import replace

import numpy as np
import pytest

from shared.science.models.manifest import Frame, Input, Scale
from shared.science.models.preprocessing import prepared

GRAY = Input("x", 1, 32, 32, Frame.STRETCH, Scale.UNIT)
COLOR = replace(GRAY, channels=3)
CORNER = np.zeros((64, 64, 3), np.float32)
CORNER[:32, :16, 0] = 1  # above and to the left, in red


class TestShape:
    @pytest.mark.parametrize("shape", [(48, 64), (64, 48), (64, 48, 3), (32, 32, 3)])
    @pytest.mark.parametrize("frame", Frame)
    @pytest.mark.parametrize("channels", [1, 3])
    def test_is_a_batch_of_one_of_the_stated_size(
        self, shape: tuple[int, ...], frame: Frame, channels: int
    ) -> None:
        wanted = Input("x", channels, 24, 40, frame, Scale.UNIT)
        batch = prepared(np.ones(shape, np.float32), wanted)
        assert batch.shape == (1, channels, 24, 40)
        assert batch.dtype == np.float32
        assert batch.flags.c_contiguous

    def test_places_and_colors_stay_where_they_are(self) -> None:
        batch = prepared(CORNER, COLOR)
        assert batch[0, 0, 2:14, 1:7] == pytest.approx(1)
        assert batch[0, 0, 18:].max() == 0
        assert batch[0, 0, :, 10:].max() == 0
        assert batch[0, 1:].max() == 0


class TestChannels:
    @pytest.mark.parametrize(("channel", "share"), [(0, 0.299), (1, 0.587), (2, 0.114)])
    def test_gray_weighs_colors_as_the_eye_does(self, channel: int, share: float) -> None:
        picture = np.zeros((32, 32, 3), np.float32)
        picture[..., channel] = 1
        assert prepared(picture, GRAY) == pytest.approx(share, abs=1e-6)

    def test_gray_picture_stands_in_each_channel(self) -> None:
        picture = np.random.default_rng(1).random((32, 32), dtype=np.float32)
        red, green, blue = prepared(picture, COLOR)[0]
        assert np.array_equal(red, picture)
        assert np.array_equal(red, green)
        assert np.array_equal(green, blue)


class TestFrame:
    STRIPES = np.repeat(np.linspace(0, 1, 96, dtype=np.float32)[None], 32, axis=0)

    def test_center_cuts_both_sides_alike(self) -> None:
        batch = prepared(self.STRIPES, replace(GRAY, frame=Frame.CENTER))
        assert np.array_equal(batch[0, 0], self.STRIPES[:, 32:64])

    def test_center_cuts_a_high_picture_above_and_below(self) -> None:
        batch = prepared(self.STRIPES.T, replace(GRAY, frame=Frame.CENTER))
        assert np.array_equal(batch[0, 0], self.STRIPES.T[32:64])

    def test_pad_adds_black_above_and_below_and_cuts_nothing(self) -> None:
        batch = prepared(np.ones((32, 96), np.float32), replace(GRAY, frame=Frame.PAD))[0, 0]
        assert batch[:10].max() == batch[-10:].max() == 0
        assert batch[12:20] == pytest.approx(1)

    def test_pad_adds_black_at_the_sides_of_a_high_picture(self) -> None:
        batch = prepared(np.ones((96, 32), np.float32), replace(GRAY, frame=Frame.PAD))[0, 0]
        assert batch[:, :10].max() == batch[:, -10:].max() == 0
        assert batch[:, 12:20] == pytest.approx(1)

    def test_stretch_shows_the_whole_picture(self) -> None:
        batch = prepared(self.STRIPES, replace(GRAY, frame=Frame.STRETCH))[0, 0]
        assert batch[0, 0] < 0.05
        assert batch[0, -1] > 0.95


class TestScale:
    @pytest.mark.parametrize(("value", "scaled"), [(0, -1024), (0.5, 0), (1, 1024)])
    def test_xrv_has_black_at_minus_1024(self, value: float, scaled: float) -> None:
        batch = prepared(np.full((32, 32), value, np.float32), replace(GRAY, scale=Scale.XRV))
        assert batch == pytest.approx(scaled)

    def test_imagenet_has_a_mean_and_a_spread_for_each_color(self) -> None:
        wanted = replace(COLOR, scale=Scale.IMAGENET)
        mean = np.tile(np.array([0.485, 0.456, 0.406], np.float32), (32, 32, 1))
        spread = np.array([0.229, 0.224, 0.225], np.float32)
        assert prepared(mean, wanted) == pytest.approx(0, abs=1e-5)
        assert prepared(mean + spread, wanted) == pytest.approx(1, abs=1e-5)
