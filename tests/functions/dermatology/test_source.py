"""A dermatoscope is known by the round field that it leaves lit."""

from typing import Literal

import numpy as np
import pytest

from functions.dermatology.grids import Bytes
from functions.dermatology.source import has_round_field, image_source

SIDE_PX = 200


def round_field(diameter: float, dark_corners: int = 4) -> Bytes:
    """A lit circle; corners beyond the given number are lit as well."""
    rows, columns = np.indices((SIDE_PX, SIDE_PX)) - SIDE_PX / 2 + 0.5
    lit = np.hypot(rows, columns) <= diameter * SIDE_PX / 2
    halves = [(rows < 0) & (columns < 0), (rows < 0) & (columns > 0), (rows > 0) & (columns < 0)]
    corners = [*halves, (rows > 0) & (columns > 0)]
    for corner in corners[dark_corners:]:
        lit |= corner
    return np.where(lit[..., None], (200, 150, 130), 5).astype(np.uint8)


class TestRoundField:
    @pytest.mark.parametrize("corners", [3, 4])
    def test_three_dark_corners_are_enough(self, corners: int) -> None:
        assert has_round_field(round_field(1.1, corners))

    @pytest.mark.parametrize("corners", [0, 2])
    def test_fewer_are_shadows(self, corners: int) -> None:
        assert not has_round_field(round_field(1.1, corners))

    @pytest.mark.parametrize("diameter", [1.39, 0.7])
    def test_corners_too_small_or_too_large(self, diameter: float) -> None:
        assert not has_round_field(round_field(diameter))


class TestSource:
    @pytest.mark.parametrize("declared", ["dermoscopy", "clinical"])
    def test_the_form_goes_first(self, declared: Literal["dermoscopy", "clinical"]) -> None:
        source = image_source(declared, round_field(1.1))
        assert (source.kind, source.decided_by) == (declared, "declared")

    @pytest.mark.parametrize(
        ("diameter", "kind", "by"),
        [(1.1, "dermoscopy", "round-field"), (2.0, "undetermined", "nothing")],
    )
    def test_else_the_picture(self, diameter: float, kind: str, by: str) -> None:
        source = image_source(None, round_field(diameter))
        assert (source.kind, source.decided_by) == (kind, by)
