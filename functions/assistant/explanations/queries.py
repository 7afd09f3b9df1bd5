"""Explanations as they are stored: an encrypted document each, under the person's own key."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any, Self
from uuid import UUID

from sqlalchemy import ColumnElement, Text, and_, case, func, insert, select, update
from sqlalchemy import false as sql_false
from sqlalchemy.dialects.postgresql import array
from sqlalchemy.ext.asyncio import AsyncConnection

from functions.assistant.explanations.drafts import Draft
from functions.assistant.explanations.schemas import Document
from functions.assistant.model.writing import Written
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

EXPLANATIONS = table_of(AiExplanation)
TABLE = "ai_explanations"
COLUMNS = (
    *("id", "organization_id", "user_id", "assessment_id", "created_at"),
    *("explanation_text", "model_used", "tokens_used", "generation_time_ms"),
    *("is_free", "released_at"),
)
# A model's words come within this, as long as a queue keeps a message, or not at all.
MOST_PENDING = timedelta(days=1)
GIVEN_UP = "given-up"
# The budget's own reason: what was reserved before may be used.
USED_UP = "budget-used-up"


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
    is_pending: bool


@dataclass(frozen=True)
class Made:
    """How an explanation was made, as far as it is not part of the document."""

    model_used: str
    generation_time_ms: int
    tokens_used: int | None = None
    is_free: bool = False

    @classmethod
    def of(cls, written: Written) -> Self:
        return cls(
            model_used=written.work.model or written.engine,
            generation_time_ms=written.work.took_ms,
            tokens_used=written.work.tokens,
            is_free=any(sentence.name is None for sentence in written.sentences),
        )


async def reserve(connection: AsyncConnection, person_id: UUID, tokens: int) -> str | None:
    """Reserve a request and its tokens of the month's budget, or return why no model is asked."""
    reserved = select(func.medilens.reserve_model(person_id, tokens, type_=Text))
    reason: str | None = (await connection.execute(reserved)).scalar_one()
    return reason


async def settle(
    connection: AsyncConnection, person_id: UUID, reserved: int, used: int | None
) -> str | None:
    """Count what a model used in place of what was reserved; return why its words are not kept.

    Leave or consent may be taken back while it is asked. An endpoint that does not say what it
    used has used what was reserved.
    """
    told = reserved if used is None else used
    await connection.execute(select(func.medilens.settle_model(reserved, told)))
    reason = await reserve(connection, person_id, 0)
    if reason is None:
        await unreserve(connection, 0)
    return None if reason == USED_UP else reason


async def unreserve(connection: AsyncConnection, reserved: int) -> None:
    """Give back a request and its tokens that were reserved and never used."""
    await connection.execute(select(func.medilens.unreserve_model(reserved)))


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
    draft: Draft,
    document: Document,
    made: Made,
    reserved_tokens: int | None = None,
) -> None:
    """Store an explanation, encrypted with the person's key.

    What `reserved_tokens` is given for waits for a model's words.

    Raises
    ------
    PersonErased
    """
    is_pending = reserved_tokens is not None
    await connection.execute(
        insert(EXPLANATIONS).values(
            id=draft.id,
            organization_id=ORGANIZATION,
            user_id=draft.person_id,
            assessment_id=draft.assessment_id,
            rests_on=keys_as_array(draft.rests_on),
            explanation_text=await _sealed(connection, draft.person_id, draft.id, document),
            reserved_tokens=reserved_tokens,
            pending_until=func.now() + MOST_PENDING if is_pending else None,
            **asdict(made),
        )
    )


async def _sealed(
    connection: AsyncConnection, person_id: UUID, explanation_id: UUID, document: Document
) -> str | None:
    texts = (await keys.keys_of(connection, person_id)).texts
    written = document.model_dump_json()
    return texts.sealed(TABLE, "explanation_text", explanation_id, written)


async def is_pending(connection: AsyncConnection, explanation_id: UUID) -> bool:
    """Return whether a model's words may still come; tells nothing of what is said."""
    waits = select(EXPLANATIONS.c.id).where(_waits(explanation_id))
    return (await connection.execute(waits)).first() is not None


async def claim(connection: AsyncConnection, explanation_id: UUID) -> int | None:
    """Take what was reserved for a pending explanation, 0 where it was taken before.

    What a month that has ended lacks, this month's budget does not get: that is 0 too. None where
    nothing is pending: whoever comes second leaves it at that.
    """
    waits = _waits(explanation_id)
    is_of_month = _month(EXPLANATIONS.c.created_at) == _month(func.now())
    reserved = case((is_of_month, EXPLANATIONS.c.reserved_tokens)).label("reserved")
    row = (await connection.execute(select(reserved).where(waits).with_for_update())).first()
    if row is None:
        return None
    await connection.execute(update(EXPLANATIONS).where(waits).values(reserved_tokens=None))
    return row.reserved or 0


async def finish(
    connection: AsyncConnection, stored: Stored, document: Document, made: Made
) -> None:
    """Say what a pending explanation says for good; one that is not pending stays as it is.

    Raises
    ------
    PersonErased
    """
    await connection.execute(
        update(EXPLANATIONS)
        .where(_waits(stored.id), _stands())
        .values(
            explanation_text=await _sealed(connection, stored.user_id, stored.id, document),
            pending_until=None,
            reserved_tokens=None,
            **asdict(made),
        )
    )


def _month(moment: ColumnElement[datetime]) -> ColumnElement[datetime]:
    return func.date_trunc("month", func.timezone("UTC", moment))


def _waits(explanation_id: UUID) -> ColumnElement[bool]:
    return and_(
        EXPLANATIONS.c.organization_id == ORGANIZATION,
        EXPLANATIONS.c.id == explanation_id,
        EXPLANATIONS.c.pending_until > func.now(),
    )


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
        func.coalesce(EXPLANATIONS.c.pending_until > func.now(), sql_false()).label("is_pending"),
        EXPLANATIONS.c.pending_until,
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
    document = None
    if text is not None and row["stands"]:
        document = Document.model_validate(json.loads(text))
        if row["pending_until"] and not row["is_pending"]:
            document = document.model_copy(update={"why_template": GIVEN_UP})
    return Stored(
        document=document,
        **{name: value for name, value in row.items() if name in Stored.__annotations__},
    )
