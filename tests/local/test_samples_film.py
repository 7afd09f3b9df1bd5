"""A drawn chest film has the widths, the haze and the masks that it says."""

from dataclasses import replace

import numpy as np
import pytest

from local.samples.film import ChestFilm, draw

FILM = ChestFilm(side_px=256, noise=0.0)


@pytest.mark.parametrize("heart_width", [0.3, 0.36, 0.5])
def test_wider_heart_has_the_larger_ratio(heart_width: float) -> None:
    drawing = draw(replace(FILM, heart_width=heart_width))
    columns = np.flatnonzero(drawing.heart.any(axis=0))
    assert np.ptp(columns) / FILM.side_px == pytest.approx(heart_width, abs=0.02)
    wider = draw(replace(FILM, heart_width=heart_width + 0.05))
    assert wider.cardiothoracic_ratio > drawing.cardiothoracic_ratio + 0.03


def test_ratio_is_that_of_the_masks_widths() -> None:
    drawing = draw(FILM)
    heart, lungs = (
        np.flatnonzero(mask.any(axis=0))
        for mask in (drawing.heart, drawing.right_lung | drawing.left_lung)
    )
    expected = (heart[-1] - heart[0] + 1) / (lungs[-1] - lungs[0] + 1)
    assert drawing.cardiothoracic_ratio == pytest.approx(expected)


def test_no_place_is_both_lung_and_heart() -> None:
    drawing = draw(FILM)
    assert not (drawing.right_lung & drawing.left_lung).any()
    assert not (drawing.heart & (drawing.right_lung | drawing.left_lung)).any()


def test_persons_right_is_on_the_left_and_the_heart_on_their_left() -> None:
    drawing = draw(FILM)
    right, left, heart = (
        np.flatnonzero(mask.any(axis=0)).mean()
        for mask in (drawing.right_lung, drawing.left_lung, drawing.heart)
    )
    assert right < FILM.side_px / 2 < heart < left


def test_lungs_are_dark_and_the_ground_is_darker() -> None:
    drawing = draw(FILM)
    lungs = drawing.gray[drawing.right_lung | drawing.left_lung].mean()
    assert drawing.gray[0, 0] < lungs < drawing.gray[drawing.heart].mean()


def test_haze_is_in_the_lower_right_lung_alone() -> None:
    difference = draw(replace(FILM, haze=0.2)).gray - draw(FILM).gray
    rows, columns = np.nonzero(difference > 0.1)
    assert rows.min() > 0.5 * FILM.side_px
    assert columns.max() < 0.5 * FILM.side_px


def test_noise_is_as_strong_as_asked_and_of_its_seed() -> None:
    noisy = replace(FILM, noise=0.02)
    drawing = draw(noisy)
    rows = drawing.heart.nonzero()
    assert (drawing.gray - draw(FILM).gray)[rows].std() == pytest.approx(0.02, rel=0.1)
    assert np.array_equal(drawing.gray, draw(noisy).gray)
    assert not np.array_equal(drawing.gray, draw(replace(noisy, seed=2)).gray)
