"""Asymmetry, sectors, colors and structures of lesions whose truth is known."""

from dataclasses import replace

import numpy as np
import pytest

from functions.dermatology import colors, dermoscopy, structures
from functions.dermatology.asymmetry import asymmetry
from functions.dermatology.dermoscopy import Grade
from functions.dermatology.sectors import sectors
from functions.dermatology.standard import DIAMETER_PX, axes_of, standardized
from local.samples.lesion import Lesion
from tests.functions.dermatology.scenes import painted, viewed
from tests.nonempty import nonempty

EVEN = Lesion(diameter=0.5, roughness=0.0, mottling=0.05, elongation=1.4)
SKIN = (220.0, 180.0, 160.0)


def absorbing(red: float, green: float, blue: float) -> tuple[float, float, float]:
    first, second, third = np.array(SKIN) * np.exp(-np.array([red, green, blue]))
    return first, second, third


PAINTS = {
    "light_brown": absorbing(0.20, 0.30, 0.42),
    "dark_brown": absorbing(0.55, 0.80, 1.10),
    "black": absorbing(1.4, 1.8, 2.0),
    "red": absorbing(0.06, 0.45, 0.40),
    "blue_gray": absorbing(0.55, 0.55, 0.50),
    "white": absorbing(-0.13, -0.25, -0.30),
}


class TestAsymmetry:
    def test_an_ellipse_has_none(self) -> None:
        assert asymmetry(viewed(EVEN)).score == 0

    def test_a_dark_half_is_seen_across_one_axis(self) -> None:
        light, dark = PAINTS["light_brown"], PAINTS["dark_brown"]
        halves = asymmetry(painted([light, dark]))
        assert halves.score >= 1
        assert max(axis.color_difference for axis in halves.axes) > 0.5
        assert asymmetry(painted([light, dark, light])).score == 0

    def test_a_notched_shape_is_seen(self) -> None:
        rows, columns = np.mgrid[:288, :384]
        shape = (np.hypot(rows - 144, columns - 192) <= 80) & ~((rows < 130) & (columns > 180))
        picture = np.where(shape[..., None], (120, 80, 60), SKIN).astype(np.uint8)
        assert asymmetry(standardized(picture, shape)).score >= 1


class TestSectors:
    def test_a_sharp_border_is_abrupt_all_around(self) -> None:
        judged = sectors(viewed(replace(EVEN, edge=0.004)))
        assert sum(sector.is_abrupt for sector in judged) == 8

    def test_a_soft_border_is_abrupt_nowhere(self) -> None:
        judged = sectors(viewed(replace(EVEN, edge=0.15)))
        assert sum(sector.is_abrupt for sector in judged) == 0


class TestColors:
    @pytest.mark.parametrize("name", PAINTS)
    def test_a_painted_color_has_its_name(self, name: str) -> None:
        shares = colors.color_shares(painted([PAINTS[name]]))
        assert shares[name] > 0.85
        assert colors.present(shares)[0] == name or shares[name] == max(shares.values())

    def test_a_lamp_of_another_color_changes_no_name(self) -> None:
        """Absorbance is told against the skin under the same lamp."""
        view = painted([PAINTS["light_brown"], PAINTS["dark_brown"]])
        tinted = (view.picture * np.array([0.95, 0.8, 0.6])).astype(np.uint8)
        again = colors.color_shares(standardized(tinted, view.mask))
        for name, share in nonempty(colors.color_shares(view).items()):
            assert again[name] == pytest.approx(share, abs=0.06)

    def test_six_stripes_are_six_colors(self) -> None:
        assert set(colors.present(colors.color_shares(painted(list(PAINTS.values()))))) == set(
            PAINTS
        )


class TestStructures:
    def test_an_even_lesion_is_structureless_alone(self) -> None:
        evidence = structures.structure_evidence(painted([PAINTS["light_brown"]]))
        assert structures.present(evidence) == ("structureless",)

    def test_more_globules_are_counted_as_more(self) -> None:
        few, many = (
            structures.structure_evidence(viewed(replace(EVEN, globules=n))) for n in (0, 80)
        )
        assert many["dots"] + many["globules"] > few["dots"] + few["globules"] + 5


class TestScore:
    def test_the_rule_of_nachbar(self) -> None:
        assert dermoscopy.points(2, 8, 6, 5).total == pytest.approx(8.9)
        assert dermoscopy.points(0, 0, 0, 0).total == pytest.approx(1.0)

    @pytest.mark.parametrize(
        ("points", "grade"),
        [
            ((2, 1, 2, 1), Grade.BENIGN),  # 4.2
            ((2, 2, 2, 3), Grade.SUSPICIOUS),  # 5.3
            ((2, 3, 3, 3), Grade.HIGHLY_SUSPICIOUS),  # 5.9
        ],
    )
    def test_its_grades(self, points: tuple[int, int, int, int], grade: Grade) -> None:
        assert dermoscopy.points(*points).grade is grade


class TestStandardView:
    def test_the_diameter_is_fixed_and_the_long_axis_upright(self) -> None:
        view = viewed(replace(EVEN, diameter=0.3, turn_rad=1.0))
        assert 2 * np.sqrt(view.mask.sum() / np.pi) == pytest.approx(DIAMETER_PX, rel=0.02)
        _, _, angle = axes_of(view.mask)
        assert abs(np.rad2deg(angle)) < 3 or abs(abs(np.rad2deg(angle)) - 180) < 3
