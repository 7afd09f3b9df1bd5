"""Candidates of lesions on maps with known truth, and on a photo with painted lesions."""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from PIL import Image, ImageFilter

from functions.retinal.analysis import analyze
from functions.retinal.canvas import Canvas
from functions.retinal.field import Field, disc
from functions.retinal.lesions import (
    PIXELS_PER_DEGREE,
    Lesion,
    Lesions,
    lesion_maps,
    measure_lesions,
    upright,
)
from functions.retinal.networks import referable_model
from local.samples.fundus import FIELD_DEG
from shared.record import Findings
from tests.functions.retinal.photos import photo, right_eye

SIDE, FIELD = 400, 380
EIGHT_WAYS = [(turns, mirrored) for turns in range(4) for mirrored in (False, True)]
EXUDATE, HEMORRHAGE = (250, 235, 160), (70, 12, 8)
EXUDATE_REACH_PX, HEMORRHAGE_REACH_PX = 8, 11


def canvas() -> Canvas:
    inside = disc((SIDE, SIDE), SIDE / 2, SIDE / 2, FIELD)
    field = Field(SIDE / 2, SIDE / 2, FIELD, 1, 1, 0)
    return Canvas(np.zeros((SIDE, SIDE, 3), np.float32), inside, 1.0, field)


def spot(x: float, y: float, diameter: float, peak: float) -> np.ndarray:
    return np.float32(peak) * disc((SIDE, SIDE), x, y, diameter)


def measured(**maps: np.ndarray) -> Lesions:
    """Lesions of the named maps, the others empty; the disc is at the right, the fovea left."""
    none = np.zeros((SIDE, SIDE), np.float32)
    probable = np.stack([maps.get(lesion.name.lower(), none) for lesion in Lesion])
    optic_disc = disc((SIDE, SIDE), 320, 200, 80)
    macula = disc((SIDE, SIDE), 150, 200, 120)
    return measure_lesions(probable, canvas(), PIXELS_PER_DEGREE, optic_disc, macula)


class TestCandidates:
    @pytest.mark.parametrize(
        ("maps", "count"),
        [
            pytest.param(spot(100, 100, 9, 0.9) + spot(200, 100, 9, 0.8), 2, id="two"),
            pytest.param(spot(100, 100, 9, 0.6), 0, id="no certain peak"),
            pytest.param(spot(320, 200, 20, 0.9), 0, id="on the disc"),
            pytest.param(spot(8, 8, 9, 0.9), 0, id="outside the field"),
            pytest.param(spot(100, 100, 9, 0.4), 0, id="below the cut"),
        ],
    )
    def test_hemorrhages(self, maps: np.ndarray, count: int) -> None:
        lesions = measured(hemorrhage=maps)
        assert lesions.hemorrhages == count
        assert lesions.masks[Lesion.HEMORRHAGE].any() == (count > 0)

    @pytest.mark.parametrize(
        ("exudate", "risk"),
        [
            pytest.param(spot(0, 0, 1, 0.0), 0, id="none"),
            pytest.param(spot(200, 60, 30, 0.9), 1, id="elsewhere"),
            pytest.param(spot(150, 200, 30, 0.9), 2, id="near the fovea"),
            pytest.param(spot(150, 200, 8, 0.9), 0, id="a speck near the fovea"),
        ],
    )
    def test_risk_of_edema(self, exudate: np.ndarray, risk: int) -> None:
        assert measured(hard_exudate=exudate).edema_risk == risk

    def test_without_a_fovea_there_is_no_risk(self) -> None:
        probable = np.zeros((4, SIDE, SIDE), np.float32)
        lesions = measure_lesions(probable, canvas(), PIXELS_PER_DEGREE, None, None)
        assert lesions.edema_risk is None
        assert lesions.macular_exudate_share is None

    def test_the_share_is_that_of_the_field(self) -> None:
        exudate = spot(150, 200, 38, 0.9)
        lesions = measured(hard_exudate=exudate)
        assert lesions.share(Lesion.HARD_EXUDATE) == pytest.approx((38 / FIELD) ** 2, rel=0.02)
        assert lesions.macular_exudate_share == lesions.share(Lesion.HARD_EXUDATE)

    def test_the_probability_takes_all_of_their_areas(self) -> None:
        asked = {feature.name for feature in referable_model().features}
        assert {name for name in asked if name.startswith("lesion_")} == set(measured().features())


