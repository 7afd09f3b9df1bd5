"""Names are compared without case, accents and marks, and searched by their parts."""

import pytest

from functions.accounts.patients.names import Name, is_comparable

MEYER = Name("Anna-Lena", "Meyer")


class TestPart:
    @pytest.mark.parametrize("part", ["mey", "MEYER", "anna", "lena", "lena mey", "mey ann", ""])
    def test_every_word_begins_one_of_the_name(self, part: str) -> None:
        assert MEYER.has_part(part)

    @pytest.mark.parametrize("part", ["eyer", "anna maurer", "meyers"])
    def test_a_word_that_begins_none(self, part: str) -> None:
        assert not MEYER.has_part(part)

    def test_who_has_no_name(self) -> None:
        assert not Name(None, None).has_part("a")


class TestSurname:
    @pytest.mark.parametrize("surname", ["meyer", "MEYER", "Méyer"])
    def test_however_it_is_written(self, surname: str) -> None:
        assert MEYER.has_surname(surname)

    @pytest.mark.parametrize("surname", ["Mey", "Meier", "Anna-Lena"])
    def test_another(self, surname: str) -> None:
        assert not MEYER.has_surname(surname)


class TestAlike:
    @pytest.mark.parametrize(
        "other",
        [
            Name("Anna Lena", "Meier"),
            Name("Meyer", "Annalena"),
            Name(None, "Meyer"),
            Name("Anna-Lena", None),
            Name(None, None),
        ],
    )
    def test_may_be_the_same_person(self, other: Name) -> None:
        assert MEYER.is_like(other)
        assert other.is_like(MEYER)

    @pytest.mark.parametrize(
        "other", [Name("Anna-Lena", "Maurer"), Name("Peter", "Meyer"), Name("Anna-Lena", "Peter")]
    )
    def test_is_another_person(self, other: Name) -> None:
        assert not MEYER.is_like(other)
        assert not other.is_like(MEYER)


class TestComparable:
    @pytest.mark.parametrize(("name", "left"), [("O'Neil", True), ("-", False), ("", False)])
    def test_something_is_left_without_marks(self, name: str, left: bool) -> None:
        assert is_comparable(name) is left
