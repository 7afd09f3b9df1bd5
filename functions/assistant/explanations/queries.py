"""Explanations as they are stored: an encrypted document each, under the person's own key."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Text, case, func, insert, select, update
from sqlalchemy.dialects.postgresql import array
from sqlalchemy.ext.asyncio import AsyncConnection

from functions.assistant.explanations.schemas import Document
from shared.database.encryption.envelope import Unreadable
from shared.database.encryption.texts import Texts
from shared.database.models.base import table_of
from shared.database.models.explanation import AiExplanation
from shared.database.repositories import keys
from shared.database.repositories.audit import audited
from shared.database.repositories.tables import (
    ASSESSMENTS,
    CALLER,
    CATALOG,
    ORGANIZATION,
    keys_as_array,
)
from shared.identifiers import uuid7

EXPLANATIONS = table_of(AiExplanation)
TABLE = "ai_explanations"
COLUMNS = (
    *("id", "organization_id", "user_id", "assessment_id", "created_at"),
    *("explanation_text", "model_used", "tokens_used", "generation_time_ms"),
    *("is_free", "released_at"),
)


@dataclass(frozen=True)
class Stored:
    """An explanation of the database; without a document where what it rests on is gone."""

    id: UUID
    user_id: UUID
    assessment_id: UUID
    created_at: datetime
    document: Document | None
    model_used: str
    tokens_used: int | None
    generation_time_ms: int | None
    is_free: bool
    released_at: datetime | None


@dataclass(frozen=True)
class Made:
    """How an explanation was made, as far as it is not part of the document."""

    model_used: str
    generation_time_ms: int
    tokens_used: int | None = None
    is_free: bool = False
    rests_on: Sequence[UUID] = ()


async def reserve(connection: AsyncConnection, person_id: UUID, tokens: int) -> str | None:
    """Reserve a request and its tokens of the month's budget, or return why no model is asked."""
    reserved = select(func.medilens.reserve_model(person_id, tokens, type_=Text))
    reason: str | None = (await connection.execute(reserved)).scalar_one()
    return reason


async def settle(connection: AsyncConnection, reserved: int, used: int) -> None:
    """Count what a model used in place of what was reserved."""
    await connection.execute(select(func.medilens.settle_model(reserved, used)))


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
    made: Made,
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
            **asdict(made) | {"rests_on": keys_as_array(made.rests_on)},
        )
    )
    return key


async def get(connection: AsyncConnection, explanation_id: UUID) -> Stored | None:
    """Return an explanation within the caller's reach; that it was read is audited."""
    return next(iter(await _read(connection, EXPLANATIONS.c.id == explanation_id)), None)


async def get_waiting(connection: AsyncConnection, limit: int) -> list[Stored]:
    """Return free words that nobody has released, the oldest first; each look is audited."""
    waits = EXPLANATIONS.c.is_free & EXPLANATIONS.c.released_at.is_(None)
    return await _read(connection, waits, limit)


async def release(connection: AsyncConnection, explanation_id: UUID) -> None:
    """Say that the person may read free words, where nobody has said so before."""
    await connection.execute(
        update(EXPLANATIONS)
        .where(
            EXPLANATIONS.c.organization_id == ORGANIZATION,
            EXPLANATIONS.c.id == explanation_id,
            EXPLANATIONS.c.released_at.is_(None),
        )
        .values(released_at=func.now(), released_by=CALLER)
    )


async def _read(
    connection: AsyncConnection, condition: ColumnElement[bool], limit: int = 1
) -> list[Stored]:
    rows = select(
        *(EXPLANATIONS.c[name] for name in COLUMNS),
        keys.wrapped_key(EXPLANATIONS),
        _stands().label("stands"),
    ).where(EXPLANATIONS.c.organization_id == ORGANIZATION, condition)
    page = audited(rows.order_by(EXPLANATIONS.c.id).limit(limit), TABLE, resource="id")
    told = (await connection.execute(page)).mappings().all()
    reader = await keys.reader(connection, told)
    return [_stored(row, reader.texts(row)) for row in told]


def _stands() -> ColumnElement[bool]:
    """Whether all that an explanation rests on is the person's still, and not deleted."""
    standing = (
        select(func.count())
        .where(
            ASSESSMENTS.c.organization_id == EXPLANATIONS.c.organization_id,
            ASSESSMENTS.c.user_id == EXPLANATIONS.c.user_id,
            ASSESSMENTS.c.id == func.any(_of_history()),
            ASSESSMENTS.c.deleted_at.is_(None),
        )
        .correlate(EXPLANATIONS)
        .scalar_subquery()
    )
    return standing == func.cardinality(_of_history())


def _of_history() -> ColumnElement[Any]:
    """The assessments that it rests on: of a history, or the one that it explains."""
    is_history = func.cardinality(EXPLANATIONS.c.rests_on) > 0
    alone = array([EXPLANATIONS.c.assessment_id])
    return case((is_history, EXPLANATIONS.c.rests_on), else_=alone)


def _stored(row: Mapping[str, Any], texts: Texts) -> Stored:
    """An explanation stays under the key of whom it was written for, where its assessment moves."""
    try:
        text = texts.opened(TABLE, "explanation_text", row["id"], row["explanation_text"])
    except Unreadable:
        text = None
    if not row["stands"]:
        text = None
    return Stored(
        document=None if text is None else Document.model_validate(json.loads(text)),
        **{name: value for name, value in row.items() if name in Stored.__annotations__},
    )
