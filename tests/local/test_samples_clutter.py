"""What lies over the skin is where it is said to be, and nothing of it is anywhere else."""

import numpy as np
import pytest

from local.samples.clutter import RULER_DARKNESS, Clutter, Cluttered, draw_clutter
from local.samples.skin import logistic, noise, through_camera

SHAPE = (240, 320)


def over_white(seed: int = 3, **clutter: float) -> Cluttered:
    """Clutter over a white picture that nothing else is on."""
    told = Clutter(**clutter)  # type: ignore[arg-type]
    return draw_clutter(np.random.default_rng(seed), np.full((*SHAPE, 3), 0.9), told)


def test_without_clutter_the_picture_is_as_it_was() -> None:
    bare = over_white()
    assert (bare.picture == 0.9).all()
    assert bare.lit.all()
    assert not bare.hair.any()


def test_hairs_are_dark_where_the_mask_says() -> None:
    hairy = over_white(hairs=6)
    assert hairy.picture[hairy.hair].max() < 0.7
    assert hairy.picture[~hairy.hair].mean() > 0.85


def test_ink_is_violet() -> None:
    inked = over_white(ink=4).picture
    red, green, blue = inked[inked[..., 1] < 0.6].mean(axis=0)
    assert blue > red > green


@pytest.mark.parametrize("ruler_mm", [10.0, 20.0])
def test_ticks_of_a_ruler_are_a_millimeter_apart(ruler_mm: float) -> None:
    """Along the rule's own direction, which goes through its darkest points."""
    dark = over_white(ruler_mm=ruler_mm).picture[..., 0] < 0.9 * (1 - RULER_DARKNESS / 2)
    rows, columns = np.nonzero(dark)
    slope = np.polyfit(columns, rows, 1)[0]
    along = (columns + slope * rows) / np.hypot(1, slope)
    power = np.abs(np.fft.rfft(np.histogram(along, np.arange(along.min(), along.max()))[0]))
    frequencies = np.fft.rfftfreq(len(np.arange(along.min(), along.max())) - 1)
    per_mm = ruler_mm / SHAPE[0]
    near = np.abs(frequencies - per_mm) < per_mm / 8
    between = np.abs(frequencies - 1.5 * per_mm) < per_mm / 8
    assert power[near].max() > 2 * power[between].max()


@pytest.mark.parametrize("kind", ["bubbles", "glare"])
def test_reflections_only_add_light(kind: str) -> None:
    told = Clutter(**{kind: 5})
    gray = np.full((*SHAPE, 3), 0.4)
    shining = draw_clutter(np.random.default_rng(3), gray, told).picture
    assert shining.min() >= 0.4
    assert shining.max() > 0.45


@pytest.mark.parametrize("radius", [0.3, 0.5])
def test_rim_leaves_a_round_field_lit(radius: float) -> None:
    rimmed = over_white(rim=radius)
    assert rimmed.lit.mean() == pytest.approx(
        np.pi * (radius * SHAPE[0]) ** 2 / (SHAPE[0] * SHAPE[1]), rel=0.15
    )
    assert rimmed.picture[~rimmed.lit].mean() < 0.4 < rimmed.picture[rimmed.lit].mean()


def test_same_seed_gives_the_same_clutter() -> None:
    first, second, other = (over_white(seed, hairs=4, bubbles=3).picture for seed in (1, 1, 2))
    assert np.array_equal(first, second)
    assert not np.array_equal(first, other)


class TestSkin:
    @pytest.mark.parametrize("scale", [0.01, 0.1, 0.4])
    def test_noise_has_unit_deviation_at_any_scale(self, scale: float) -> None:
        field = noise(np.random.default_rng(1), SHAPE, scale)
        assert field.shape == SHAPE
        assert field.std() == pytest.approx(1)

    def test_larger_patches_change_less_from_pixel_to_pixel(self) -> None:
        fine, coarse = (
            np.abs(np.diff(noise(np.random.default_rng(1), SHAPE, scale))).mean()
            for scale in (0.01, 0.2)
        )
        assert fine > 5 * coarse

    def test_logistic_has_its_limits_and_no_overflow(self) -> None:
        assert logistic(np.array([-1e9, 0.0, 1e9])) == pytest.approx([0, 0.5, 1], abs=1e-12)

    def test_camera_clips_and_adds_the_noise_of_its_sensor(self) -> None:
        picture = np.broadcast_to([2.0, 0.5, -1.0], (*SHAPE, 3))
        taken = through_camera(np.random.default_rng(1), picture, blur_px=0.6)
        assert taken.dtype == np.uint8
        assert taken[..., 0].mean() > 253
        assert taken[..., 1].std() == pytest.approx(1.5, rel=0.1)
        assert taken[..., 2].mean() < 2
