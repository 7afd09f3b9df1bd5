"""Cells mean the same whichever program wrote them."""

import pytest

from functions.cognitive.cells import label, number, token, truth, words
from functions.cognitive.plaintext import ImpossibleNumber


class TestNumber:
    @pytest.mark.parametrize(
        ("cell", "expected"),
        [
            ("12.5", 12.5),
            (" 7 ", 7.0),
            (3, 3.0),
            ("-1", -1.0),
            ("1e3", 1000.0),
            (True, 1.0),
            ("5\x1c", 5.0),
        ],
    )
    def test_numbers_are_read(self, cell: object, expected: float) -> None:
        assert number(cell) == expected

    @pytest.mark.parametrize("cell", ["abc", "1_000", "", None, [1], {}, "0x10", "١٢"])
    def test_anything_else_is_none(self, cell: object) -> None:
        assert number(cell) is None

    @pytest.mark.parametrize("cell", ["1e400", "inf", "-Infinity", float("inf"), 10**400])
    def test_infinity_is_refused(self, cell: object) -> None:
        with pytest.raises(ImpossibleNumber):
            number(cell)


class TestTruth:
    @pytest.mark.parametrize("cell", [True, "True", "true", 1, 1.0, "1.0", "correct"])
    def test_true_in_every_spelling(self, cell: object) -> None:
        assert truth(cell) is True

    @pytest.mark.parametrize("cell", [False, "False", 0, "0.0", "incorrect"])
    def test_false_in_every_spelling(self, cell: object) -> None:
        assert truth(cell) is False

    @pytest.mark.parametrize("cell", [None, "", "maybe", 2])
    def test_anything_else_is_unknown(self, cell: object) -> None:
        assert truth(cell) is None


class TestToken:
    def test_key_code_loses_its_decimals(self) -> None:
        assert token("37.0") == token(37) == "37"

    @pytest.mark.parametrize("cell", [-1, "-1.0", "None", "none", None, ""])
    def test_no_key_is_none(self, cell: object) -> None:
        assert token(cell) is None


class TestLabel:
    def test_none_can_be_a_condition(self) -> None:
        assert label("none") == "none"


class TestWords:
    @pytest.mark.parametrize("cell", [[3, 7, 1], "[3, 7, 1]", "3,7,1", "3 7 1", "3;7;1"])
    def test_lists_in_every_spelling(self, cell: object) -> None:
        assert words(cell) == ("3", "7", "1")

    @pytest.mark.parametrize("cell", [None, 5, "", "[", {}, "[" * 5000])
    def test_no_list_is_empty_or_harmless(self, cell: object) -> None:
        assert words(cell) in ((), ("",))
