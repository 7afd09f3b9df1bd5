import numpy as np
import pytest
from PIL import Image

from functions.retinal.canvas import between, bring_to_scale, fill_outside, on_photo
from functions.retinal.field import disc, find_field
from local.samples.fundus import FIELD_PX, SIDE_PX
from tests.functions.retinal.photos import right_eye


def circle(width: int, height: int, x: float, y: float, diameter: float) -> Image.Image:
    lit = disc((height, width), x, y, diameter)
    return Image.fromarray(np.where(lit[..., None], [150, 80, 40], 3).astype(np.uint8))


class TestField:
    @pytest.mark.parametrize(
        ("x", "y", "diameter"),
        [
            (400, 300, 520),
            (380, 310, 500),
            pytest.param(400, 300, 700, id="cut above and below by the frame"),
        ],
    )
    def test_is_the_circle_that_is_lit(self, x: float, y: float, diameter: float) -> None:
        field = find_field(circle(800, 600, x, y, diameter))
        assert field is not None
        assert (field.x_px, field.y_px) == pytest.approx((x, y), abs=3)
        assert field.diameter_px == pytest.approx(diameter, rel=0.01)
        assert field.lit_inside > 0.98

    def test_a_dark_picture_has_none(self) -> None:
        assert find_field(Image.new("RGB", (400, 300))) is None

    def test_of_a_synthetic_photo(self) -> None:
        field = find_field(Image.fromarray(right_eye().rgb))
        assert field is not None
        assert field.diameter_px == pytest.approx(FIELD_PX, rel=0.01)
        assert (field.x_px, field.y_px) == pytest.approx((SIDE_PX / 2,) * 2, abs=2)


class TestCanvas:
    def test_has_the_field_at_the_size_asked_for(self) -> None:
        photo = circle(800, 600, 400, 300, 520)
        field = find_field(photo)
        assert field is not None
        canvas = bring_to_scale(photo, field, 260)
        assert canvas.field_px == pytest.approx(260)
        assert canvas.inside.sum() == pytest.approx(np.pi * 130**2, rel=0.01)

    def test_values_come_back_to_their_place_on_the_photo(self) -> None:
        photo = circle(800, 600, 380, 310, 500)
        field = find_field(photo)
        assert field is not None
        canvas = bring_to_scale(photo, field, 250)
        back = on_photo(canvas.inside.astype(np.float32), canvas, photo.size) > 0.5
        lit = np.asarray(photo)[..., 0] > 100
        assert np.mean(back != lit) < 0.005

    def test_the_surround_continues_the_field(self) -> None:
        image = np.full((64, 64, 3), 0.5, np.float32)
        known = disc((64, 64), 32, 32, 40)
        image[~known] = 0
        assert fill_outside(image, known) == pytest.approx(np.full((64, 64, 3), 0.5))

    def test_between_canvases_the_middle_stays(self) -> None:
        spot = disc((48, 48), 24, 24, 12).astype(np.float32)
        larger = between(spot, 1 / 3, 144) > 0.5
        rows, columns = np.nonzero(larger)
        assert (rows.mean() + 0.5, columns.mean() + 0.5) == pytest.approx((72, 72), abs=0.5)
        assert larger.sum() == pytest.approx(9 * spot.sum(), rel=0.05)
