"""The caller themselves, whatever their role reaches."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.database.models.base import table_of
from shared.database.models.user import UserProfile
from shared.database.repositories.tables import CALLER, ORGANIZATION
from shared.identifiers import uuid7

PROFILES = table_of(UserProfile)


async def get_myself(connection: AsyncConnection) -> Mapping[str, Any]:
    """Return what the database knows of the caller; whoever has entered is there."""
    told: Mapping[str, Any] = (
        await connection.execute(select(func.medilens.myself()))
    ).scalar_one()
    return told


async def change_profile(connection: AsyncConnection, changes: Mapping[str, Any]) -> None:
    """Set columns of the caller's profile, which is made where there is none."""
    changed = await connection.execute(
        update(PROFILES)
        .where(PROFILES.c.organization_id == ORGANIZATION, PROFILES.c.user_id == CALLER)
        .values(**changes, updated_at=func.now())
    )
    if not changed.rowcount:
        await connection.execute(
            insert(PROFILES).values(
                id=uuid7(), organization_id=ORGANIZATION, user_id=CALLER, **changes
            )
        )
