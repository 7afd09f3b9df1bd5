"""Fundus photos over HTTP, stored with real commits and read back."""

from io import BytesIO
from typing import Any

import pytest
from httpx import AsyncClient, Response
from PIL import Image, ImageDraw

from functions.retinal.norms import BIOMARKERS
from shared.permissions import RoleName
from tests.conftest import Clinic
from tests.functions.retinal.photos import right_eye


async def post(client: AsyncClient, content: bytes, **fields: str) -> Response:
    return await client.post(
        "/api/retinal/analyze", files=[("file", ("eye.jpg", content))], data=fields
    )


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
        assert measured | {entry["name"] for entry in body["absent"]} == set(BIOMARKERS)
        assert body["result"]["eye_laterality"] == "right"
        assert stored.json()["biomarkers"] == body["biomarkers"]
        assert [mask.headers["content-type"] for mask in masks] == ["image/png"] * 2
        assert len(body["provenance"]["models"]) == 4

    @pytest.mark.parametrize(
        ("content", "code"),
        [
            pytest.param(page(), "no-field-of-view", id="a screenshot of text"),
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
