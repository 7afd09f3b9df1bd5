"""Fundus photos over HTTP, stored with real commits and read back."""

import hashlib
import json
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from httpx import AsyncClient, Response
from PIL import Image, ImageDraw

from functions.retinal.norms import BIOMARKERS
from shared import settings
from shared.permissions import RoleName
from tests.conftest import Clinic
from tests.functions.retinal.photos import right_eye
from tests.shared.science.models.graphs import classifier
from tests.shared.science.models.test_slot import LABELS, manifest


async def post(client: AsyncClient, content: bytes, **fields: str) -> Response:
    return await client.post(
        "/api/retinal/analyze", files=[("file", ("eye.jpg", content))], data=fields
    )


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Install a model of two labels; with another hash than its manifest's, if one is given."""

    def put(sha256: str = "") -> None:
        graph = classifier([[4.0], [-4.0]], [-2.0, 2.0])
        (tmp_path / "chest.onnx").write_bytes(graph)  # as the manifest names it
        content = json.dumps(manifest(graph)).encode()
        (tmp_path / "eye.json").write_bytes(content)
        monkeypatch.setenv("MEDILENS_RETINAL_MODEL", str(tmp_path / "eye.json"))
        monkeypatch.setenv(
            "MEDILENS_RETINAL_MODEL_SHA256", sha256 or hashlib.sha256(content).hexdigest()
        )
        settings.load.cache_clear()

    return put


def in_a_round_frame() -> bytes:
    """Fur with stripes, eyes and whiskers, seen through a round hole: lit like a fundus."""
    image = Image.new("RGB", (900, 900))
    pen = ImageDraw.Draw(image)
    pen.ellipse((10, 10, 890, 890), fill=(190, 140, 90))
    for x in range(150, 750, 60):
        pen.line((x, 150, 450, 420), (110, 70, 40), 18)
    for x in (300, 600):
        pen.ellipse((x - 70, 350, x + 70, 460), fill=(150, 180, 90))
        pen.ellipse((x - 15, 350, x + 15, 460), fill="black")
    for y in (560, 600, 640):
        pen.line((100, y, 800, 1200 - y), "white", 5)
    pen.polygon([(410, 540), (490, 540), (450, 600)], (220, 130, 120))
    stream = BytesIO()
    image.save(stream, "PNG")
    return stream.getvalue()


def page() -> bytes:
    """A screenshot of text."""
    image = Image.new("RGB", (900, 700), "white")
    pen = ImageDraw.Draw(image)
    for row in range(20):
        pen.text((40, 30 * row + 20), "the quick brown fox jumps over the lazy dog " * 3, "black")
    stream = BytesIO()
    image.save(stream, "PNG")
    return stream.getvalue()


class TestAnalyze:
    async def test_a_photo_is_measured_stored_and_read_back(self, clinic: Clinic) -> None:
        subject = str(clinic.person_id(RoleName.PATIENT))
        async with clinic.client(RoleName.CLINICIAN) as client:
            answer = await post(
                client, right_eye().jpeg, subject_id=subject, field_of_view_deg="45"
            )
            assert answer.status_code == 201, answer.text
            body: dict[str, Any] = answer.json()
            stored = await client.get(f"/api/records/assessments/{body['id']}")
            masks = [
                await client.get(picture["href"])
                for picture in body["pictures"]
                if picture["name"].endswith("_mask")
            ]
        measured = {marker["name"] for marker in body["biomarkers"]}
        assert measured | {entry["name"] for entry in body["absent"]} == {*BIOMARKERS, "findings"}
        assert body["result"]["eye_laterality"] == "right"
        assert stored.json()["biomarkers"] == body["biomarkers"]
        assert [mask.headers["content-type"] for mask in masks] == ["image/png"] * 4
        used = {model["name"] for model in body["provenance"]["models"]}
        assert used >= {"modality", "retinal-vessels"}
        assert body["result"]["findings"] is None

    @pytest.mark.parametrize(
        ("content", "code"),
        [
            pytest.param(page(), "no-field-of-view", id="a screenshot of text"),
            pytest.param(in_a_round_frame(), "wrong-modality", id="a cat in a round frame"),
            pytest.param(b"%PDF-1.7 and more of it", "unknown-format", id="a document"),
            pytest.param(right_eye().jpeg[:5000], "malformed-recording", id="cut off"),
        ],
    )
    async def test_anything_else_is_refused_by_name(
        self, clinic: Clinic, content: bytes, code: str
    ) -> None:
        subject = str(clinic.person_id(RoleName.PATIENT))
        async with clinic.client(RoleName.CLINICIAN) as client:
            answer = await post(client, content, subject_id=subject)
        assert (answer.status_code, answer.json()["code"]) == (422, code)


class TestOperatorsModel:
    async def test_names_findings_with_its_provenance(
        self, clinic: Clinic, install: Callable[..., None]
    ) -> None:
        install()
        async with clinic.client(RoleName.CLINICIAN) as client:
            answer = await post(client, right_eye().jpeg)
        assert answer.status_code == 201, answer.text
        body = answer.json()
        assert [row["label"] for row in body["result"]["findings"]] == LABELS
        used = {(row["name"], row.get("version")) for row in body["provenance"]["models"]}
        assert ("chest", "7") in used
        assert "findings" not in {row["name"] for row in body["absent"]}

    async def test_that_differs_is_a_503_and_never_a_value(
        self, clinic: Clinic, install: Callable[..., None]
    ) -> None:
        install("0" * 64)
        async with clinic.client(RoleName.CLINICIAN) as client:
            answer = await post(client, right_eye().jpeg)
        assert (answer.status_code, answer.json()["code"]) == (503, "unusable-model")
        assert "than the deployment names" in answer.json()["detail"]
