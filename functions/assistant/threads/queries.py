"""Conversations as they are stored: what is said in them under the key of whom they are about."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, Text, func, select, tuple_, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.database.models.base import table_of
from shared.database.models.chat_message import ChatMessage
from shared.database.models.chat_thread import ChatThread
from shared.database.models.organization import Organization
from shared.database.repositories import keys
from shared.database.repositories.audit import audited
from shared.database.repositories.tables import (
    ASSESSMENTS,
    CALLER,
    ORGANIZATION,
    keys_as_array,
)

THREADS, MESSAGES = table_of(ChatThread), table_of(ChatMessage)
ORGANIZATIONS = table_of(Organization)
IN_THREAD, IN_MESSAGE = "chat_threads", "chat_messages"
# What conversations of earlier releases do not say of themselves.
UNSAID: Mapping[str, Any] = {"biomarkers": None}
type Place = tuple[datetime, UUID]
type Row = Mapping[str, Any]


@dataclass(frozen=True)
class Filters:
    """Which conversations are listed."""

    subject_id: UUID | None
    assessment_id: UUID | None


@dataclass(frozen=True)
class NewThread:
    """A conversation before it is stored."""

    id: UUID
    person_id: UUID
    assessment_id: UUID | None
    title: str | None
    context: Mapping[str, Any]


@dataclass(frozen=True)
class NewMessage:
    """A message before it is stored."""

    id: UUID
    person_id: UUID
    thread_id: UUID
    role: str
    content: str
    sources: Sequence[Mapping[str, Any]] = field(default=())
    # The assessments whose facts an answer holds.
    rests_on: Sequence[UUID] = ()
    model_used: str | None = None
    tokens_used: int | None = None


async def add_thread(connection: AsyncConnection, new: NewThread) -> None:
    """Store a conversation; one of the same id stays as it is.

    Raises
    ------
    PersonErased
    """
    texts = (await keys.keys_of(connection, new.person_id)).texts
    row = {"title": new.title, "context": dict(new.context), "assessment_id": new.assessment_id}
    statement = insert(THREADS).values(
        id=new.id,
        organization_id=ORGANIZATION,
        user_id=new.person_id,
        created_by=CALLER,
        **texts.sealed_columns(IN_THREAD, new.id, row),
    )
    await connection.execute(statement.on_conflict_do_nothing(index_elements=["id"]))


async def get_thread(connection: AsyncConnection, thread_id: UUID) -> Row | None:
    """Return a conversation within the caller's reach, a deleted one too."""
    return next(iter(await _read_threads(connection, _threads(THREADS.c.id == thread_id))), None)


async def get_threads(
    connection: AsyncConnection, filters: Filters, *, limit: int, before: Place | None
) -> Sequence[Row]:
    """Return conversations that nobody deleted, the newest first."""
    conditions: list[ColumnElement[bool]] = [THREADS.c.deleted_at.is_(None)]
    if filters.subject_id:
        conditions.append(THREADS.c.user_id == filters.subject_id)
    if filters.assessment_id:
        conditions.append(THREADS.c.assessment_id == filters.assessment_id)
    if not filters.subject_id and not filters.assessment_id:
        conditions.append(THREADS.c.created_by == CALLER)
    place = tuple_(THREADS.c.created_at, THREADS.c.id)
    if before:
        conditions.append(place < tuple_(*before))
    order = (THREADS.c.created_at.desc(), THREADS.c.id.desc())
    rows = _threads(*conditions).order_by(*order).limit(limit)
    listed = await _read_threads(connection, rows)
    return sorted(listed, key=lambda row: (row["created_at"], row["id"]), reverse=True)


async def delete_thread(connection: AsyncConnection, thread_id: UUID) -> None:
    """Hide a conversation; nothing of it is destroyed."""
    await connection.execute(
        update(THREADS)
        .where(
            THREADS.c.organization_id == ORGANIZATION,
            THREADS.c.id == thread_id,
            THREADS.c.deleted_at.is_(None),
        )
        .values(deleted_at=func.now(), updated_at=func.now())
    )


