"""The encrypted columns of one person, or of an organization, and their exact look-ups."""

import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache, cached_property
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping

from shared.database.encryption.columns import ENCRYPTED, JSON_COLUMNS
from shared.database.encryption.envelope import (
    PREFIX,
    Key,
    from_text,
    key_id,
    open_envelope,
    open_text,
    place,
    placed,
    seal,
    seal_text,
)
from shared.surnames import folded

TOKEN_BYTES = 16
# What stands in place of words about a person that another key than theirs encrypted.
ERASED = "mle:erased-with-the-person"
# Of one organization, in some 2 MB; more than a list shows.
MOST_PEOPLE = 2_000


@dataclass(frozen=True)
class Texts:
    """Seals and opens the columns that are encrypted with one key.

    Without a key, which was destroyed with the person's record, an envelope reads as nothing.
    """

    organization: UUID
    key: Key | None

    @cached_property
    def _here(self) -> bytes:
        """What the associated data of every row ends with."""
        return b"|" + self.organization.bytes

    def sealed(self, table: str, column: str, row: UUID, value: Any) -> str | None:
        """Return what is stored of a value of text, or of JSON; of None nothing is."""
        if value is None:
            return None
        assert self.key is not None, "nothing is written of whom was erased"
        plain = value if isinstance(value, str) else json.dumps(value)
        where = _column(table, column)[0] + row.bytes + self._here
        return seal_text(self.key, plain.encode(), where)

    def opened(self, table: str, column: str, row: UUID, stored: Any) -> Any:
        """Return the text of a column, sealed or plain, or the JSON of one of `JSON_COLUMNS`.

        Raises
        ------
        Unreadable
        """
        if not isinstance(stored, str) or not stored.startswith(PREFIX):
            return stored
        if self.key is None:
            return _unsealed(stored) if from_text(stored) is None else None
        prefix, is_json = _column(table, column)
        plain = open_text(self.key, stored, prefix + row.bytes + self._here)
        if plain is None:
            return _unsealed(stored)
        return json.loads(plain) if is_json else plain.decode()

    def sealed_columns(self, table: str, row: UUID, columns: Mapping[str, Any]) -> dict[str, Any]:
        """Return columns of one row as they are stored."""
        return {
            name: self.sealed(table, name, row, value) if name in ENCRYPTED[table] else value
            for name, value in columns.items()
        }

    def opened_columns(
        self, table: str, row: UUID, columns: Mapping[str, Any] | RowMapping
    ) -> dict[str, Any]:
        """Return columns of one row as they are read."""
        return {
            name: self.opened(table, name, row, value) if name in ENCRYPTED[table] else value
            for name, value in columns.items()
        }


@cache
def _column(table: str, column: str) -> tuple[bytes, bool]:
    """Return what the associated data of a column begins with, and whether it holds JSON."""
    return placed(table, column), (table, column) in JSON_COLUMNS


def _unsealed(stored: str) -> str:
    return "" if stored == ERASED else stored


@dataclass(frozen=True)
class OrganizationKeys:
    """The keys of one organization, in memory only."""

    organization: UUID
    # By number; the newest wraps the keys of new people.
    wrapping: Mapping[int, Key]
    index: bytes = field(repr=False)
    # Encrypts what belongs to nobody who is known yet.
    texts: Texts
    # What was opened before, by person and wrapped key: no more than the keys above can open.
    _people: dict[tuple[UUID, bytes], Texts] = field(default_factory=dict, repr=False)

    @property
    def newest(self) -> Key:
        return self.wrapping[max(self.wrapping)]

    def can_unwrap(self, wrapped: bytes) -> bool:
        return int.from_bytes(key_id(wrapped)) in self.wrapping

    def of_person(self, person: UUID, wrapped: bytes | None) -> Texts:
        """Return how a person's columns are read, whose key was destroyed or never made if None."""
        if wrapped is None:
            return Texts(self.organization, None)
        if (person, wrapped) not in self._people:
            outer = self.wrapping[int.from_bytes(key_id(wrapped))]
            secret = open_envelope(outer, wrapped, self._place(person))
            if len(self._people) >= MOST_PEOPLE:
                self._people.clear()
            self._people[person, wrapped] = Texts(self.organization, Key(secret))
        return self._people[person, wrapped]

    def wrapped(self, person: UUID, key: Key) -> bytes:
        return seal(self.newest, key.secret, self._place(person))

    def rewrapped(self, person: UUID, wrapped: bytes) -> bytes:
        key = self.of_person(person, wrapped).key
        assert key is not None
        return self.wrapped(person, key)

    def _place(self, person: UUID) -> bytes:
        return place("person_keys", "wrapped", person, self.organization)

    def token(self, kind: str, *values: str) -> bytes:
        """Return what equal values have in common, for exact look-ups without the values.

        The organizations' keys differ, so tokens of two of them are never equal; each value is
        preceded by its length, so that none reaches into the next.
        """
        message = b"".join(
            len(part).to_bytes(4) + part for part in (value.encode() for value in (kind, *values))
        )
        return hmac.digest(self.index, message, "sha256")[:TOKEN_BYTES]

    def mail_token(self, address: str) -> bytes:
        """Return the token of an address: only the letters of ASCII have a case there."""
        plain = "".join(letter.lower() if letter.isascii() else letter for letter in address)
        return self.token("mail", plain)

    def surname_token(self, surname: str, born: date) -> bytes:
        """Return the token of a surname and a birth date, however the surname is spelled."""
        return self.token("surname", folded(surname), born.isoformat())
