import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from functions.radiology.analysis import Taking, analyze
from functions.radiology.burned_in import WARNING, has_text
from functions.radiology.film import Film
from tests.functions.radiology.films import film


def written(words: str, place: tuple[int, int], size: int = 26) -> Film:
    plain = film()
    image = Image.fromarray(np.round(255 * plain.gray).astype(np.uint8))
    ImageDraw.Draw(image).text(place, words, fill=255, font=ImageFont.load_default(size))
    return Film((np.asarray(image) / 255).astype(np.float32), plain.size_px, "PNG")


class TestText:
    def test_plain_film_has_none(self) -> None:
        assert not has_text(film().gray)

    @pytest.mark.parametrize("place", [(20, 20), (600, 20)])
    def test_line_at_the_edge_is_seen(self, place: tuple[int, int]) -> None:
        assert has_text(written("DOE JANE 1961-03-04", place).gray)

    def test_side_marker_is_no_text(self) -> None:
        assert not has_text(written("R", (60, 60), 60).gray)

    def test_film_with_text_is_warned_of(self) -> None:
        assert WARNING in analyze(written("DOE JANE 1961", (20, 20)), taking=Taking()).warnings
        assert WARNING not in analyze(film(), taking=Taking()).warnings
