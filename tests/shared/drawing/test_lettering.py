"""Words that are too wide are made smaller, shortened or broken, and never run out."""

from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.drawing import axes, lettering, svg
from shared.drawing.lettering import ELLIPSIS, SMALLEST

WORDS = st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), max_size=80)


class TestFitted:
    @given(WORDS, st.floats(20, 400), st.floats(4, 20))
    def test_no_text_is_wider_than_its_room(self, words: str, width: float, size: float) -> None:
        text = ET.fromstring(lettering.fitted(0, 0, words, width, size))
        shown = text.text or ""

        drawn_size = float(text.get("font-size", 0))
        assert lettering.width_of(shown, drawn_size) <= width + size
        assert drawn_size >= SMALLEST * size - 1e-3

    def test_words_that_fit_are_left_alone(self) -> None:
        text = ET.fromstring(lettering.fitted(0, 0, "sinus rhythm", 400, 12))
        assert (text.text, text.get("font-size")) == ("sinus rhythm", "12")

    def test_words_that_nothing_helps_end_in_an_ellipsis(self) -> None:
        assert str(ET.fromstring(lettering.fitted(0, 0, "W" * 50, 60, 12)).text).endswith(ELLIPSIS)


class TestWrapped:
    @given(WORDS, st.floats(30, 300))
    def test_no_line_is_too_wide(self, words: str, width: float) -> None:
        widths = [lettering.width_of(line, 10) for line in lettering.wrapped(words, width, 10)]

        assert max(widths, default=0) <= width + 10


class TestRoundTicks:
    @given(st.floats(-1e6, 1e6), st.floats(1e-3, 1e6), st.integers(2, 10))
    def test_lie_within_and_are_not_too_many(self, low: float, span: float, most: int) -> None:
        ticks = axes.round_ticks(low, low + span, most)

        assert 1 <= len(ticks) <= most + 1
        assert all(low - 1e-6 * abs(low) - 1e-9 <= tick <= low + span + 1e-9 for tick in ticks)


class TestDocument:
    def test_has_title_and_description_and_escapes_both(self) -> None:
        drawing = svg.document((10, 10), "a < b", "c & d", [])
        root = ET.fromstring(drawing.content)
        ns = "{http://www.w3.org/2000/svg}"

        assert root.findtext(f"{ns}title") == "a < b"
        assert root.findtext(f"{ns}desc") == "c & d"
        assert drawing.picture("x").alt == "a < b. c & d"

    @pytest.mark.parametrize("words", ["<script>", '" onload="x', "&amp;"])
    def test_text_is_escaped(self, words: str) -> None:
        assert ET.fromstring(svg.text(0, 0, words, 3)).text == words
