"""Slips of typing are mended to known words; what is a word, a name or a number stays."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.assistant.threads.spelling import Vocabulary, plain

WORDS = Vocabulary.of("explain\nmeasured | pressure\nrecord*\nheart")


class TestPlain:
    @pytest.mark.parametrize(
        ("written", "read"),
        [
            ("What\u2019s my QT?", "what is my qt"),
            ("I can't sleep", "i can not sleep"),
            ("Is it high?  And why!", "is it high ? and why"),
            ("one.\ntwo;three", "one . . two . three"),
            ("rate of 72.5 or 72,5", "rate of 72.5 or 72,5"),
            ("h\u0435\u0430rt", "heart"),
            ("\uff28\uff45art", "heart"),
            ("he\u200bart", "heart"),
            ("", ""),
            ("?!.", ""),
        ],
    )
    def test_is_read_as_meant(self, written: str, read: str) -> None:
        assert plain(written) == read

    def test_a_word_of_another_alphabet_stays(self) -> None:
        assert plain("сердце") == "сердце"

    @given(st.text(max_size=40))
    def test_any_text_is_small_letters_without_ends(self, written: str) -> None:
        read = plain(written)
        assert read == read.strip(" .?")
        assert "  " not in read


class TestMended:
    @pytest.mark.parametrize(
        "slip", ["explan", "explainn", "exlpain", "explqin", "exppain", "explein"]
    )
    def test_one_slip(self, slip: str) -> None:
        assert WORDS.mended(slip) == "explain"

    @pytest.mark.parametrize(
        "word",
        [
            "explain",
            "pressures",
            "recording",
            "hesrt",
            "measures",
            "explmin",
            "axplain",
            "xplain",
            "exln",
            "measure4",
        ],
    )
    def test_is_left_alone(self, word: str) -> None:
        assert WORDS.mended(word) == word

    def test_every_word_of_a_text(self) -> None:
        assert WORDS.mended("explan the presure") == "explain the pressure"