class TestHeld:
    @pytest.mark.parametrize(("turns", "mirrored"), EIGHT_WAYS)
    def test_each_way_to_hold_a_photo_has_the_same_maps(
        self, turns: int, *, mirrored: bool
    ) -> None:
        """A network that answers by the place of a pixel sees the same picture each time."""
        rng = np.random.default_rng(0)
        picture = rng.random((SIDE, SIDE, 3), dtype=np.float32)

        def network(batch: np.ndarray) -> np.ndarray:
            part = batch[0, 0]
            return np.stack([part * np.arange(part.size).reshape(part.shape)] * 4)[None]

        def held(image: np.ndarray) -> np.ndarray:
            return np.rot90(image[:, ::-1] if mirrored else image, turns)

        across, down = 9.0, -4.0
        place = complex(-across if mirrored else across, -down) * 1j**turns
        cut = canvas().inside & (np.abs(np.arange(SIDE) - (SIDE - 1) / 2) < SIDE / 3)[:, None]
        turned = replace(canvas(), rgb=held(picture), inside=held(cut))
        maps = lesion_maps(turned, upright(place.real, -place.imag), network)
        straight = lesion_maps(
            replace(canvas(), rgb=picture, inside=cut), upright(across, down), network
        )
        assert np.array_equal(maps[0], held(straight[0]))


def painted(
    rgb: np.ndarray, places: list[tuple[float, float]], color: tuple[int, ...], reach: int
) -> np.ndarray:
    rows, columns = np.ogrid[: len(rgb), : len(rgb)]
    marked = np.zeros(rgb.shape[:2], bool)
    for x, y in places:
        marked |= np.hypot(rows - y, columns - x) <= reach
    blurred = Image.fromarray(marked).convert("L").filter(ImageFilter.GaussianBlur(1.5))
    soft = np.asarray(blurred, float)[..., None] / 255
    mixed: np.ndarray = rgb * (1 - soft) + soft * np.array(color)
    return mixed.astype(np.uint8)


def ring(x: float, y: float, radius: float, number: int) -> list[tuple[float, float]]:
    turns = np.linspace(0, 2 * np.pi, number, endpoint=False)
    return [(x + radius * np.cos(turn), y + radius * np.sin(turn)) for turn in turns]


@cache
def findings(turns: int = 0, *, mirrored: bool = False) -> Findings:
    eye = right_eye()
    rgb = painted(eye.rgb, ring(*eye.fovea_xy, 60, 12), EXUDATE, EXUDATE_REACH_PX)
    rgb = painted(rgb, ring(512, 512, 250, 15), HEMORRHAGE, HEMORRHAGE_REACH_PX)
    rgb = np.rot90(rgb[:, ::-1] if mirrored else rgb, turns)
    return analyze(photo(rgb), field_of_view_deg=FIELD_DEG)


def values(analysis: Findings) -> dict[str, float]:
    return {marker.name: marker.value for marker in analysis.biomarkers}


class TestPainted:
    def test_exudate_around_the_fovea_is_measured(self) -> None:
        shown = values(findings())
        truth = 100 * 12 * EXUDATE_REACH_PX**2 / 480**2
        assert truth <= shown["hard_exudate_area"] <= 2 * truth  # soft edges count
        assert shown["macular_exudate_area"] == pytest.approx(shown["hard_exudate_area"], rel=0.05)
        assert shown["edema_risk"] == 2
        assert "hard exudate within a disc diameter" in (findings().review_reason or "")

    def test_hemorrhages_are_candidates(self) -> None:
        assert values(findings())["hemorrhage_count"] >= 10

    def test_an_eye_without_them_has_no_exudate(self) -> None:
        shown = values(analyze(photo(right_eye().rgb), field_of_view_deg=FIELD_DEG))
        assert (shown["hard_exudate_area"], shown["edema_risk"]) == (0, 0)

    @pytest.mark.parametrize(("turns", "mirrored"), [(1, False), (3, True)])
    def test_turned_or_mirrored_the_area_stays(self, turns: int, *, mirrored: bool) -> None:
        area = values(findings(turns, mirrored=mirrored))["hard_exudate_area"]
        assert area == pytest.approx(values(findings())["hard_exudate_area"], rel=0.03)

    def test_a_turned_eye_has_no_risk_for_want_of_a_fovea(self) -> None:
        absent = {entry.name: entry.code for entry in findings(1).absent}
        assert absent["edema_risk"] == absent["macular_exudate_area"] == "not-found"
        assert absent["microaneurysm_count"] == "no-model"

    def test_the_overlay_says_how_many_in_words(self) -> None:
        pictures = {picture.name: picture for picture in findings().pictures}
        count = int(values(findings())["hemorrhage_count"])
        assert f"{count} candidates of hemorrhages" in pictures["lesions"].alt
