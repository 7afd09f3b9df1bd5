"""The caller themselves, whatever their role reaches."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.database.encryption.columns import ENCRYPTED
from shared.database.encryption.texts import Texts
from shared.database.models.base import table_of
from shared.database.models.user_profile import UserProfile
from shared.database.repositories import keys
from shared.database.repositories.tables import CALLER, ORGANIZATION
from shared.identifiers import uuid7

PROFILES = table_of(UserProfile)


async def get_myself(connection: AsyncConnection) -> Mapping[str, Any]:
    """Return what the database knows of the caller; whoever has entered is there."""
    told: dict[str, Any] = (await connection.execute(select(func.medilens.myself()))).scalar_one()
    texts = await _own_texts(connection, told)
    if profile := told["profile"]:
        profile = texts.opened_columns("user_profiles", UUID(profile.pop("id")), profile)
    return {**texts.opened_columns("users", UUID(told["id"]), told), "profile": profile}


async def _own_texts(connection: AsyncConnection, told: dict[str, Any]) -> Texts:
    wrapped = told.pop("wrapped_key")
    row = {
        "user_id": UUID(told["id"]),
        "organization_id": UUID(told["organization"]["id"]),
        keys.WRAPPED_KEY: bytes.fromhex(wrapped) if wrapped else None,
    }
    return (await keys.reader(connection, [row])).texts(row)


async def change_profile(connection: AsyncConnection, changes: Mapping[str, Any]) -> None:
    """Set columns of the caller's profile, which is made where there is none."""
    profile_id, person_id = await _profile(connection)
    sealed = dict(changes)
    if changes.keys() & ENCRYPTED["user_profiles"]:
        texts = (await keys.keys_of(connection, person_id)).texts
        sealed = texts.sealed_columns("user_profiles", profile_id, changes)
    await connection.execute(
        update(PROFILES)
        .where(PROFILES.c.organization_id == ORGANIZATION, PROFILES.c.user_id == CALLER)
        .values(**sealed, updated_at=func.now())
    )


async def _profile(connection: AsyncConnection) -> tuple[UUID, UUID]:
    """Return the key of the caller's profile and the caller's own."""
    profile = select(PROFILES.c.id, PROFILES.c.user_id).where(
        PROFILES.c.organization_id == ORGANIZATION, PROFILES.c.user_id == CALLER
    )
    row = (await connection.execute(profile)).first()
    if row is None:
        new = {"id": uuid7(), "organization_id": ORGANIZATION, "user_id": CALLER}
        await connection.execute(insert(PROFILES).values(new).on_conflict_do_nothing())
        row = (await connection.execute(profile)).one()
    return row.id, row.user_id
