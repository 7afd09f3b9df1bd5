"""One surname, however it is spelled, and two that only look alike."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.surnames import folded, words

# Turkish has a second i, whose capital is the first one's.
LATIN = st.characters(categories=["Ll", "Lu"], max_codepoint=0x17F, exclude_characters="\u0131")


@pytest.mark.parametrize(
    ("one_way", "another"),
    [
        ("Király", "KIRALY"),
        ("Király", "Kira\u0301ly"),
        ("O'Brien", "o\u2019brien"),
        ("van der Berg", "Van-der-Berg"),
        ("Straße", "STRASSE"),
        ("\ufb01scher", "Fischer"),  # the ligature fi
        (" Byron ", "byron"),
    ],
)
def test_spellings_of_one_name_are_compared_alike(one_way: str, another: str) -> None:
    assert folded(one_way) == folded(another)


@pytest.mark.parametrize(
    ("name", "another"), [("Byron", "Byrne"), ("Meier", "Meyer"), ("Li", "Lin"), ("山田", "山本")]
)
def test_other_names_stay_apart(name: str, another: str) -> None:
    assert folded(name) != folded(another)


@pytest.mark.parametrize("name", [None, "", " ", "-'\u2019"])
def test_no_letters_are_no_name(name: str | None) -> None:
    assert folded(name) == ""


def test_words_are_kept_apart_for_a_search() -> None:
    assert words("García-Márquez, Jr.") == ["garcia", "marquez", "jr"]


@given(st.text())
def test_a_folded_name_is_folded(name: str) -> None:
    assert folded(folded(name)) == folded(name)


@given(st.text(LATIN))
def test_case_makes_no_difference(name: str) -> None:
    assert folded(name.upper()) == folded(name.lower()) == folded(name)
