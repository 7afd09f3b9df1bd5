"""The caller's organization and its settings."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import RowMapping, func, select, type_coerce, update
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.database.models.base import table_of
from shared.database.models.organization import Organization
from shared.database.repositories.tables import ORGANIZATION

ORGANIZATIONS = table_of(Organization)
SHOWN = ("id", "name", "type", "identity_organization", "settings")


async def get_organization(connection: AsyncConnection) -> RowMapping:
    rows = await connection.execute(
        select(*(ORGANIZATIONS.c[name] for name in SHOWN)).where(ORGANIZATIONS.c.id == ORGANIZATION)
    )
    return next(iter(rows.mappings()))


async def change_settings(connection: AsyncConnection, changes: Mapping[str, Any]) -> None:
    """Put settings in the place of those of the same names."""
    await connection.execute(
        update(ORGANIZATIONS)
        .where(ORGANIZATIONS.c.id == ORGANIZATION)
        .values(
            settings=ORGANIZATIONS.c.settings.concat(type_coerce(changes, JSONB)),
            updated_at=func.now(),
        )
    )
