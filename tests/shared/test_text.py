"""Text of callers: what no screen shows and no database stores is refused, the rest is theirs."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from shared.text import Line, Prose, is_line, printable

LINE: TypeAdapter[str] = TypeAdapter(Line)
PROSE: TypeAdapter[str] = TypeAdapter(Prose)
any_text = st.text(st.characters(codec=None))


class TestLine:
    @pytest.mark.parametrize("text", ["", "visit-7", "Byron-Király", "👩🏽‍⚕️", "\u00a0", "a\u200db"])
    def test_characters_of_any_script_are_taken(self, text: str) -> None:
        assert LINE.validate_python(text) == text

    @pytest.mark.parametrize("text", ["a\nb", "a\tb", "\r", "\0", "\x7f", "\x85", "a\ud800"])
    def test_control_characters_and_halves_of_pairs_are_refused(self, text: str) -> None:
        with pytest.raises(ValueError, match=r"control characters|valid string"):
            LINE.validate_python(text)
        assert not is_line(text)


class TestProse:
    @pytest.mark.parametrize("text", ["read\nby hand", "a\tb", "a\r\nb", "plain"])
    def test_several_lines_are_kept_as_they_were_written(self, text: str) -> None:
        assert PROSE.validate_python(text) == text

    @pytest.mark.parametrize("text", ["read\0by hand", "\n\x1b[31m", "\x0b", "\x0c"])
    def test_other_control_characters_are_refused(self, text: str) -> None:
        with pytest.raises(ValidationError, match="control characters"):
            PROSE.validate_python(text)


class TestPrintable:
    @given(any_text)
    def test_what_remains_is_a_line_of_the_same_length(self, text: str) -> None:
        assert is_line(printable(text))
        assert len(printable(text)) == len(text)

    @given(any_text.filter(is_line))
    def test_a_line_is_left_alone(self, text: str) -> None:
        assert printable(text) == text

    @given(st.characters(categories=["Cc", "Cs"]))
    def test_a_blank_takes_the_place_of_each_other_character(self, character: Any) -> None:
        assert printable(f"a{character}b") == "a b"
