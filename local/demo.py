"""The demo clinic: one person of each role, so that there is somebody to be.

People and organizations are otherwise the identity provider's to announce.
"""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID, uuid5

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import SQLModel

from local.encryption import Keeper, as_keeper
from local.owner import as_owner
from shared.database import models
from shared.permissions import RoleName
from shared.vocabulary import ConsentKind

# Names of the demo's rows, so that seeding twice finds what is there.
DEMO = UUID("6d656469-6c65-6e73-8000-000000000000")

ORGANIZATION = "org_demo"
OTHER_ORGANIZATION = "org_elsewhere"


def subject(role: RoleName, organization: str = ORGANIZATION) -> str:
    """What the development issuer calls the demo person of a role."""
    return f"user_{organization.removeprefix('org_')}_{role}"


def person_id(role: RoleName, organization: str = ORGANIZATION) -> UUID:
    return uuid5(DEMO, subject(role, organization))


async def seed(direct_url: str) -> None:
    """Add both organizations with a person of each role; a second time changes nothing."""
    for identity, name in ((ORGANIZATION, "Demo clinic"), (OTHER_ORGANIZATION, "Another clinic")):
        async with as_owner(direct_url) as connection:
            roles = await seed_organization(connection, identity, name)
        async with as_keeper(direct_url) as connection:
            await _name(connection, identity, roles)


async def seed_organization(
    connection: AsyncConnection, identity: str, name: str
) -> tuple[RoleName, ...]:
    """Add an organization with a person of each role that the database knows, and name these."""
    models.register_all()
    organization = {"id": uuid5(DEMO, identity), "name": name, "type": "clinic"}
    await _add(connection, "organizations", [organization | {"identity_organization": identity}])
    role_ids = await _role_ids(connection)
    people = [_person(identity, role, role_id) for role, role_id in role_ids.items()]
    for table in ("users", "user_roles", "user_profiles", "consents"):
        await _add(connection, table, [rows[table] for rows in people])
    return tuple(role_ids)


def _person(identity: str, role: RoleName, role_id: int) -> dict[str, dict[str, Any]]:
    """The rows of a person who holds a role, with a profile and the consent to research."""
    person, own = person_id(role, identity), {"organization_id": uuid5(DEMO, identity)}
    keys = own | {"user_id": person}
    consent = {"kind": ConsentKind.RESEARCH, "text_version": "demo", "given_by": person}
    return {
        "users": own | {"id": person, "identity_subject": subject(role, identity)},
        "user_roles": keys | {"id": uuid5(person, "role"), "role_id": role_id},
        "user_profiles": keys | {"id": uuid5(person, "profile")},
        "consents": keys | {"id": uuid5(person, "research"), **consent},
    }


async def _add(connection: AsyncConnection, table: str, rows: list[dict[str, Any]]) -> None:
    added = insert(SQLModel.metadata.tables[table]).values(rows)
    await connection.execute(added.on_conflict_do_nothing())


async def _name(connection: AsyncConnection, identity: str, roles: Sequence[RoleName]) -> None:
    """Name the people after their roles, encrypted as all names are."""
    keeper, users = Keeper(connection), SQLModel.metadata.tables["users"]
    for role in roles:
        person = person_id(role, identity)
        texts = await keeper.person(uuid5(DEMO, identity), person)
        names = {"first_name": "Demo", "last_name": role.capitalize()}
        await connection.execute(
            update(users)
            .where(users.c.id == person, users.c.last_name.is_(None))
            .values(texts.sealed_columns("users", person, names))
        )


async def _role_ids(connection: AsyncConnection) -> Mapping[RoleName, int]:
    """Return the roles that the database knows, by name."""
    roles = SQLModel.metadata.tables["roles"]
    rows = await connection.execute(select(roles.c.name, roles.c.id))
    known = {row.name: row.id for row in rows}
    return {role: known[role] for role in RoleName if role in known}
