"""A photo with known truth through the whole analysis, and what is no fundus photo."""

from functools import cache
from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from functions.retinal import unreadable
from functions.retinal.analysis import analyze
from functions.retinal.findings import NO_GRADE
from functions.retinal.macula import Eye
from functions.retinal.norms import BIOMARKERS
from local.samples.fundus import FIELD_DEG
from shared.record import Findings
from tests.functions.retinal.photos import photo, right_eye

TOUCHED = 0.1  # as in training: a pixel that a vessel touches counts
SCALED_PX = round(1024 * 540 / 960)


@cache
def findings(turns: int = 0, *, mirrored: bool = False) -> Findings:
    rgb = np.rot90(right_eye().rgb, turns)
    return analyze(photo(rgb[:, ::-1] if mirrored else rgb), field_of_view_deg=FIELD_DEG)


def values(analysis: Findings) -> dict[str, float]:
    return {marker.name: marker.value for marker in analysis.biomarkers}


class TestKnownTruth:
    def test_vessel_density(self) -> None:
        """At the scale of the measure, where a pixel counts that a vessel touches."""
        mask = Image.fromarray(np.float32(right_eye().vessels))
        covered = np.asarray(mask.resize((SCALED_PX,) * 2, Image.Resampling.BOX)) > TOUCHED
        truth = 100 * covered.sum() / (np.pi * 270**2)
        assert values(findings())["vessel_density"] == pytest.approx(truth, abs=2.5)

    def test_disc(self) -> None:
        disc = findings().result["optic_disc"]
        truth = right_eye()
        assert disc["center_px"] == pytest.approx(truth.disc_xy, abs=truth.disc_diameter_px / 6)
        assert disc["diameter_px"] == pytest.approx(truth.disc_diameter_px, rel=0.15)

    def test_eye_and_fovea(self) -> None:
        analysis = findings()
        assert analysis.result["eye_laterality"] == Eye.RIGHT
        assert analysis.result["fovea"]["center_px"] == pytest.approx(right_eye().fovea_xy, abs=50)

    def test_each_biomarker_is_there_or_absent_with_a_reason(self) -> None:
        analysis = findings()
        absent = {entry.name for entry in analysis.absent}
        assert absent | set(values(analysis)) == {*BIOMARKERS, "findings"}
        assert {"av_ratio", "vcdr"} <= absent
        assert NO_GRADE in analysis.warnings


class TestInvariance:
    def test_the_same_photo_gives_the_same(self) -> None:
        again = analyze(photo(right_eye().rgb), field_of_view_deg=FIELD_DEG)
        assert again == findings()

    @pytest.mark.parametrize(("turns", "mirrored"), [(1, False), (0, True)])
    def test_turned_or_mirrored_the_figures_stay(self, turns: int, *, mirrored: bool) -> None:
        changed = values(findings(turns, mirrored=mirrored))
        for name in ("vessel_density", "fractal_dimension", "disc_diameter"):
            assert changed[name] == pytest.approx(values(findings())[name], rel=0.03), name
        tortuosity = values(findings())["tortuosity_index"]
        assert changed["tortuosity_index"] == pytest.approx(tortuosity, rel=0.06)

    def test_laterality_turns_with_the_photo(self) -> None:
        assert findings(mirrored=True).result["eye_laterality"] == Eye.LEFT
        assert findings(1).result["eye_laterality"] == Eye.UNKNOWN

    def test_a_stated_eye_that_the_disc_contradicts_asks_for_a_review(self) -> None:
        analysis = analyze(photo(right_eye().rgb), eye=Eye.LEFT, field_of_view_deg=FIELD_DEG)
        assert analysis.result["eye_laterality"] == Eye.LEFT
        assert "Stated as the left eye" in (analysis.review_reason or "")


class TestPictures:
    def test_masks_have_the_size_of_the_photo_and_one_bit(self) -> None:
        pictures = {picture.name: picture for picture in findings().pictures}
        masks = {"vessel_mask", "disc_mask", "hemorrhage_mask", "exudate_mask"}
        assert set(pictures) == {"vessels", "lesions", *masks}
        for name in sorted(masks):
            image = Image.open(BytesIO(pictures[name].content))
            assert (image.mode, image.size) == ("1", (1024, 1024))
        assert all(picture.alt for picture in pictures.values())


def lit_disc(inside: np.ndarray) -> np.ndarray:
    rows, columns = np.ogrid[:800, :800]
    return np.where((np.hypot(rows - 400, columns - 400) < 380)[..., None], inside, 0)


class TestRefusals:
    @pytest.mark.parametrize(
        ("rgb", "error"),
        [
            pytest.param(
                np.random.default_rng(0).integers(0, 255, (600, 600, 3)),
                unreadable.NoFieldOfView,
                id="noise",
            ),
            pytest.param(np.full((600, 600, 3), 255), unreadable.NoFieldOfView, id="white page"),
            pytest.param(np.zeros((600, 600, 3)), unreadable.NoFieldOfView, id="black"),
            pytest.param(
                lit_disc(np.array([90, 120, 150])), unreadable.NotAFundusPhoto, id="blue disc"
            ),
            pytest.param(
                lit_disc(np.array([160, 80, 40])), unreadable.TooBlurred, id="an even red disc"
            ),
            pytest.param(lit_disc(np.array([30, 14, 8])), unreadable.TooDark, id="dark"),
        ],
    )
    def test_what_is_no_fundus_photo(self, rgb: np.ndarray, error: type[Exception]) -> None:
        with pytest.raises(error):
            analyze(photo(rgb.astype(np.uint8)))

    def test_a_small_photo(self) -> None:
        small = np.asarray(Image.fromarray(right_eye().rgb).resize((400, 400)))
        with pytest.raises(unreadable.FieldTooSmall):
            analyze(photo(small))
