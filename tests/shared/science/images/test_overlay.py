from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from shared.record import Picture
from shared.science.images.overlay import Overlay, Stroke, grown, mask_picture


def opened(picture: Picture) -> Image.Image:
    return Image.open(BytesIO(picture.content))


def disc(size: int = 200, radius: int = 60) -> np.ndarray:
    rows, columns = np.indices((size, size))
    return (rows - size / 2) ** 2 + (columns - size / 2) ** 2 < radius**2


class TestMask:
    def test_has_one_bit_a_pixel_and_the_size_of_the_input(self) -> None:
        picture = mask_picture("lung_mask", disc(), (800, 600), "Both lungs.")
        image = opened(picture)
        assert (image.mode, image.size) == ("1", (800, 600))
        assert abs(np.asarray(image).mean() - disc().mean()) < 0.002

    def test_of_the_same_size_is_the_same_mask(self) -> None:
        picture = mask_picture("lung_mask", disc(), (200, 200), "Both lungs.")
        assert np.array_equal(np.asarray(opened(picture)), disc())

    def test_same_mask_same_bytes(self) -> None:
        first, second = (mask_picture("m", disc(), (300, 300), "A disc.") for _ in range(2))
        assert first.content == second.content


class TestOverlay:
    def drawn(self) -> Image.Image:
        overlay = Overlay(np.full((200, 200), 90, np.uint8))
        overlay.outline(disc(), Stroke.SOLID, "Right lung")
        overlay.outline(disc(radius=30), Stroke.DOTTED, "Heart")
        overlay.line((10, 190), (190, 190), Stroke.DASHED, "Width")
        overlay.circle((100, 100), 10, Stroke.BROKEN, "Zone")
        overlay.label((80, 20), "0.48")
        picture = overlay.picture("outlines", "A disc in a square.")
        assert picture.media_type == "image/png"
        assert picture.alt == "A disc in a square."
        return opened(picture)

    def test_outline_lies_on_the_border(self) -> None:
        pixels = np.asarray(self.drawn())
        assert tuple(pixels[100, 158]) == (0x56, 0xB4, 0xE9)
        assert tuple(pixels[100, 120]) == (90, 90, 90)

    def test_legend_stands_below_the_picture(self) -> None:
        image = self.drawn()
        assert image.height == 200 + 8 + 4 * 24
        assert (np.asarray(image)[200:] < 128).any(axis=2).sum() > 200

    def test_strokes_differ_by_more_than_color(self) -> None:
        assert len({stroke.dashes_px for stroke in Stroke}) == len(Stroke)

    @pytest.mark.parametrize("stroke", Stroke)
    def test_an_outline_is_drawn_in_its_dashes(self, stroke: Stroke) -> None:
        overlay = Overlay(np.full((200, 200), 90, np.uint8))
        overlay.outline(disc(radius=80), stroke, "Lung")
        pixels = np.asarray(opened(overlay.picture("outline", "A disc.")))[:200]
        color = np.array(list(bytes.fromhex(stroke.color[1:])))
        turns = np.linspace(0, 2 * np.pi, 3600)
        rows, columns = (
            np.rint(100 + 78.5 * trace(turns)).astype(int) for trace in (np.sin, np.cos)
        )
        is_drawn = (np.abs(pixels[rows, columns].astype(int) - color) < 8).all(axis=1)
        lengths = stroke.dashes_px
        share = sum(lengths[::2]) / sum(lengths)
        assert is_drawn.mean() == pytest.approx(share, abs=0.07)
        dashes = np.count_nonzero(is_drawn & ~np.roll(is_drawn, 1))
        expected = 0 if share == 1 else 2 * np.pi * 79.5 / sum(lengths) * len(lengths) / 2
        assert dashes == pytest.approx(expected, abs=3)

    @pytest.mark.parametrize("stroke", Stroke)
    def test_spots_of_any_size_are_drawn_and_none_at_all_too(self, stroke: Stroke) -> None:
        corners = np.zeros((200, 200), bool)
        for row, column in ((20, 20), (20, 170), (170, 20)):
            corners[row : row + 8, column : column + 8] = True
        for mask, count in ((corners, 3), (np.zeros_like(corners), 0)):
            overlay = Overlay(np.full((200, 200), 90, np.uint8))
            overlay.spots(mask, stroke, "Candidates")
            pixels = np.asarray(opened(overlay.picture("spots", "Spots.")))[:200]
            drawn = (pixels != 90).any(axis=2)
            corner = [drawn[row : row + 60, column : column + 60].any()
                      for row, column in ((0, 0), (0, 140), (140, 0))]  # fmt: skip
            assert sum(corner) == count

    def test_a_cross_stands_in_the_legend_as_a_cross(self) -> None:
        overlay = Overlay(np.full((200, 200), 90, np.uint8))
        overlay.cross((100, 100), 10, Stroke.BROKEN, "fovea")
        pixels = np.asarray(opened(overlay.picture("cross", "A cross.")))
        colored = (pixels == list(bytes.fromhex(Stroke.BROKEN.color[1:]))).all(axis=2)
        for part in (colored[:200], colored[200:]):
            rows, columns = np.nonzero(part)
            assert np.ptp(rows) >= 14
            assert np.ptp(columns) >= 14

    def test_what_grows_is_what_lies_within_reach(self) -> None:
        mask = np.zeros((9, 12), bool)
        mask[4, 1] = mask[0, 11] = True
        rows, columns = np.nonzero(grown(mask, 2))
        near = [(r, c) for r in range(9) for c in range(12)]
        expected = [
            (r, c) for r, c in near if (abs(r - 4) <= 2 and abs(c - 1) <= 2) or (r <= 2 and c >= 9)
        ]
        assert list(zip(rows.tolist(), columns.tolist(), strict=True)) == expected

    def test_large_picture_is_drawn_at_1024_px(self) -> None:
        overlay = Overlay(np.zeros((1500, 2048, 3), np.uint8))
        overlay.line((0, 0), (2048, 1500), Stroke.SOLID)
        assert opened(overlay.picture("line", "A line.")).size == (1024, 750)
