"""Chest films over HTTP, stored with real commits and read back."""

import hashlib
import json
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from httpx import AsyncClient, Response
from PIL import Image

from functions.radiology import service
from shared import settings
from shared.permissions import RoleName
from tests.conftest import Clinic
from tests.functions.radiology.films import dicom, png
from tests.shared.science.models.graphs import classifier
from tests.shared.science.models.test_slot import LABELS, manifest

type Install = Callable[..., None]
BITMAP = ("1", (1024, 1024))


async def post(client: AsyncClient, content: bytes, **fields: str) -> Response:
    return await client.post(
        "/api/radiology/analyze", files=[("file", ("film", content))], data=fields
    )


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Install:
    """Install a model of two labels, its manifest changed as asked."""

    def put(sha256: str = "", **changes: Any) -> None:
        graph = classifier([[4.0], [-4.0]], [-2.0, 2.0])
        (tmp_path / "chest.onnx").write_bytes(graph)
        content = json.dumps(manifest(graph, **changes)).encode()
        (tmp_path / "chest.json").write_bytes(content)
        stated = sha256 or hashlib.sha256(content).hexdigest()
        monkeypatch.setenv("MEDILENS_RADIOLOGY_MODEL", str(tmp_path / "chest.json"))
        monkeypatch.setenv("MEDILENS_RADIOLOGY_MODEL_SHA256", stated)
        settings.load.cache_clear()

    return put


class TestAnalyze:
    async def test_dicom_film_is_measured_and_kept(self, clinic: Clinic) -> None:
        subject = str(clinic.person_id(RoleName.PATIENT))
        async with clinic.client(RoleName.CLINICIAN) as client:
            answer = await post(client, dicom(), subject_id=subject, position="upright")
            assert answer.status_code == 201, answer.text
            body = answer.json()
            stored = await client.get(f"/api/records/assessments/{body['id']}")
        assert stored.json()["result"] == body["result"]
        assert body["result"]["view_position"] == "PA"
        size = {row["name"]: row["value"] for row in body["biomarkers"]}
        assert size["heart_width_mm"] == pytest.approx(0.4 * size["heart_width_px"])
        used = {model["name"] for model in body["provenance"]["models"]}
        assert used == {"modality", "chest_outlines"}

    async def test_mask_of_a_dicom_film_is_a_bitmap(self, clinic: Clinic) -> None:
        async with clinic.client(RoleName.CLINICIAN) as client:
            body = (await post(client, dicom(), position="upright")).json()
            mask = await client.get(body["pictures"][2]["href"])
        image = Image.open(BytesIO(mask.content))
        assert (mask.headers["content-type"], image.mode, image.size) == ("image/png", *BITMAP)

    async def test_text_on_paper_is_refused_by_what_it_looks_like(self, clinic: Clinic) -> None:
        stream = BytesIO()
        Image.new("RGB", (800, 800), "white").save(stream, "PNG")
        async with clinic.client(RoleName.CLINICIAN) as client:
            answer = await post(client, stream.getvalue())
        assert (answer.status_code, answer.json()["code"]) == (422, "wrong-modality")
        assert "expected a frontal chest radiograph" in answer.json()["detail"]

    async def test_info_names_formats_and_limits(self, clinic: Clinic) -> None:
        async with clinic.client(RoleName.CLINICIAN) as client:
            body = (await client.get("/api/radiology/info")).json()
        assert body["version"] == service.VERSION
        assert body["limits"]["min_side_px"] == 400


class TestOperatorsModel:
    async def test_names_findings_with_its_provenance(
        self, clinic: Clinic, install: Install
    ) -> None:
        install()
        async with clinic.client(RoleName.CLINICIAN) as client:
            answer = await post(client, png(), view="PA", age_years="50")
        assert answer.status_code == 201, answer.text
        body = answer.json()
        assert [row["label"] for row in body["result"]["findings"]] == LABELS
        assert body["result"]["findings"][0]["threshold"] == 0.5
        assert body["result"]["findings"][1]["is_above"] is None
        assert ("chest", "7") in {(m["name"], m["version"]) for m in body["provenance"]["models"]}
        assert "no-model" not in {row["code"] for row in body["absent"]}

    @pytest.mark.parametrize(
        ("sha256", "changes", "told"),
        [
            ("0" * 64, {}, "than the deployment names"),
            ("", {"input": {"channels": 3}}, "the manifest says 3"),
            ("", {"output": {"labels": ["Effusion"]}}, "2 values"),
        ],
    )
    async def test_that_differs_is_a_503_and_never_a_value(
        self, clinic: Clinic, install: Install, sha256: str, changes: dict[str, Any], told: str
    ) -> None:
        install(sha256, **changes)
        async with clinic.client(RoleName.CLINICIAN) as client:
            answer = await post(client, png())
        assert (answer.status_code, answer.json()["code"]) == (503, "unusable-model")
        assert told in answer.json()["detail"]
