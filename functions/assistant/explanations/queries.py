"""Explanations as they are stored: one encrypted document each, under the person's own key."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from functions.assistant.explanations.schemas import Document
from shared.database.encryption.envelope import Unreadable
from shared.database.encryption.texts import Texts
from shared.database.models.base import table_of
from shared.database.models.explanation import AiExplanation
from shared.database.repositories import keys
from shared.database.repositories.audit import audited
from shared.database.repositories.tables import CALLER, CATALOG, ORGANIZATION
from shared.identifiers import uuid7

EXPLANATIONS = table_of(AiExplanation)
TABLE = "ai_explanations"
COLUMNS = (
    *("id", "organization_id", "user_id", "assessment_id", "created_at"),
    *("explanation_text", "model_used", "tokens_used", "generation_time_ms"),
)


@dataclass(frozen=True)
class Stored:
    """An explanation of the database; of another or an erased person it has no document."""

    id: UUID
    user_id: UUID
    assessment_id: UUID
    created_at: datetime
    document: Document | None
    model_used: str
    tokens_used: int | None
    generation_time_ms: int | None


async def get_caller(connection: AsyncConnection) -> UUID:
    """Return who asks."""
    caller: UUID = (await connection.execute(select(CALLER))).scalar_one()
    return caller


async def get_descriptions(connection: AsyncConnection) -> Mapping[str, str]:
    """Return one line about every biomarker, by its name."""
    rows = await connection.execute(select(CATALOG.c.name, CATALOG.c.description))
    return {row.name: row.description for row in rows}


async def add(
    connection: AsyncConnection,
    person_id: UUID,
    assessment_id: UUID,
    document: Document,
    *,
    model_used: str,
    generation_time_ms: int,
) -> UUID:
    """Store an explanation, encrypted with the person's key.

    Raises
    ------
    PersonErased
    """
    key, texts = uuid7(), (await keys.keys_of(connection, person_id)).texts
    written = document.model_dump_json()
    await connection.execute(
        insert(EXPLANATIONS).values(
            id=key,
            organization_id=ORGANIZATION,
            user_id=person_id,
            assessment_id=assessment_id,
            explanation_text=texts.sealed(TABLE, "explanation_text", key, written),
            model_used=model_used,
            generation_time_ms=generation_time_ms,
        )
    )
    return key


async def get(connection: AsyncConnection, explanation_id: UUID) -> Stored | None:
    """Return an explanation within the caller's reach; that it was read is audited."""
    rows = select(
        *(EXPLANATIONS.c[name] for name in COLUMNS), keys.wrapped_key(EXPLANATIONS)
    ).where(EXPLANATIONS.c.organization_id == ORGANIZATION, EXPLANATIONS.c.id == explanation_id)
    told = (await connection.execute(audited(rows, TABLE, resource="id"))).mappings().all()
    reader = await keys.reader(connection, told)
    return next((_stored(row, reader.texts(row)) for row in told), None)


def _stored(row: Mapping[str, Any], texts: Texts) -> Stored:
    """An explanation stays under the key of whom it was written for, where its assessment moves."""
    try:
        text = texts.opened(TABLE, "explanation_text", row["id"], row["explanation_text"])
    except Unreadable:
        text = None
    return Stored(
        document=None if text is None else Document.model_validate(json.loads(text)),
        **{name: value for name, value in row.items() if name in Stored.__annotations__},
    )
