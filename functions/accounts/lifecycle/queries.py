"""Legal holds, and the erasure that they keep off."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Boolean, Uuid, bindparam, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.database.models.base import table_of
from shared.database.models.legal_hold import LegalHold
from shared.database.repositories import keys
from shared.database.repositories.audit import audited
from shared.database.repositories.tables import CALLER, ORGANIZATION
from shared.identifiers import uuid7

HOLDS = table_of(LegalHold)


async def get_holds(connection: AsyncConnection, person_id: UUID) -> Sequence[Mapping[str, Any]]:
    """Return the holds on a person, the newest first, and write that they were read."""
    rows = select(
        *(HOLDS.c[name] for name in ("id", "reason", "placed_by", "held_until")),
        *(HOLDS.c[name] for name in ("released_at", "released_by")),
        HOLDS.c.created_at.label("placed_at"),
        HOLDS.c.user_id.label("person_id"),
        *(HOLDS.c.organization_id, HOLDS.c.user_id, keys.wrapped_key(HOLDS)),
    ).where(HOLDS.c.organization_id == ORGANIZATION, HOLDS.c.user_id == person_id)
    page = audited(rows, "legal_holds")
    listed = await connection.execute(page.order_by(page.selected_columns.id.desc()))
    return await keys.opened(connection, "legal_holds", listed.mappings().all())


async def place(
    connection: AsyncConnection, person_id: UUID, reason: str, held_until: datetime | None
) -> None:
    key, texts = uuid7(), (await keys.keys_of(connection, person_id)).texts
    await connection.execute(
        insert(HOLDS).values(
            id=key,
            organization_id=ORGANIZATION,
            user_id=person_id,
            placed_by=CALLER,
            reason=texts.sealed("legal_holds", "reason", key, reason),
            held_until=held_until,
        )
    )


async def release(connection: AsyncConnection, person_id: UUID, hold_id: UUID) -> bool:
    """End a hold; False where there is none such in force."""
    released = await connection.execute(
        update(HOLDS)
        .where(
            HOLDS.c.organization_id == ORGANIZATION,
            HOLDS.c.user_id == person_id,
            HOLDS.c.id == hold_id,
            HOLDS.c.released_at.is_(None),
        )
        .values(released_at=func.now(), released_by=CALLER)
    )
    return bool(released.rowcount)


async def erase(
    connection: AsyncConnection, person_id: UUID, *, when_due: bool
) -> Mapping[str, Any] | None:
    """Erase a person, or tell what keeps them; None where there is no such person."""
    statement = select(
        func.medilens.erase_person(
            bindparam("person_id", type_=Uuid), bindparam("when_due", type_=Boolean)
        )
    )
    told: Mapping[str, Any] | None = (
        await connection.execute(statement, {"person_id": person_id, "when_due": when_due})
    ).scalar_one()
    return told
