"""One lesion through all steps, without a database."""

import json
from hashlib import sha256
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageFilter

from functions.dermatology.analysis import analyze
from functions.dermatology.earlier import Earlier
from functions.dermatology.norms import BIOMARKERS
from functions.dermatology.quality import require_skin
from functions.dermatology.refusals import LesionTooSmall, NotSkin, TooBlurred
from functions.dermatology.results import Asked
from functions.dermatology.standard import standardized
from local.samples.clutter import Clutter
from local.samples.dermatology import IRREGULAR, NEVUS
from local.samples.lesion import Lesion, Scene, draw
from shared.record import Findings
from shared.science.images.decode import Photograph
from shared.science.models.slot import load_operator_model
from tests.functions.dermatology.scenes import PLAIN
from tests.shared.science.models.graphs import classifier
from tests.shared.science.models.test_slot import manifest


def photograph(scene: Scene) -> Photograph:
    picture = draw(scene).picture
    return Photograph(picture, (picture.shape[1], picture.shape[0]), "PNG")


def values(findings: Findings) -> dict[str, float]:
    return {measured.name: measured.value for measured in findings.biomarkers}


class TestWhole:
    def test_an_irregular_lesion_scores_higher_than_a_nevus(self) -> None:
        nevus, irregular = (
            values(analyze(photograph(scene), Asked(image_source="dermoscopy")))
            for scene in (NEVUS, IRREGULAR)
        )
        assert irregular["total_dermoscopy_score"] > nevus["total_dermoscopy_score"] + 1
        assert irregular["compactness"] > nevus["compactness"]
        assert irregular["color_count"] > nevus["color_count"]

    def test_a_ruler_in_dermoscopy_gives_millimeters(self) -> None:
        scene = Scene(
            lesion=Lesion(diameter=0.4),
            clutter=Clutter(ruler_mm=18.0),
            height_px=480,
            width_px=640,
            seed=2,
        )
        drawing = draw(scene)
        findings = analyze(photograph(scene), Asked(image_source="dermoscopy"))
        assert drawing.mm_per_px is not None
        true_mm2 = drawing.lesion.sum() * drawing.mm_per_px**2
        assert findings.result["scale_origin"] == "ruler"
        assert values(findings)["lesion_area_mm2"] == pytest.approx(true_mm2, rel=0.1)

    def test_the_round_field_decides_where_nobody_declares(self) -> None:
        assert analyze(photograph(IRREGULAR), Asked()).result["image_source"] == "dermoscopy"
        undecided = analyze(photograph(PLAIN), Asked())
        assert undecided.result["image_source"] == "undetermined"
        assert undecided.risk is None

    def test_every_biomarker_is_measured_or_absent(self) -> None:
        findings = analyze(photograph(PLAIN), Asked())
        absent = {absence.name for absence in findings.absent}
        assert set(values(findings)) | absent == set(BIOMARKERS) | {"classes"}
        assert not set(values(findings)) & absent


class TestPictures:
    def test_both_visits_are_drawn_with_words(self) -> None:
        stream = BytesIO()
        Image.fromarray(draw(PLAIN).lesion).save(stream, "PNG")
        earlier = Earlier(
            "an-id", "2026-01-01", "1.0.0", 40.0, (50.0, 20.0, 20.0), stream.getvalue()
        )
        findings = analyze(photograph(PLAIN), Asked(mm_per_px=0.05), earlier)
        drawn = {picture.name: picture for picture in findings.pictures}
        assert "area now" in drawn["lesion_evolution"].alt
        for picture in drawn.values():
            assert Image.open(BytesIO(picture.content)).format == "PNG"
            assert len(picture.alt) > 20

    def test_the_scale_bar_is_drawn_only_at_a_known_scale(self) -> None:
        sizes = []
        for scale in (None, 0.05):
            findings = analyze(photograph(PLAIN), Asked(mm_per_px=scale))
            outline = next(p for p in findings.pictures if p.name == "lesion_outline")
            sizes.append(Image.open(BytesIO(outline.content)).size[1])
        assert sizes[1] > sizes[0]  # a row more in the legend


class TestModelSlot:
    def test_an_operators_model_names_classes(self, tmp_path: Path) -> None:
        graph = classifier([[1.0, 0.0, 0.0], [0.0, 0.0, 1.0]], [0.0, 0.0])
        stated = manifest(graph, input={"channels": 3}, output={"labels": ["nevus", "melanoma"]})
        content = json.dumps(stated | {"thresholds": {}}).encode()
        (tmp_path / "chest.onnx").write_bytes(graph)
        (tmp_path / "lesions.json").write_bytes(content)
        model = load_operator_model(tmp_path / "lesions.json", sha256(content).hexdigest())
        findings = analyze(photograph(PLAIN), Asked(), model=model)
        assert set(findings.result["classes"]) == {"nevus", "melanoma"}
        assert "classes" not in {absence.name for absence in findings.absent}
        assert model.used in findings.models


class TestRefusals:
    @pytest.mark.parametrize("rgb", [(60.0, 180.0, 60.0), (90.0, 120.0, 200.0), (10.0, 8.0, 8.0)])
    def test_no_skin_has_such_a_color(self, rgb: tuple[float, float, float]) -> None:
        with pytest.raises(NotSkin):
            require_skin(np.array(rgb))

    @pytest.mark.parametrize(
        "rgb", [(235, 205, 200), (200, 150, 120), (92, 62, 48), (214, 200, 220)]
    )
    def test_skin_of_every_tone_passes(self, rgb: tuple[int, int, int]) -> None:
        require_skin(np.array(rgb, float))

    def test_a_lesion_without_skin_around_it(self) -> None:
        with pytest.raises(NotSkin, match="no skin is visible"):
            standardized(draw(PLAIN).picture, np.ones((288, 384), np.bool_))

    def test_too_few_pixels_are_refused(self) -> None:
        small = Scene(lesion=Lesion(diameter=0.25), height_px=150, width_px=200, seed=2)
        with pytest.raises(LesionTooSmall):
            analyze(photograph(small), Asked())

    def test_hopeless_blur_is_refused(self) -> None:
        sharp = Image.fromarray(draw(PLAIN).picture)
        picture = np.asarray(sharp.filter(ImageFilter.GaussianBlur(10)))
        with pytest.raises(TooBlurred):
            analyze(Photograph(picture, (384, 288), "PNG"), Asked())
