"""Whoever can sign in, and the roles that they hold or held."""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Integer,
    RowMapping,
    Select,
    Uuid,
    and_,
    bindparam,
    func,
    insert,
    or_,
    select,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from functions.accounts.turns.queries import take_turn
from shared.database.encryption.texts import Texts
from shared.database.models.base import table_of
from shared.database.models.role import Role
from shared.database.models.user import User
from shared.database.models.user_role import UserRole
from shared.database.repositories import keys
from shared.database.repositories.audit import audited
from shared.database.repositories.tables import CALLER, ORGANIZATION
from shared.identifiers import uuid7
from shared.permissions import RoleName

PEOPLE = table_of(User)
HELD = table_of(UserRole)
ROLES = table_of(Role)

COLUMNS = ("id", "first_name", "last_name", "email", "is_active", "created_at")
IN_FORCE = HELD.c.revoked_at.is_(None)


async def get_members(
    connection: AsyncConnection, *, limit: int, after: UUID | None
) -> Sequence[Mapping[str, Any]]:
    """Return members in the order of their ids, and write that they were read."""
    page = await connection.execute(_list(), {"limit": limit, "after": after})
    return await _opened(connection, page.mappings().all())


async def _opened(
    connection: AsyncConnection, rows: Sequence[RowMapping]
) -> Sequence[Mapping[str, Any]]:
    reader = await keys.reader(connection, rows)
    return [_member(reader.texts(row), row) for row in rows]


def _member(texts: Texts, row: RowMapping) -> Mapping[str, Any]:
    roles = [_role(texts, **role) for role in row["roles"]]
    return {**texts.opened_columns("users", row["id"], row), "roles": roles}


def _role(texts: Texts, key: str, reason: str | None, **role: Any) -> Mapping[str, Any]:
    return {**role, "reason": texts.opened("user_roles", "reason", UUID(key), reason)}


@cache
def _list() -> Select[Any]:
    after = bindparam("after", type_=Uuid)
    rows = (
        _members()
        .where(or_(after.is_(None), PEOPLE.c.id > after))
        .order_by(PEOPLE.c.id)
        .limit(bindparam("limit", type_=Integer))
    )
    page = audited(rows, "users")
    return page.order_by(page.selected_columns.id)


async def get_member(connection: AsyncConnection, person_id: UUID) -> Mapping[str, Any] | None:
    page = await connection.execute(_get(), {"ids": [person_id]})
    return next(iter(await _opened(connection, page.mappings().all())), None)


@cache
def _get() -> Select[Any]:
    rows = _members().where(PEOPLE.c.id == func.any(bindparam("ids", type_=ARRAY(Uuid))))
    return audited(rows, "users", resource="id")


def _members() -> Select[Any]:
    role = func.jsonb_build_object(
        *("role", ROLES.c.name, "granted_at", HELD.c.created_at, "granted_by", HELD.c.granted_by),
        *("key", HELD.c.id, "reason", HELD.c.reason),
    )
    roles = (
        select(func.coalesce(func.jsonb_agg(role), func.jsonb_build_array()))
        .select_from(HELD.join(ROLES, ROLES.c.id == HELD.c.role_id))
        .where(
            HELD.c.organization_id == PEOPLE.c.organization_id,
            HELD.c.user_id == PEOPLE.c.id,
            IN_FORCE,
        )
        .scalar_subquery()
    )
    return select(
        *(PEOPLE.c[name] for name in COLUMNS),
        PEOPLE.c.identity_subject,
        roles.label("roles"),
        PEOPLE.c.id.label("user_id"),
        PEOPLE.c.organization_id,
        keys.wrapped_key(PEOPLE, "id"),
    ).where(_is_member())


def _is_member() -> ColumnElement[bool]:
    return and_(
        PEOPLE.c.organization_id == ORGANIZATION,
        PEOPLE.c.identity_subject.is_not(None),
        PEOPLE.c.deleted_at.is_(None),
    )


async def grant(connection: AsyncConnection, person_id: UUID, role: RoleName, reason: str) -> None:
    """Give a member a role; whoever holds it already keeps it as it was granted."""
    role_id = select(ROLES.c.id).where(ROLES.c.name == role).scalar_subquery()
    holds = select(HELD.c.id).where(HELD.c.user_id == person_id, _of(role), IN_FORCE)
    await take_turn(connection, f"roles of {person_id}")
    if (await connection.execute(holds)).first() is None:
        key, texts = uuid7(), (await keys.keys_of(connection, person_id)).texts
        await connection.execute(
            insert(HELD).values(
                id=key,
                organization_id=ORGANIZATION,
                user_id=person_id,
                role_id=role_id,
                granted_by=CALLER,
                reason=texts.sealed("user_roles", "reason", key, reason),
            )
        )


async def revoke(connection: AsyncConnection, person_id: UUID, role: RoleName, reason: str) -> bool:
    """Take a role from a member; False where they do not hold it."""
    holds = select(HELD.c.id).where(HELD.c.user_id == person_id, _of(role), IN_FORCE)
    key = (await connection.execute(holds)).scalar_one_or_none()
    if key is None:
        return False
    texts = (await keys.keys_of(connection, person_id)).texts
    sealed = texts.sealed("user_roles", "revocation_reason", key, reason)
    revoked = await connection.execute(
        update(HELD)
        .where(HELD.c.id == key, IN_FORCE)
        .values(revoked_at=func.now(), revoked_by=CALLER, revocation_reason=sealed)
    )
    return bool(revoked.rowcount)


def _of(role: RoleName) -> ColumnElement[bool]:
    named = select(ROLES.c.id).where(ROLES.c.name == role).scalar_subquery()
    return and_(HELD.c.organization_id == ORGANIZATION, HELD.c.role_id == named)


async def set_active(connection: AsyncConnection, person_id: UUID, *, is_active: bool) -> bool:
    """Let a member sign in, or not; False where there is no such member."""
    members = update(PEOPLE).where(_is_member(), PEOPLE.c.id == person_id)
    state = {"is_active": is_active, "updated_at": func.now()}
    return bool((await connection.execute(members.values(state))).rowcount)


async def lock_admins(connection: AsyncConnection) -> None:
    """Make others wait who take an admin's role or sign-in away, until the commit."""
    await take_turn(connection, "admins")


async def has_admin(connection: AsyncConnection) -> bool:
    """Whether anybody who can sign in holds the role of an admin."""
    admins = select(HELD.c.id).where(
        _of(RoleName.ADMIN),
        IN_FORCE,
        select(PEOPLE.c.id)
        .where(_is_member(), PEOPLE.c.id == HELD.c.user_id, PEOPLE.c.is_active)
        .exists(),
    )
    return (await connection.execute(admins.limit(1))).first() is not None
