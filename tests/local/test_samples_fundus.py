import numpy as np
import pytest

from local.samples.fundus import DISC_DEG, FIELD_DEG, FIELD_PX, fundus


class TestFundus:
    def test_the_same_seed_gives_the_same_photo(self) -> None:
        assert fundus(seed=3).jpeg == fundus(seed=3).jpeg

    def test_eyes_are_mirror_images_of_one_plan(self) -> None:
        right, left = fundus(right_eye=True, seed=3), fundus(right_eye=False, seed=3)
        assert right.disc_xy[0] > right.fovea_xy[0]
        assert left.disc_xy[0] < left.fovea_xy[0]

    def test_vessels_are_darker_than_what_is_beside_them(self) -> None:
        photo = fundus(seed=3)
        green = photo.rgb[..., 1].astype(float)
        assert green[photo.vessels].mean() < 0.8 * green[photo.field & ~photo.vessels].mean()

    def test_density_and_disc_are_those_of_eyes(self) -> None:
        photo = fundus(seed=3)
        assert 0.04 < photo.density < 0.16
        assert photo.disc_diameter_px == pytest.approx(DISC_DEG * FIELD_PX / FIELD_DEG)
        assert not photo.rgb[~photo.field].any() or np.median(photo.rgb[~photo.field]) == 0
