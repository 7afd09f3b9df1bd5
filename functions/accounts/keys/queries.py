"""Service keys: their hashes, and what they may."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping, Select, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.database.models.base import table_of
from shared.database.models.role import Role
from shared.database.models.service_key import ServiceKey
from shared.database.models.user_role import UserRole
from shared.database.repositories.tables import CALLER, ORGANIZATION
from shared.identifiers import uuid7

KEYS = table_of(ServiceKey)
HELD = table_of(UserRole)
ROLES = table_of(Role)

SHOWN = (
    *("id", "name", "scopes", "networks", "created_by", "created_at", "expires_at"),
    *("last_used_at", "revoked_at"),
)
MAX_LISTED = 100


async def get_permissions(connection: AsyncConnection) -> set[str]:
    """Return what the caller's roles allow."""
    rows = await connection.execute(
        select(ROLES.c.permissions)
        .join(HELD, HELD.c.role_id == ROLES.c.id)
        .where(
            HELD.c.organization_id == ORGANIZATION,
            HELD.c.user_id == CALLER,
            HELD.c.revoked_at.is_(None),
        )
    )
    return {permission for permissions in rows.scalars() for permission in permissions}


async def get_keys(connection: AsyncConnection) -> Sequence[RowMapping]:
    rows = await connection.execute(_shown().order_by(KEYS.c.id.desc()).limit(MAX_LISTED))
    return list(rows.mappings())


async def get_key(connection: AsyncConnection, key_id: UUID) -> RowMapping | None:
    rows = await connection.execute(_shown().where(KEYS.c.id == key_id))
    return next(iter(rows.mappings()), None)


def _shown() -> Select[Any]:
    return select(*(KEYS.c[name] for name in SHOWN)).where(KEYS.c.organization_id == ORGANIZATION)


async def add_key(connection: AsyncConnection, columns: Mapping[str, Any], key_hash: bytes) -> UUID:
    key_id = uuid7()
    await connection.execute(
        insert(KEYS).values(
            id=key_id,
            organization_id=ORGANIZATION,
            created_by=CALLER,
            key_hash=key_hash,
            **columns,
        )
    )
    return key_id


async def revoke(connection: AsyncConnection, key_id: UUID) -> bool:
    """End a key; False where there is none such, or it has ended before."""
    revoked = await connection.execute(
        update(KEYS)
        .where(
            KEYS.c.organization_id == ORGANIZATION, KEYS.c.id == key_id, KEYS.c.revoked_at.is_(None)
        )
        .values(revoked_at=func.now(), revoked_by=CALLER)
    )
    return bool(revoked.rowcount)
