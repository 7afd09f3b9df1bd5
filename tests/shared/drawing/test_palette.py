"""Colors that are told apart and read, whoever looks."""

import pytest

from shared.drawing.palette import BLUE, INK, KINDS, MUTED, PAPER, PART, RANGE, RANGE_INK, RED

# WCAG 2.2: 4.5 for text (1.4.3), 3 for graphical objects (1.4.11).
OF_TEXT, OF_SHAPES = 4.5, 3.0


def luminance(color: str) -> float:
    """Relative luminance of an sRGB color, as WCAG 2.2 defines it."""
    shares = [int(color[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (
        share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4 for share in shares
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(color: str, ground: str) -> float:
    dark, light = sorted((luminance(color), luminance(ground)))
    return (light + 0.05) / (dark + 0.05)


def test_black_on_white_has_the_contrast_of_wcag() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)


@pytest.mark.parametrize("color", [INK, MUTED, BLUE, RED])
def test_text_is_readable_on_paper(color: str) -> None:
    assert contrast(color, PAPER) >= OF_TEXT


@pytest.mark.parametrize("ground", [RANGE, PART])
def test_text_is_readable_on_what_is_filled(ground: str) -> None:
    assert contrast(INK, ground) >= OF_TEXT
    assert contrast(RANGE_INK, ground) >= OF_TEXT


@pytest.mark.parametrize("color", KINDS)
def test_trace_of_each_kind_is_seen_on_paper_and_on_a_range(color: str) -> None:
    assert contrast(color, PAPER) >= OF_SHAPES
    assert contrast(color, RANGE) >= OF_SHAPES


def test_no_two_kinds_have_one_color() -> None:
    assert len(set(KINDS)) == len(KINDS) == 4
