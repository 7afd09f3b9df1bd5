from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from functions.dermatology.earlier import Earlier
from functions.dermatology.evolution import evolution, lab_on_standard_skin
from functions.dermatology.grids import Mask

LAB = lab_on_standard_skin(np.array([0.3, 0.5, 0.7]))


def ellipse(radius_px: float, center: tuple[int, int] = (100, 130), turn: float = 0.0) -> Mask:
    rows, columns = np.mgrid[:200, :260]
    down, right = rows - center[0], columns - center[1]
    along = np.cos(turn) * right + np.sin(turn) * down
    across = np.cos(turn) * down - np.sin(turn) * right
    inside: Mask = (along / 1.6) ** 2 + across**2 <= radius_px**2
    return inside


def earlier(mask: Mask | None, area_mm2: float | None = 20.0) -> Earlier:
    stream = BytesIO()
    if mask is not None:
        Image.fromarray(mask).save(stream, "PNG")
    png = stream.getvalue() if mask is not None else None
    return Earlier("an-id", "2026-01-01T00:00:00+00:00", "1.0.0", area_mm2, LAB, png)


def test_the_same_lesion_has_not_changed() -> None:
    change = evolution(earlier(ellipse(30)), ellipse(30), 20.0, LAB)
    assert change.area_ratio == pytest.approx(1)
    assert change.color_shift == pytest.approx(0)
    assert change.outline_overlap is not None
    assert change.outline_overlap > 0.97


def test_growth_at_known_scales_is_a_ratio_and_drawn_so() -> None:
    change = evolution(earlier(ellipse(30), 20.0), ellipse(30), 30.0, LAB)
    assert change.area_ratio == pytest.approx(1.5)
    assert change.earlier_mask is not None
    assert ellipse(30).sum() / change.earlier_mask.sum() == pytest.approx(1.5, rel=0.05)


@pytest.mark.parametrize(("then", "now"), [(None, 20.0), (20.0, None)])
def test_without_both_scales_there_is_no_ratio(then: float | None, now: float | None) -> None:
    change = evolution(earlier(ellipse(30), then), ellipse(60), now, LAB)
    assert change.area_ratio is None
    assert change.outline_overlap is not None
    assert change.outline_overlap > 0.95


def test_a_turned_camera_is_turned_back() -> None:
    change = evolution(earlier(ellipse(30, (60, 90), 1.0)), ellipse(30), 20.0, LAB)
    assert change.outline_overlap is not None
    assert change.outline_overlap > 0.9


def test_a_darker_lesion_shifts_its_color() -> None:
    darker = lab_on_standard_skin(np.array([0.5, 0.8, 1.1]))
    change = evolution(earlier(ellipse(30)), ellipse(30), 20.0, darker)
    assert change.color_shift is not None
    assert change.color_shift > 8


def test_without_a_mask_the_rest_is_compared() -> None:
    change = evolution(earlier(None), ellipse(30), 20.0, LAB)
    assert change.area_ratio == pytest.approx(1)
    assert change.earlier_mask is None
