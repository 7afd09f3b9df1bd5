"""What a photo is refused for, and what it is only warned of."""

from dataclasses import replace

import numpy as np
import pytest

from functions.retinal.canvas import Canvas
from functions.retinal.field import Field, disc
from functions.retinal.quality import (
    MAX_DENSITY,
    MIN_DENSITY,
    Quality,
    focus_of,
    judge,
    plausible_field,
    plausible_vessels,
)
from functions.retinal.unreadable import (
    FieldTooSmall,
    NoFieldOfView,
    NotAFundusPhoto,
    TooBlurred,
    TooDark,
)
from functions.retinal.vessel_tree import vessel_tree
from functions.retinal.vessels import Vessels

SIDE_PX = 512
FIELD = Field(256, 256, 480, rim_share=0.8, lit_inside=0.85, lit_outside=0.1)
GOOD = Quality(
    field_px=900,
    focus=0.12,
    evenness=0.55,
    dark_share=0.35,
    bright_share=0.10,
    red_over_green=1.5,
)
RETINA = (0.6, 0.3, 0.1)


def canvas(rgb: tuple[float, float, float] = RETINA, grain: float = 0.1) -> Canvas:
    """A field of one color that goes up and down by `grain` of it from pixel to pixel."""
    rows, columns = np.indices((SIDE_PX, SIDE_PX))
    checks = 1 + grain * (2 * ((rows + columns) % 2) - 1)
    painted = (checks[..., None] * rgb).astype(np.float32)
    inside = disc((SIDE_PX, SIDE_PX), 256, 256, 480)
    return Canvas(painted, inside, 1.0, FIELD)


def vessels(density: float) -> Vessels:
    nothing = np.zeros((4, 4), bool)
    return Vessels(nothing, density, None, vessel_tree(nothing))


class TestField:
    def test_just_good_enough(self) -> None:
        assert plausible_field(FIELD, 1.0) is FIELD

    @pytest.mark.parametrize(
        "change", [{"rim_share": 0.79}, {"lit_inside": 0.84}, {"lit_outside": 0.11}]
    )
    def test_nothing_round_on_a_dark_surround(self, change: dict[str, float]) -> None:
        with pytest.raises(NoFieldOfView):
            plausible_field(replace(FIELD, **change), 1.0)

    def test_no_field_at_all(self) -> None:
        with pytest.raises(NoFieldOfView):
            plausible_field(None, 1.0)

    def test_pixels_of_the_file_count(self) -> None:
        small = replace(FIELD, diameter_px=300)
        assert plausible_field(small, 2.0) is small
        with pytest.raises(FieldTooSmall, match="300 px"):
            plausible_field(small, 1.0)


class TestVessels:
    @pytest.mark.parametrize("density", [MIN_DENSITY, MAX_DENSITY])
    def test_as_dense_as_in_eyes(self, density: float) -> None:
        assert plausible_vessels(vessels(density)).density == density

    @pytest.mark.parametrize("density", [0.0, 0.019, 0.301])
    def test_no_tree_of_vessels(self, density: float) -> None:
        with pytest.raises(NotAFundusPhoto, match="vessels"):
            plausible_vessels(vessels(density))


class TestJudge:
    def test_numbers_of_a_painted_field(self) -> None:
        quality = judge(canvas(), 2.0)
        assert quality.field_px == 960
        assert quality.red_over_green == pytest.approx(2, abs=0.01)
        assert quality.evenness == pytest.approx(1, abs=0.01)
        assert (quality.dark_share, quality.bright_share) == (0, 0)

    @pytest.mark.parametrize("rgb", [(0.5, 0.5, 0.1), (0.6, 0.2, 0.3)])
    def test_colors_of_no_retina(self, rgb: tuple[float, float, float]) -> None:
        with pytest.raises(NotAFundusPhoto, match="mean color"):
            judge(canvas(rgb), 1.0)

    def test_too_dark(self) -> None:
        with pytest.raises(TooDark):
            judge(canvas((0.14, 0.1, 0.05)), 1.0)

    def test_nothing_sharp(self) -> None:
        blurred = canvas(grain=0.0)
        ramp = np.linspace(0.5, 1.0, SIDE_PX, dtype=np.float32)
        with pytest.raises(TooBlurred):
            judge(replace(blurred, rgb=blurred.rgb * ramp[:, None, None]), 1.0)

    def test_one_dark_quarter_makes_the_light_uneven(self) -> None:
        lit = canvas()
        lit.rgb[:256, 256:] *= 0.5
        assert judge(lit, 1.0).evenness == pytest.approx(0.5, abs=0.01)

    def test_black_and_overexposed_parts_are_shares_of_the_field(self) -> None:
        lit = canvas((0.8, 0.4, 0.1))
        lit.rgb[:256] = 0.01
        lit.rgb[256:, :256] = 1.0
        quality = judge(lit, 1.0)
        assert quality.dark_share == pytest.approx(0.5, abs=0.01)
        assert quality.bright_share == pytest.approx(0.25, abs=0.01)

    def test_focus_does_not_depend_on_contrast(self) -> None:
        assert focus_of(canvas(grain=0.1)) == pytest.approx(focus_of(canvas(grain=0.3)), rel=0.01)


class TestConcerns:
    def test_none_at_the_limits(self) -> None:
        assert (GOOD.concerns, GOOD.score, GOOD.word) == ((), 1, "good")

    @pytest.mark.parametrize(
        ("change", "said"),
        [
            ({"field_px": 899}, "899 px wide"),
            ({"focus": 0.119}, "soft"),
            ({"evenness": 0.54}, "uneven"),
            ({"dark_share": 0.36}, "36% of the field is nearly black"),
            ({"bright_share": 0.11}, "11% of the field is overexposed"),
        ],
    )
    def test_each_takes_a_fifth(self, change: dict[str, float], said: str) -> None:
        quality = replace(GOOD, **change)
        (concern,) = quality.concerns
        assert said in concern
        assert (quality.score, quality.word) == (0.8, "limited")

    def test_all_of_them_leave_nothing(self) -> None:
        assert Quality(0, 0, 0, 1, 1, 1).score == 0
