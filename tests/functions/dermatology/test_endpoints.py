"""Lesions over HTTP: what is answered, compared, refused, and hidden."""

import hashlib
import json
from collections.abc import Awaitable, Callable
from dataclasses import replace
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from httpx import AsyncClient, Response
from PIL import Image

from local.samples.dermatology import file_of
from local.samples.lesion import draw
from shared import settings
from shared.permissions import RoleName
from tests.conftest import Clinic
from tests.functions.dermatology.scenes import PLAIN
from tests.shared.science.models.graphs import classifier
from tests.shared.science.models.test_slot import LABELS, manifest

SCALE = {"mm_per_px": "0.05", "lesion_key": "left.arm-1", "image_source": "dermoscopy"}


@cache
def lesion(diameter: float = 0.45) -> bytes:
    scene = replace(PLAIN, lesion=replace(PLAIN.lesion, diameter=diameter))
    return file_of(draw(scene).picture).content


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Install a model of two labels, its manifest changed as asked."""

    def put(sha256: str = "", **changes: Any) -> None:
        graph = classifier([[4.0], [-4.0]], [-2.0, 2.0])
        (tmp_path / "chest.onnx").write_bytes(graph)  # as the manifest names it
        content = json.dumps(manifest(graph, **changes)).encode()
        (tmp_path / "lesion.json").write_bytes(content)
        stated = sha256 or hashlib.sha256(content).hexdigest()
        monkeypatch.setenv("MEDILENS_DERMATOLOGY_MODEL", str(tmp_path / "lesion.json"))
        monkeypatch.setenv("MEDILENS_DERMATOLOGY_MODEL_SHA256", stated)
        settings.load.cache_clear()

    return put


async def post(client: AsyncClient, content: bytes, **data: str) -> Response:
    files = {"file": ("a.png", content)}
    return await client.post("/api/dermatology/analyze", files=files, data=data)


async def analyzed(client: AsyncClient, content: bytes, **data: str) -> dict[str, Any]:
    answer = await post(client, content, **data)
    assert answer.status_code == 201, answer.text
    body: dict[str, Any] = answer.json()
    return body


def values(body: dict[str, Any]) -> dict[str, float]:
    return {biomarker["name"]: biomarker["value"] for biomarker in body["biomarkers"]}


def absences(body: dict[str, Any]) -> dict[str, str]:
    return {entry["name"]: entry["code"] for entry in body["absent"]}


class TestAnalyze:
    async def test_a_lesion_is_drawn(self, clinic: Clinic) -> None:
        async with clinic.client(RoleName.CLINICIAN) as client:
            body = await analyzed(client, lesion(), image_source="dermoscopy")
            pictures = {picture["name"]: picture for picture in body["pictures"]}
            mask = await client.get(pictures["lesion_mask"]["href"])
        assert set(pictures) == {"lesion_outline", "lesion_colors", "lesion_mask"}
        assert all(picture["alt"] for picture in pictures.values())
        image = Image.open(BytesIO(mask.content))
        assert (image.mode, image.size) == ("1", (384, 288))
        assert np.asarray(image).sum() == pytest.approx(values(body)["lesion_area"], rel=0.01)

    async def test_a_lesion_is_measured(self, clinic: Clinic) -> None:
        async with clinic.client(RoleName.CLINICIAN) as client:
            body = await analyzed(client, lesion(), image_source="dermoscopy")
        assert body["result"]["image_source_decided_by"] == "declared"
        assert body["risk_score"] is not None
        absent = absences(body)
        assert (absent["lesion_area_mm2"], absent["classes"]) == ("no-scale", "no-model")
        used = {model["name"] for model in body["provenance"]["models"]}
        assert used == {"modality", "lesion-border"}

    async def test_without_a_dermatoscope_there_is_no_total_score(self, clinic: Clinic) -> None:
        async with clinic.client(RoleName.CLINICIAN) as client:
            body = await analyzed(client, lesion(), image_source="clinical", mm_per_px="0.05")
        assert absences(body)["total_dermoscopy_score"] == "not-dermoscopy"
        assert body["risk_score"] is None
        diameter_mm = values(body)["lesion_diameter_mm"]
        assert body["result"]["abcde_flags"]["diameter"] == (diameter_mm > 6)
        assert body["result"]["abcde_flags"]["evolution"] is None

    async def test_the_same_bytes_are_the_same_numbers(self, clinic: Clinic) -> None:
        async with clinic.client(RoleName.CLINICIAN) as client:
            first, second = [await analyzed(client, lesion()) for _ in range(2)]
        assert first["biomarkers"] == second["biomarkers"]
        assert first["result"] == second["result"]


class TestEvolution:
    async def test_a_grown_lesion_is_compared_with_itself(self, clinic: Clinic) -> None:
        async with clinic.client(RoleName.CLINICIAN) as client:
            before = "2025-01-01T10:00:00Z"
            first = await analyzed(client, lesion(), recorded_at=before, **SCALE)
            second = await analyzed(client, lesion(0.55), **SCALE)
        assert "lesion_area_ratio" not in values(first)
        then, now = values(first)["lesion_area_mm2"], values(second)["lesion_area_mm2"]
        assert values(second)["lesion_area_ratio"] == pytest.approx(now / then)
        assert values(second)["lesion_area_ratio"] > 1.3
        assert second["result"]["compared_with"] == first["id"]
        assert second["result"]["abcde_flags"]["evolution"] is True
        assert "lesion_evolution" in {picture["name"] for picture in second["pictures"]}

    async def test_only_the_same_persons_same_lesion_is_compared(
        self, clinic: Clinic, new_clinic: Callable[[], Awaitable[Clinic]]
    ) -> None:
        of_subject = {**SCALE, "subject_id": str(clinic.person_id(RoleName.PATIENT))}
        async with clinic.client(RoleName.CLINICIAN) as client:
            await analyzed(client, lesion(), recorded_at="2025-01-01T10:00:00Z", **of_subject)
            own = await analyzed(client, lesion(), **SCALE)
            other_key = await analyzed(client, lesion(), **of_subject | {"lesion_key": "back-2"})
        elsewhere = await new_clinic()
        async with elsewhere.client(RoleName.CLINICIAN) as client:
            foreign = await analyzed(client, lesion(), **SCALE)
        for body in (own, other_key, foreign):
            assert body["result"]["compared_with"] is None
            assert absences(body)["lesion_area_ratio"] == "no-earlier-assessment"

    async def test_the_patient_is_compared_with_what_the_clinic_recorded(
        self, clinic: Clinic
    ) -> None:
        subject = str(clinic.person_id(RoleName.PATIENT))
        async with clinic.client(RoleName.CLINICIAN) as client:
            first = await analyzed(
                client, lesion(), recorded_at="2025-01-01T10:00:00Z", subject_id=subject, **SCALE
            )
        async with clinic.client(RoleName.PATIENT) as client:
            own = await analyzed(client, lesion(), **SCALE)
        assert own["result"]["compared_with"] == first["id"]

    async def test_a_researcher_never_reads_the_key(self, clinic: Clinic) -> None:
        subject = str(clinic.person_id(RoleName.PATIENT))
        async with clinic.client(RoleName.CLINICIAN) as client:
            body = await analyzed(client, lesion(), subject_id=subject, **SCALE)
        async with clinic.client(RoleName.RESEARCHER) as client:
            read = await client.get(f"/api/records/assessments/{body['id']}")
        assert read.status_code == 200
        assert SCALE["lesion_key"] not in read.text


class TestOperatorsModel:
    async def test_names_classes_with_its_provenance(
        self, clinic: Clinic, install: Callable[..., None]
    ) -> None:
        install()
        async with clinic.client(RoleName.CLINICIAN) as client:
            body = await analyzed(client, lesion())
        assert set(body["result"]["classes"]) == set(LABELS)
        used = {(model["name"], model.get("version")) for model in body["provenance"]["models"]}
        assert ("chest", "7") in used
        assert "classes" not in {row["name"] for row in body["absent"]}

    @pytest.mark.parametrize(
        ("sha256", "changes", "told"),
        [
            ("0" * 64, {}, "than the deployment names"),
            ("", {"input": {"channels": 3}}, "the manifest says 3"),
            ("", {"output": {"labels": ["Effusion"]}}, "2 values"),
        ],
    )
    async def test_that_differs_is_a_503_and_never_a_value(
        self,
        clinic: Clinic,
        install: Callable[..., None],
        sha256: str,
        changes: dict[str, Any],
        told: str,
    ) -> None:
        install(sha256, **changes)
        async with clinic.client(RoleName.CLINICIAN) as client:
            answer = await post(client, lesion())
        assert (answer.status_code, answer.json()["code"]) == (503, "unusable-model")
        assert told in answer.json()["detail"]


def picture_of(kind: str) -> bytes:
    rng = np.random.default_rng(1)
    rows, columns = np.mgrid[:300, :400]
    pixels = {
        "noise": rng.integers(0, 256, (300, 400, 3)),
        "plain skin": np.full((300, 400, 3), (220, 180, 160)),
        "a green leaf": np.where(
            (np.hypot(rows - 150, columns - 200) < 80)[..., None], (30, 60, 20), (90, 170, 60)
        ),
        "black": np.zeros((300, 400, 3)),
    }[kind]
    return file_of(pixels.astype(np.uint8)).content


class TestRefusals:
    @pytest.mark.parametrize("kind", ["noise", "plain skin", "a green leaf", "black"])
    async def test_what_is_no_lesion_is_refused_with_words(self, clinic: Clinic, kind: str) -> None:
        async with clinic.client(RoleName.CLINICIAN) as client:
            answer = await post(client, picture_of(kind))
        assert answer.status_code == 422, answer.text
        assert answer.json()["code"] in {"no-lesion", "wrong-modality", "lesion-too-small"}

    @pytest.mark.parametrize(
        "data",
        [
            {"lesion_key": "Jane Doe"},
            {"mm_per_px": "0"},
            {"image_source": "x-ray"},
            {"fitzpatrick_type": "7"},
            {"body_location": "Jane's arm"},
        ],
    )
    async def test_a_field_out_of_its_range_is_refused(
        self, clinic: Clinic, data: dict[str, str]
    ) -> None:
        async with clinic.client(RoleName.CLINICIAN) as client:
            answer = await post(client, lesion(), **data)
        assert answer.status_code == 422
        assert next(iter(data)) in answer.text
