"""What a token or an announcement tells of people, encrypted before the database is told.

Whoever is new has no identity yet, so the keys are asked for by a sealed request of its own.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from shared.database import identity, transaction
from shared.database.encryption import masters
from shared.database.encryption.envelope import Key, new_key
from shared.database.encryption.masters import Parts, WrappedKeys
from shared.database.encryption.texts import OrganizationKeys, Texts

TOLD = ("email", "first_name", "last_name")


@dataclass(frozen=True)
class Home:
    """An organization, and the person there whom a subject means."""

    organization_id: UUID
    keys: Sequence[WrappedKeys] = ()
    person_id: UUID | None = None
    wrapped_key: bytes | None = None
    # No key was made yet; an erased person's was.
    is_new: bool = True
    # Addresses, by invitation, of those from before addresses were encrypted.
    invitations: Mapping[str, str] = field(default_factory=dict)


async def newcomer(
    told: Mapping[str, Any], person_id: UUID, organization_id: UUID | None = None
) -> dict[str, Any]:
    """Return what the database is told in place of `TOLD`: columns of a person who may be added.

    `organization_id` is the key of an organization that this may be the first word of.

    Raises
    ------
    MasterKeyMissing, SettingsMissing, Unavailable
    """
    columns, rest = _apart(told)
    if not columns:
        return rest
    homes = await _homes(organization=told["organization"])
    if not homes and organization_id:
        homes = [Home(organization_id)]
    for home in homes:
        rest["newcomer"] = await _sealed(home, person_id, columns)
    return rest


async def known_people(told: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the database is told in place of `TOLD`: columns of each person of a subject.

    Raises
    ------
    MasterKeyMissing, SettingsMissing, Unavailable
    """
    columns, rest = _apart(told)
    homes = await _homes(subject=told["subject"]) if columns else []
    rest["people"] = {
        str(home.person_id): await _sealed(home, home.person_id, columns)
        for home in homes
        if home.person_id and (home.is_new or home.wrapped_key)
    }
    return rest


def _apart(told: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    columns = {name: told[name] for name in TOLD if told.get(name) is not None}
    return columns, {name: value for name, value in told.items() if name not in TOLD}


async def _homes(**asked: str) -> Sequence[Home]:
    statement = identity.asking("keys_for", "keys", **asked)
    async with transaction.nobody() as connection:
        rows = (await connection.exec_driver_sql(statement)).mappings().all()
    return [
        Home(
            row["organization_id"],
            [_wrapped(row["organization_id"], **keys) for keys in row["keys"]],
            row["person_id"],
            row["wrapped_key"],
            row["is_new"],
            row["invitations"],
        )
        for row in rows
    ]


def _wrapped(organization_id: UUID, number: int, master: str, wrapped: str) -> WrappedKeys:
    return WrappedKeys(organization_id, number, master, bytes.fromhex(wrapped))


async def _sealed(home: Home, person_id: UUID, columns: Mapping[str, Any]) -> dict[str, Any]:
    """Return the columns as they are stored, with the keys that were made for them."""
    told: dict[str, Any] = {"organization_id": home.organization_id}
    stored = home.keys
    if not stored:
        first = await masters.wrap(home.organization_id, 1, Parts.new())
        stored = [first]
        told["organization_key"] = {"master": first.master, "wrapped": first.wrapped.hex()}
    organization = await masters.opened(stored)
    texts = _texts(organization, home, person_id, told)
    if email := columns.get("email"):
        token = organization.mail_token(email)
        told["email_token"] = token.hex()
        told["invitations"] = [
            key
            for key, address in home.invitations.items()
            if organization.mail_token(address) == token
        ]
    return told | texts.sealed_columns("users", person_id, columns)


def _texts(
    organization: OrganizationKeys, home: Home, person_id: UUID, told: dict[str, Any]
) -> Texts:
    if home.person_id == person_id and home.wrapped_key:
        return organization.of_person(person_id, home.wrapped_key)
    key: Key = new_key()
    told["person_key"] = organization.wrapped(person_id, key).hex()
    return Texts(organization.organization, key)
