"""No score knows how much of the picture the lesion takes."""

import numpy as np
import pytest

from local.samples.lesion import Scene, draw
from tests.functions.dermatology.scenes import MANY, PLAIN, measured


@pytest.mark.parametrize("scene", [PLAIN, MANY])
def test_cutting_the_skin_away_changes_no_score(scene: Scene) -> None:
    """The same lesion takes a quarter of the picture, then a half."""
    picture = draw(scene).picture
    rows, columns = (slice(int(0.14 * size), int(0.86 * size)) for size in picture.shape[:2])
    whole, cut = measured(picture), measured(np.ascontiguousarray(picture[rows, columns]))
    assert cut.area_px == pytest.approx(whole.area_px, rel=0.05)
    assert cut.points.asymmetry == whole.points.asymmetry
    assert cut.points.total == pytest.approx(whole.points.total, abs=0.71)
    for name, share in whole.shares.items():
        assert cut.shares[name] == pytest.approx(share, abs=0.06)


def test_a_wider_picture_changes_no_score() -> None:
    """The same pixels of lesion with twice as much skin around: only the frame's share differs."""
    picture = draw(PLAIN).picture
    wide = np.pad(picture, ((70, 70), (90, 90), (0, 0)), mode="reflect")
    near, far = measured(picture), measured(wide)
    assert far.area_px == pytest.approx(near.area_px, rel=0.06)
    assert far.points.asymmetry == near.points.asymmetry
    assert far.points.total == pytest.approx(near.points.total, abs=0.71)
