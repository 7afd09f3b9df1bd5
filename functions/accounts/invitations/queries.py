"""Invitations: made, shown, withdrawn; accepting one is the database's own (`provision`)."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping, Select, func, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.database.models.base import table_of
from shared.database.models.invitation import Invitation
from shared.database.models.role import Role
from shared.database.repositories import keys
from shared.database.repositories.tables import CALLER, ORGANIZATION
from shared.errors import NotFound
from shared.identifiers import uuid7
from shared.permissions import RoleName

INVITATIONS = table_of(Invitation)
ROLES = table_of(Role)
MAX_LISTED = 100

type Row = Mapping[str, Any]


async def get_invitations(connection: AsyncConnection) -> Sequence[Row]:
    rows = await connection.execute(_shown().order_by(INVITATIONS.c.id.desc()).limit(MAX_LISTED))
    return await _opened(connection, rows.mappings().all())


async def get_invitation(connection: AsyncConnection, key: UUID) -> Row | None:
    rows = await connection.execute(_shown().where(INVITATIONS.c.id == key))
    return next(iter(await _opened(connection, rows.mappings().all())), None)


async def _opened(connection: AsyncConnection, rows: Sequence[RowMapping]) -> Sequence[Row]:
    """Open the addresses, which are the organization's: nobody of theirs is there yet."""
    if not any(row["email"] for row in rows):
        return [dict(row) for row in rows]
    texts = (await keys.get_organization_keys(connection)).texts
    return [texts.opened_columns("invitations", row["id"], row) for row in rows]


def _shown() -> Select[Any]:
    hidden = {"organization_id", "role_id", "deleted_at", "email_token"}
    columns = [column for column in INVITATIONS.c if column.name not in hidden]
    return (
        select(*columns, ROLES.c.name.label("role"))
        .join(ROLES, ROLES.c.id == INVITATIONS.c.role_id)
        .where(INVITATIONS.c.organization_id == ORGANIZATION, INVITATIONS.c.deleted_at.is_(None))
    )


async def invite(
    connection: AsyncConnection,
    addressee: Row,
    role: RoleName,
    expires_at: datetime,
) -> UUID:
    """Add an invitation and return its key.

    Raises
    ------
    NotFound
        The patient who is to sign in is not there.
    """
    key = uuid7()
    columns = await _sealed(connection, key, addressee)
    role_id = select(ROLES.c.id).where(ROLES.c.name == role).scalar_subquery()
    statement = insert(INVITATIONS).values(
        id=key,
        organization_id=ORGANIZATION,
        role_id=role_id,
        invited_by=CALLER,
        expires_at=expires_at,
        **columns,
    )
    try:
        await connection.execute(statement)
    except IntegrityError as failure:
        person = addressee.get("person_id")
        raise NotFound(
            "There is no such person.", resource_type="users", resource_id=person
        ) from failure
    return key


async def _sealed(connection: AsyncConnection, key: UUID, addressee: Row) -> Row:
    if addressee.get("email") is None:
        return addressee
    organization = await keys.get_organization_keys(connection)
    sealed = organization.texts.sealed_columns("invitations", key, addressee)
    return sealed | {"email_token": organization.mail_token(addressee["email"])}


async def withdraw(connection: AsyncConnection, key: UUID) -> bool:
    """Withdraw an invitation that nobody has accepted; False where there is none such."""
    withdrawn = await connection.execute(
        update(INVITATIONS)
        .where(
            INVITATIONS.c.organization_id == ORGANIZATION,
            INVITATIONS.c.id == key,
            INVITATIONS.c.accepted_at.is_(None),
            INVITATIONS.c.deleted_at.is_(None),
        )
        .values(deleted_at=func.now())
    )
    return bool(withdrawn.rowcount)
