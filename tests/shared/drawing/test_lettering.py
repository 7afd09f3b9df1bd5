"""Words that are too wide are made smaller, shortened or broken, and never run out."""

from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.drawing import axes, lettering, svg
from shared.drawing.lettering import ELLIPSIS, SMALLEST
from tests.nonempty import nonempty

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


class TestShortened:
    @given(WORDS, st.floats(20, 300))
    def test_is_a_beginning_of_the_words(self, words: str, width: float) -> None:
        short = lettering.shortened(words, width, 10)
        assert words.startswith(short.removesuffix(ELLIPSIS))
        assert (short == words) or short.endswith(ELLIPSIS)

    def test_blank_before_an_ellipsis_is_dropped(self) -> None:
        words = "atrial fibrillation"
        width = lettering.width_of("atrial " + ELLIPSIS, 10) + 0.1
        assert lettering.shortened(words, width, 10) == "atrial" + ELLIPSIS

    def test_room_that_is_just_enough_cuts_nothing(self) -> None:
        words = "sinus rhythm"
        assert lettering.shortened(words, lettering.width_of(words, 10), 10) == words


class TestWrappedWords:
    def test_lines_hold_every_word_in_order(self) -> None:
        words = "premature supraventricular beats in a short recording"
        lines = lettering.wrapped(words, 120, 10)
        assert " ".join(lines) == words
        assert len(lines) > 1

    def test_line_is_broken_no_earlier_than_it_has_to_be(self) -> None:
        width = lettering.width_of("sinus rhythm", 10)
        assert lettering.wrapped("sinus rhythm", width, 10) == ["sinus rhythm"]
        assert lettering.wrapped("sinus rhythm", width - 0.1, 10) == ["sinus", "rhythm"]

    def test_nothing_has_no_lines(self) -> None:
        assert lettering.wrapped("  ", 100, 10) == []


class TestLegend:
    ENTRIES = (("sinus", "#0b5fa5"), ("ectopic", "#b3380c"))

    def places(self, tag: str) -> list[dict[str, str]]:
        drawn = map(ET.fromstring, lettering.legend(self.ENTRIES, 300, 20, 10))
        return sorted(
            (dict(element.attrib) for element in drawn if element.tag == tag),
            key=lambda attributes: float(attributes["x"]),
        )

    def test_each_name_follows_the_square_of_its_color(self) -> None:
        texts, squares = self.places("text"), self.places("rect")
        assert [square["fill"] for square in squares] == ["#0b5fa5", "#b3380c"]
        for text, square in zip(nonempty(texts), squares, strict=True):
            assert float(square["x"]) + 10 <= float(text["x"]) <= float(square["x"]) + 20

    def test_ends_where_it_is_told(self) -> None:
        last = self.places("text")[-1]
        assert float(last["x"]) + lettering.width_of("ectopic", 10) == pytest.approx(300, abs=1e-3)

    def test_entries_do_not_touch(self) -> None:
        first_end = float(self.places("text")[0]["x"]) + lettering.width_of("sinus", 10)
        assert float(self.places("rect")[1]["x"]) > first_end
