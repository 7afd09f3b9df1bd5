"""The encrypted columns of one person, or of an organization, and their exact look-ups."""

import hmac
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from typing import Any
from uuid import UUID

from pybase64 import b64decode
from sqlalchemy import RowMapping

from shared.database.encryption.columns import ENCRYPTED, JSON_COLUMNS
from shared.database.encryption.envelope import (
    NONCE,
    PREFIX,
    SEALED,
    STRICT,
    Key,
    from_text,
    invalid_tag,
    key_id,
    open_envelope,
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
# Whose places are at hand, some 10 kB each.
MOST_ORGANIZATIONS = 256


# What stands before and after the row in the associated data, and whether the column holds JSON.
type Place = tuple[tuple[bytes, bytes], bool]


@lru_cache(maxsize=MOST_ORGANIZATIONS)
def places(organization: UUID) -> Mapping[str, Mapping[str, Place]]:
    """Return where an organization's columns stand, by table and column."""
    end = b"|" + organization.bytes
    return {
        table: {
            column: ((placed(table, column), end), (table, column) in JSON_COLUMNS)
            for column in columns
        }
        for table, columns in ENCRYPTED.items()
    }


@dataclass(frozen=True, slots=True)
class Texts:
    """Seals and opens the columns that are encrypted with one key.

    Without a key, which was destroyed with the person's record, an envelope reads as nothing.
    What is the same for every field is at hand: each further step costs a tenth of the cipher.
    """

    organization: UUID
    key: Key | None
    _places: Mapping[str, Mapping[str, Place]] = field(init=False, repr=False, compare=False)
    _head: bytes = field(init=False, repr=False, compare=False)
    _decrypt: Callable[[bytes, bytes, bytes], bytes] | None = field(
        init=False, repr=False, compare=False
    )

    def __post_init__(self) -> None:
        object.__setattr__(self, "_places", places(self.organization))
        object.__setattr__(self, "_head", self.key.head if self.key else b"")
        object.__setattr__(self, "_decrypt", self.key.cipher.decrypt if self.key else None)

    def sealed(self, table: str, column: str, row: UUID, value: Any) -> str | None:
        """Return what is stored of a value of text, or of JSON; of None nothing is."""
        if value is None:
            return None
        assert self.key is not None, "nothing is written of whom was erased"
        plain = value if isinstance(value, str) else json.dumps(value)
        around, _ = self._places[table][column]
        return seal_text(self.key, plain.encode(), row.bytes.join(around))

    def opened(self, table: str, column: str, row: UUID, stored: Any) -> Any:
        """Return the text of a column, sealed or plain, or the JSON of one of `JSON_COLUMNS`.

        Raises
        ------
        Unreadable
        """
        if stored is None or self._decrypt is None:
            return self._opened_with_care(table, column, row, stored)
        around, is_json = self._places[table][column]
        try:
            envelope = b64decode(stored.removeprefix(PREFIX), None, STRICT)
            if envelope.startswith(self._head):
                plain = self._decrypt(envelope[NONCE], envelope[SEALED], row.bytes.join(around))
                return json.loads(plain) if is_json else plain.decode()
        except (AttributeError, ValueError, invalid_tag()):
            pass
        return self._opened_with_care(table, column, row, stored)

    def _opened_with_care(self, table: str, column: str, row: UUID, stored: Any) -> Any:
        """Open what is not as most fields are: plain, no text at all, erased, or changed."""
        if not isinstance(stored, str) or not stored.startswith(PREFIX):
            return stored
        envelope = from_text(stored)
        if envelope is None:
            return "" if stored == ERASED else stored
        if self.key is None:
            return None
        around, is_json = self._places[table][column]
        plain = open_envelope(self.key, envelope, row.bytes.join(around))
        return json.loads(plain) if is_json else plain.decode()

    def sealed_columns(self, table: str, row: UUID, columns: Mapping[str, Any]) -> dict[str, Any]:
        """Return columns of one row as they are stored."""
        encrypted = self._places[table]
        return {
            name: self.sealed(table, name, row, value) if name in encrypted else value
            for name, value in columns.items()
        }

    def opened_columns(
        self, table: str, row: UUID, columns: Mapping[str, Any] | RowMapping
    ) -> dict[str, Any]:
        """Return columns of one row as they are read."""
        encrypted = self._places[table]
        return {
            name: self.opened(table, name, row, value) if name in encrypted else value
            for name, value in columns.items()
        }


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