async def add_message(connection: AsyncConnection, new: NewMessage) -> None:
    """Store what was said, and when last; what was stored before stays as it is."""
    texts = (await keys.keys_of(connection, new.person_id)).texts
    row = {"content": new.content, "sources": list(new.sources)}
    statement = insert(MESSAGES).values(
        id=new.id,
        organization_id=ORGANIZATION,
        user_id=new.person_id,
        thread_id=new.thread_id,
        created_by=CALLER,
        # An answer comes after its question, in the same transaction too.
        created_at=func.clock_timestamp(),
        role=new.role,
        rests_on=keys_as_array(new.rests_on),
        model_used=new.model_used,
        tokens_used=new.tokens_used,
        **texts.sealed_columns(IN_MESSAGE, new.id, row),
    )
    await connection.execute(statement.on_conflict_do_nothing(index_elements=["id"]))
    await connection.execute(
        update(THREADS)
        .where(THREADS.c.organization_id == ORGANIZATION, THREADS.c.id == new.thread_id)
        .values(last_message_at=func.clock_timestamp(), updated_at=func.now())
    )


async def get_said(connection: AsyncConnection, *ids: UUID) -> Mapping[UUID, Row]:
    """Return messages by their ids."""
    rows = await _read(connection, MESSAGES, _messages(MESSAGES.c.id.in_(ids)))
    return {row["id"]: row for row in rows}


async def get_messages(
    connection: AsyncConnection, thread: Row, *, limit: int, after: Place | None
) -> Sequence[Row]:
    """Return what was said in a conversation, the first first."""
    conditions: list[ColumnElement[bool]] = [
        MESSAGES.c.user_id == thread["user_id"],
        MESSAGES.c.thread_id == thread["id"],
    ]
    if after:
        conditions.append(tuple_(MESSAGES.c.created_at, MESSAGES.c.id) > tuple_(*after))
    order = (MESSAGES.c.created_at, MESSAGES.c.id)
    rows = _messages(*conditions).order_by(*order).limit(limit)
    listed = await _read(connection, MESSAGES, rows)
    return sorted(listed, key=lambda row: (row["created_at"], row["id"]))


async def get_emergency_text(connection: AsyncConnection) -> str | None:
    """Return what the organization tells whoever is in danger, in its own words."""
    told = ORGANIZATIONS.c.settings.op("->>")("emergency_text").cast(Text)
    rows = await connection.execute(select(told).where(ORGANIZATIONS.c.id == ORGANIZATION))
    words: str | None = rows.scalar_one_or_none()
    return words


def _threads(*conditions: ColumnElement[bool]) -> Select[Any]:
    names = ("created_by", "assessment_id", "title", "context", "last_message_at", "deleted_at")
    return _columns(THREADS, names).where(*conditions)


def _messages(*conditions: ColumnElement[bool]) -> Select[Any]:
    names = ("thread_id", "created_by", "role", "content", "sources")
    return _columns(MESSAGES, names).add_columns(_stands().label("stands")).where(*conditions)


def _stands() -> ColumnElement[bool]:
    """Whether all that an answer rests on is the person's still, and not deleted."""
    standing = (
        select(func.count())
        .where(
            ASSESSMENTS.c.organization_id == MESSAGES.c.organization_id,
            ASSESSMENTS.c.user_id == MESSAGES.c.user_id,
            ASSESSMENTS.c.id == func.any(MESSAGES.c.rests_on),
            ASSESSMENTS.c.deleted_at.is_(None),
        )
        .correlate(MESSAGES)
        .scalar_subquery()
    )
    return standing == func.cardinality(MESSAGES.c.rests_on)


def _columns(table: Any, names: Sequence[str]) -> Select[Any]:
    listed = ("id", "organization_id", "user_id", "created_at", *names)
    return select(*(table.c[name] for name in listed), keys.wrapped_key(table)).where(
        table.c.organization_id == ORGANIZATION
    )


async def _read_threads(connection: AsyncConnection, rows: Select[Any]) -> Sequence[Row]:
    threads = await _read(connection, THREADS, rows)
    return [{**thread, "context": {**UNSAID, **thread["context"]}} for thread in threads]


async def _read(connection: AsyncConnection, table: Any, rows: Select[Any]) -> Sequence[Row]:
    """Read rows in plain; that they were read is audited."""
    listed = (await connection.execute(audited(rows, table.name))).mappings().all()
    reader = await keys.reader(connection, listed)
    return [reader.texts(row).opened_columns(table.name, row["id"], row) for row in listed]
