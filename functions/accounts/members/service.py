"""Members and their roles; an organization is never left without an admin who can sign in."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from functions.accounts.members import queries
from functions.accounts.members.schemas import MemberPage, MemberQuery, MemberRead
from shared.errors import Conflict, NotFound
from shared.http.paging import page_of
from shared.permissions import RoleName


class LastAdmin(Conflict):
    """The act would leave the organization without an admin."""

    code = "last-admin"

    def __init__(self) -> None:
        super().__init__(
            "This is the organization's last active admin. Make somebody else an admin first."
        )


async def list_members(connection: AsyncConnection, wanted: MemberQuery) -> MemberPage:
    rows = await queries.get_members(connection, limit=wanted.limit + 1, after=wanted.after)
    page, last = page_of(rows, wanted.limit)
    items = [MemberRead.model_validate(_shown(row)) for row in page]
    return MemberPage(items=items, next_after=last and last["id"])


async def get(connection: AsyncConnection, person_id: UUID) -> MemberRead:
    """Return one member.

    Raises
    ------
    NotFound
    """
    row = await queries.get_member(connection, person_id)
    if row is None:
        raise _not_found(person_id)
    return MemberRead.model_validate(_shown(row))


async def grant(
    connection: AsyncConnection, person_id: UUID, role: RoleName, reason: str
) -> MemberRead:
    """Give a member a role, which counts with their next request.

    Raises
    ------
    NotFound
    """
    await get(connection, person_id)
    await queries.grant(connection, person_id, role, reason)
    return await get(connection, person_id)


async def revoke(
    connection: AsyncConnection, person_id: UUID, role: RoleName, reason: str
) -> MemberRead:
    """Take a role from a member, with their next request; what they do not hold is not taken.

    Raises
    ------
    NotFound, LastAdmin
    """
    await get(connection, person_id)
    if role == RoleName.ADMIN:
        await queries.lock_admins(connection)
    await queries.revoke(connection, person_id, role, reason)
    return await _with_an_admin(connection, person_id)


async def deactivate(connection: AsyncConnection, person_id: UUID) -> MemberRead:
    """Refuse a member from the next request on; roles and records stay.

    Raises
    ------
    NotFound, LastAdmin
    """
    await queries.lock_admins(connection)
    if not await queries.set_active(connection, person_id, is_active=False):
        raise _not_found(person_id)
    return await _with_an_admin(connection, person_id)


async def reactivate(connection: AsyncConnection, person_id: UUID) -> MemberRead:
    """Let a member in again, with the roles that they hold.

    Raises
    ------
    NotFound
    """
    if not await queries.set_active(connection, person_id, is_active=True):
        raise _not_found(person_id)
    return await get(connection, person_id)


async def _with_an_admin(connection: AsyncConnection, person_id: UUID) -> MemberRead:
    """Return the member as changed; without any admin left, nothing is changed at all."""
    if not await queries.has_admin(connection):
        raise LastAdmin
    return await get(connection, person_id)


def _shown(row: Mapping[str, Any]) -> dict[str, object]:
    return {name: row[name] for name in MemberRead.model_fields}


def _not_found(person_id: UUID) -> NotFound:
    return NotFound("There is no such member.", resource_type="users", resource_id=person_id)
