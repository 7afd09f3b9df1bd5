"""A photo as a camera writes it, too large for a request: uploaded, then analyzed."""

from functools import cache
from io import BytesIO

import pytest
from PIL import Image

from functions.retinal.analysis import analyze
from shared.permissions import RoleName
from tests.conftest import Clinic
from tests.functions.retinal.photos import photo, right_eye
from tests.functions.uploads.sending import uploaded

pytestmark = [pytest.mark.clock, pytest.mark.usefixtures("aws")]

SIZE_PX = (4000, 3072)
MAX_REQUEST_BYTES = 4_500_000  # of the hosts that these functions run on


@cache
def photo_of_12_megapixels() -> bytes:
    """A synthetic eye at the size of a fundus camera's file, the field in a wider frame."""
    side = SIZE_PX[1]
    eye = Image.fromarray(right_eye().rgb).resize((side, side), Image.Resampling.BICUBIC)
    frame = Image.new("RGB", SIZE_PX)
    frame.paste(eye, ((SIZE_PX[0] - side) // 2, 0))
    stream = BytesIO()
    frame.save(stream, "JPEG", quality=100, subsampling=0)
    return stream.getvalue()


async def test_a_fundus_photo_of_12_megapixels_is_measured(clinic: Clinic) -> None:
    content = photo_of_12_megapixels()
    assert len(content) > MAX_REQUEST_BYTES
    upload_id = await uploaded(clinic, content, content_type="image/jpeg")
    async with clinic.client(RoleName.CLINICIAN) as client:
        answer = await client.post(
            "/api/retinal/analyze", data={"upload_id": upload_id, "field_of_view_deg": "45"}
        )
        assert answer.status_code == 201, answer.text
        body = answer.json()
        pictures = {picture["name"]: picture["href"] for picture in body["pictures"]}
        mask = await client.get(pictures["vessel_mask"])
    measured = {row["name"]: row["value"] for row in body["biomarkers"]}
    eye = right_eye()
    enlarged = SIZE_PX[1] / len(eye.rgb)
    assert body["result"]["eye_laterality"] == "right"
    assert measured["disc_diameter"] == pytest.approx(enlarged * eye.disc_diameter_px, rel=0.15)
    small = analyze(photo(eye.rgb), field_of_view_deg=45)
    as_small = {biomarker.name: biomarker.value for biomarker in small.biomarkers}
    assert measured["vessel_density"] == pytest.approx(as_small["vessel_density"], rel=0.03)
    with Image.open(BytesIO(mask.content)) as image:
        assert (image.mode, image.size) == ("1", SIZE_PX)
