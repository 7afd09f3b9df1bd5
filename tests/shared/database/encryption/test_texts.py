"""Columns of one row, sealed and opened together, and a person's key among the organization's."""

from datetime import date
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.database.encryption import texts as module
from shared.database.encryption.columns import ENCRYPTED, JSON_COLUMNS, PERSON_COLUMNS
from shared.database.encryption.envelope import PREFIX, Key, new_key, seal_text
from shared.database.encryption.texts import ERASED, OrganizationKeys, Texts

ORGANIZATION, ROW, PERSON = uuid4(), uuid4(), uuid4()
BORN = date(1815, 12, 10)
TEXTS = Texts(ORGANIZATION, new_key())
of_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda part: st.lists(part) | st.dictionaries(st.text(), part),
    max_leaves=5,
)


def organization(*numbers: int) -> OrganizationKeys:
    return OrganizationKeys(
        ORGANIZATION, {number: new_key(number) for number in numbers}, b"index", TEXTS
    )


class TestColumns:
    @given(st.text(), of_json.filter(lambda value: value is not None and value != ""))
    def test_a_row_comes_back_as_it_was_given(self, name: str, address: Any) -> None:
        row = {"last_name": name, "address": address, "phone": None, "sex_at_birth": "female"}
        if isinstance(address, str):
            row["address"] = [address]
        stored = TEXTS.sealed_columns("users", ROW, row)
        assert TEXTS.opened_columns("users", ROW, stored) == row

    def test_what_identifies_nobody_is_stored_as_it_is(self) -> None:
        stored = TEXTS.sealed_columns("users", ROW, {"last_name": "Byron", "sex_at_birth": "male"})
        assert stored["sex_at_birth"] == "male"
        assert stored["last_name"].startswith(PREFIX)
        assert "Byron" not in stored["last_name"]

    def test_an_erased_note_reads_as_empty(self) -> None:
        assert TEXTS.opened("merges", "reason", ROW, ERASED) == ""

    def test_nothing_is_written_of_whom_was_erased(self) -> None:
        with pytest.raises(AssertionError, match="erased"):
            Texts(ORGANIZATION, None).sealed("users", "last_name", ROW, "Byron")

    def test_json_and_owners_are_named_of_encrypted_columns_alone(self) -> None:
        named = {(table, column) for table, columns in ENCRYPTED.items() for column in columns}
        assert named >= JSON_COLUMNS
        assert ENCRYPTED.keys() >= PERSON_COLUMNS.keys()


class TestPeople:
    def test_newest_key_wraps_and_older_ones_still_open(self) -> None:
        before, secret = organization(1), new_key()
        wrapped = before.wrapped(PERSON, secret)
        after = OrganizationKeys(
            ORGANIZATION, {**before.wrapping, 2: new_key(2)}, b"index", before.texts
        )
        assert after.of_person(PERSON, wrapped).key == Key(secret.secret)
        assert after.newest.number == 2

    def test_rewrapped_key_is_the_same_under_the_newest(self) -> None:
        keys, outer = organization(1, 2), new_key()
        old = OrganizationKeys(ORGANIZATION, {1: keys.wrapping[1]}, b"index", TEXTS)
        rewrapped = keys.rewrapped(PERSON, old.wrapped(PERSON, outer))
        assert not old.can_unwrap(rewrapped)
        assert keys.can_unwrap(rewrapped)
        assert keys.of_person(PERSON, rewrapped).key == Key(outer.secret)

    def test_whose_key_was_destroyed_has_none(self) -> None:
        assert organization(1).of_person(PERSON, None).key is None

    def test_an_opened_key_is_at_hand(self) -> None:
        keys = organization(1)
        wrapped = keys.wrapped(PERSON, new_key())
        assert keys.of_person(PERSON, wrapped) is keys.of_person(PERSON, wrapped)

    def test_no_more_people_are_kept_than_a_list_shows(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(module, "MOST_PEOPLE", 1)
        keys = organization(1)
        people = [(person, keys.wrapped(person, new_key())) for person in (uuid4(), uuid4())]
        first = keys.of_person(*people[0])
        keys.of_person(*people[1])
        assert keys.of_person(*people[0]) is not first


class TestTokens:
    @pytest.mark.parametrize(
        ("surname", "born", "is_same"),
        [
            ("KIRÁLY", BORN, True),
            ("Kiraly", BORN, True),
            ("Király", date(1815, 12, 11), False),
            ("Byron", BORN, False),
        ],
    )
    def test_surname_and_birth_date(self, surname: str, born: date, is_same: bool) -> None:
        keys = organization(1)
        token = keys.surname_token("Király", BORN)
        assert (keys.surname_token(surname, born) == token) is is_same
        assert len(token) == 16

    def test_a_value_does_not_reach_into_the_next(self) -> None:
        keys = organization(1)
        assert keys.token("identifier", "a", "bc") != keys.token("identifier", "ab", "c")

    def test_an_envelope_of_another_row_is_not_a_plain_text(self) -> None:
        assert TEXTS.key is not None
        elsewhere = seal_text(TEXTS.key, b"Byron", b"elsewhere")
        with pytest.raises(ValueError, match="another place"):
            TEXTS.opened("users", "last_name", ROW, elsewhere)
