import numpy as np
import pytest
from PIL import Image, ImageFilter

from shared.science.images.quality import exposure


def texture(seed: int = 1) -> np.ndarray:
    noise = np.random.default_rng(seed).integers(60, 200, (128, 128)).astype(np.uint8)
    return np.asarray(Image.fromarray(noise).resize((512, 512), Image.Resampling.BICUBIC))


class TestExposure:
    def test_blur_lowers_focus(self) -> None:
        blurred = np.asarray(Image.fromarray(texture()).filter(ImageFilter.GaussianBlur(4)))
        assert exposure(blurred).focus < 0.3 * exposure(texture()).focus

    def test_focus_hardly_depends_on_the_size_of_the_picture(self) -> None:
        larger = np.asarray(Image.fromarray(texture()).resize((1024, 1024)))
        assert exposure(larger).focus == pytest.approx(exposure(texture()).focus, rel=0.15)

    def test_one_dark_side_lowers_the_ratio_of_light(self) -> None:
        picture = np.full((100, 100), 200, np.uint8)
        picture[:, :50] = 100
        assert exposure(picture).illumination_ratio == pytest.approx(0.5)

    def test_shares_are_counted_inside_the_mask(self) -> None:
        picture = np.full((100, 100), 128, np.uint8)
        picture[:10], picture[-10:] = 255, 0
        mask = np.zeros((100, 100), bool)
        mask[:50] = True
        assert exposure(picture).glare_share == exposure(picture).dark_share == 0.1
        assert exposure(picture, mask).glare_share == 0.2
        assert exposure(picture, mask).dark_share == 0.0

    def test_empty_mask_measures_nothing(self) -> None:
        empty = exposure(texture(), np.zeros((512, 512), bool))
        assert (empty.focus, empty.dark_share) == (0.0, 1.0)
