"""Explanations as they are stored: an encrypted document each, under the person's own key."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any, Self
from uuid import UUID

from sqlalchemy import ColumnElement, and_, case, func, insert, select, update
from sqlalchemy import false as sql_false
from sqlalchemy.dialects.postgresql import array
from sqlalchemy.ext.asyncio import AsyncConnection

from functions.assistant.budget.queries import Reservation, unreserve
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
# Longer than a worker may take, and over before a queue delivers a killed worker's message again.
LEASE = timedelta(seconds=315)
GIVEN_UP = "given-up"


class Leased(Exception):
    """Another worker asks for the explanation; whoever comes second comes again."""


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


async def claim(connection: AsyncConnection, explanation_id: UUID) -> datetime | None:
    """Lease a pending explanation, and give back what was reserved for whoever comes first.

    It stays pending for as long as the lease, so that words asked for in time are kept. Returns
    until when nobody else may claim it; None where nothing is pending.

    Raises
    ------
    Leased
    """
    columns, waits = EXPLANATIONS.c, _waits(explanation_id)
    is_leased = func.coalesce(columns.leased_until > func.now(), sql_false()).label("is_leased")
    pending = select(columns.user_id, columns.created_at, columns.reserved_tokens, is_leased)
    row = (await connection.execute(pending.where(waits).with_for_update())).first()
    if row is None:
        return None
    if row.is_leased:
        raise Leased
    if row.reserved_tokens is not None:  # by the transaction that created it
        reserved = Reservation(row.user_id, row.reserved_tokens, row.created_at)
        await unreserve(connection, reserved)
    leased = await connection.execute(
        update(EXPLANATIONS)
        .where(waits)
        .values(
            reserved_tokens=None,
            leased_until=func.now() + LEASE,
            pending_until=func.greatest(columns.pending_until, func.now() + LEASE),
        )
        .returning(columns.leased_until)
    )
    leased_until: datetime = leased.scalar_one()
    return leased_until


async def let_go(connection: AsyncConnection, explanation_id: UUID, leased_until: datetime) -> None:
    """Let whoever comes next claim an explanation that nobody has taken over."""
    held = _held(explanation_id, leased_until)
    await connection.execute(update(EXPLANATIONS).where(held).values(leased_until=None))


async def finish(
    connection: AsyncConnection,
    stored: Stored,
    document: Document,
    made: Made,
    leased_until: datetime,
) -> None:
    """Say what a pending explanation says for good; one that another has claimed stays as it is.

    Raises
    ------
    PersonErased
    """
    await connection.execute(
        update(EXPLANATIONS)
        .where(_held(stored.id, leased_until), _stands())
        .values(
            explanation_text=await _sealed(connection, stored.user_id, stored.id, document),
            pending_until=None,
            leased_until=None,
            **asdict(made),
        )
    )


def _held(explanation_id: UUID, leased_until: datetime) -> ColumnElement[bool]:
    return and_(_waits(explanation_id), EXPLANATIONS.c.leased_until == leased_until)


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
