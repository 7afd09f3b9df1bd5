import numpy as np
import pytest

from functions.radiology.analysis import Taking, analyze
from functions.radiology.film import Film, View
from functions.radiology.plausibility import ImplausibleFilm
from shared.record import Findings
from shared.science.images.modality import WrongModality
from shared.science.images.unreadable import PictureTooSmall
from tests.functions.radiology.films import drawn, film

PA = Taking(View.PA, "upright", 61)


def values(findings: Findings) -> dict[str, float]:
    return {measured.name: measured.value for measured in findings.biomarkers}


@pytest.fixture(scope="module")
def usual() -> Findings:
    return analyze(film(), taking=PA)


class TestMeasures:
    def test_ratio_is_that_of_the_drawn_film(self, usual: Findings) -> None:
        true = drawn().cardiothoracic_ratio
        low, high = usual.result["ratio_interval"]
        assert values(usual)["cardiothoracic_ratio"] == pytest.approx(true, abs=0.05)
        assert low < true < high

    def test_widths_make_the_ratio(self, usual: Findings) -> None:
        measured = values(usual)
        ratio = measured["heart_width_px"] / measured["thorax_width_px"]
        assert ratio == pytest.approx(measured["cardiothoracic_ratio"])
        both = measured["heart_right_px"] + measured["heart_left_px"]
        assert both == pytest.approx(measured["heart_width_px"])

    def test_lines_are_as_long_as_the_widths(self, usual: Findings) -> None:
        lines = usual.result["measured_lines"]
        for name in ("heart", "thorax"):
            length = lines[name]["to_px"][0] - lines[name]["from_px"][0]
            assert length == pytest.approx(values(usual)[f"{name}_width_px"])

    def test_millimeters_follow_from_the_spacing(self) -> None:
        plain = film()
        spaced = Film(plain.gray, plain.size_px, "DICOM", spacing_mm=0.35)
        measured = values(analyze(spaced, taking=PA))
        assert measured["heart_width_mm"] == pytest.approx(0.35 * measured["heart_width_px"])

    def test_same_film_twice_as_large_is_twice_as_wide(self, usual: Findings) -> None:
        plain = film()
        twice = Film(plain.gray, (2048, 2048), "PNG")
        measured = values(analyze(twice, taking=PA))
        assert measured["heart_width_px"] == pytest.approx(2 * values(usual)["heart_width_px"])
        assert measured["cardiothoracic_ratio"] == values(usual)["cardiothoracic_ratio"]

    def test_haze_in_one_zone_is_described_there(self, usual: Findings) -> None:
        hazy = values(analyze(film(haze=0.2), taking=PA))
        assert hazy["lower_opacity_asymmetry"] > values(usual)["lower_opacity_asymmetry"] + 15
        assert abs(hazy["upper_opacity_asymmetry"]) < 30

    def test_same_film_same_numbers_and_pictures(self, usual: Findings) -> None:
        again = analyze(film(), taking=PA)
        assert again.biomarkers == usual.biomarkers
        assert [p.content for p in again.pictures] == [p.content for p in usual.pictures]


class TestView:
    def test_pa_film_of_an_adult_is_held_against_the_limit(self, usual: Findings) -> None:
        (ratio,) = [m for m in usual.biomarkers if m.name == "cardiothoracic_ratio"]
        assert ratio.range is not None
        assert usual.result["heart_size"] == "indeterminate"

    @pytest.mark.parametrize("taking", [Taking(), Taking(View.PA, age_years=9)])
    def test_ratio_without_its_circumstances_has_no_limit(self, taking: Taking) -> None:
        findings = analyze(film(), taking=taking)
        (ratio,) = [m for m in findings.biomarkers if m.name == "cardiothoracic_ratio"]
        assert ratio.range is None
        assert findings.result["heart_size"] is None
        assert any("limit" in warning for warning in findings.warnings)

    @pytest.mark.parametrize("taking", [Taking(View.AP), Taking(View.PA, "supine")])
    def test_magnifying_view_has_no_ratio(self, taking: Taking) -> None:
        findings = analyze(film(), taking=taking)
        assert "cardiothoracic_ratio" not in values(findings)
        assert ("cardiothoracic_ratio", "not-in-this-view") in {
            (absence.name, absence.code) for absence in findings.absent
        }

    def test_lateral_film_is_refused(self) -> None:
        with pytest.raises(ImplausibleFilm, match="lateral"):
            analyze(film(), taking=Taking(View.LATERAL))

    def test_form_goes_before_the_file_and_says_so(self) -> None:
        plain = film()
        stated = Film(plain.gray, plain.size_px, "DICOM", view=View.AP, age_years=40)
        findings = analyze(stated, taking=Taking(View.PA))
        assert findings.parameters["view"] == "PA"
        assert any("the form is taken" in warning for warning in findings.warnings)


class TestRefusals:
    def noise(self) -> Film:
        gray = np.random.default_rng(1).random((600, 600), np.float32)
        return Film(gray, (600, 600), "PNG")

    def test_noise(self) -> None:
        with pytest.raises((WrongModality, ImplausibleFilm)):
            analyze(self.noise(), taking=PA)

    @pytest.mark.parametrize("turns", [1, 2, 3])
    def test_film_that_does_not_stand_upright(self, turns: int) -> None:
        gray = np.ascontiguousarray(np.rot90(film().gray, turns))
        with pytest.raises((WrongModality, ImplausibleFilm)):
            analyze(Film(gray, (1024, 1024), "PNG"), taking=PA)

    def test_one_half_of_a_film(self) -> None:
        gray = np.ascontiguousarray(film().gray[:, :512])
        with pytest.raises((WrongModality, ImplausibleFilm)):
            analyze(Film(gray, (512, 1024), "PNG"), taking=PA)

    def test_negative_of_a_film(self) -> None:
        with pytest.raises((WrongModality, ImplausibleFilm)):
            analyze(Film(1 - film().gray, (1024, 1024), "PNG"), taking=PA)

    def test_thumbnail(self) -> None:
        with pytest.raises(PictureTooSmall, match="400"):
            analyze(Film(film().gray[::4, ::4], (256, 256), "PNG"), taking=PA)


class TestFindings:
    def test_are_absent_without_a_model(self, usual: Findings) -> None:
        assert usual.result["findings"] is None
        assert ("findings", "no-model") in {(gap.name, gap.code) for gap in usual.absent}

    def test_pictures_have_words(self, usual: Findings) -> None:
        names = [picture.name for picture in usual.pictures]
        assert names == ["outlines", "zones", "lung_mask", "heart_mask"]
        assert all(len(picture.alt) > 20 for picture in usual.pictures)
