"""Skin is told by its color under any lamp; everything else around a lesion is refused."""

import numpy as np
import pytest

from functions.dermatology.quality import Quality, require_skin
from functions.dermatology.refusals import NotSkin


class TestSkin:
    @pytest.mark.parametrize(
        "rgb",
        [
            (230, 190, 170),
            (90, 60, 50),
            (35, 30, 28),
            (252, 240, 235),
            (200, 212, 150),
            (200, 150, 50),
        ],
    )
    def test_of_any_tone_and_lamp(self, rgb: tuple[float, float, float]) -> None:
        require_skin(np.array(rgb, np.float32))

    @pytest.mark.parametrize(
        ("rgb", "said"),
        [
            ((34, 30, 28), "dark"),
            ((253, 250, 250), "plain white"),
            ((200, 213, 150), "greener or bluer"),
            ((200, 150, 213), "greener or bluer"),
            ((200, 150, 49), "vivid"),
            ((200, 49, 150), "vivid"),
        ],
    )
    def test_no_skin(self, rgb: tuple[float, float, float], said: str) -> None:
        with pytest.raises(NotSkin, match=said):
            require_skin(np.array(rgb, np.float32))


class TestScore:
    @pytest.mark.parametrize(("warnings", "score"), [(0, 1.0), (1, 0.85), (6, 0.1), (8, 0.0)])
    def test_each_warning_takes_a_part(self, warnings: int, score: float) -> None:
        assert Quality(3, 1, 0, 0, 0, 0.2, 400, 0.5, ("blurred",) * warnings).score == score
