"""Conversations: begun about a record that the caller may read, listed, and put away."""

from uuid import UUID, uuid5

from sqlalchemy.ext.asyncio import AsyncConnection

from functions.assistant.explanations.queries import get_caller
from functions.assistant.language import Voice, language
from functions.assistant.threads import queries
from functions.assistant.threads.intents import ANSWERED
from functions.assistant.threads.queries import IN_THREAD, Filters, NewThread, Row
from functions.assistant.threads.schemas import (
    MessagePage,
    MessageQuery,
    MessageRead,
    QuestionRead,
    Source,
    ThreadCreate,
    ThreadPage,
    ThreadQuery,
    ThreadRead,
    ThreadSummary,
)
from functions.assistant.threads.subjects import person_of
from shared.caller import Caller
from shared.database.repositories import people
from shared.errors import Forbidden, Gone, NotFound
from shared.examination.idempotency import IdempotencyKeyReused
from shared.http.paging import Paging
from shared.identifiers import uuid7


async def begin(
    connection: AsyncConnection, wanted: ThreadCreate, idempotency_key: str | None
) -> ThreadRead:
    """Begin a conversation about an assessment, or about a history.

    Raises
    ------
    NotFound, Gone, AnalysisUnfinished, NothingMeasured, IdempotencyKeyReused, PersonErased
    """
    person_id, caller = await person_of(connection, wanted), await get_caller(connection)
    voice = wanted.voice or (Voice.PATIENT if caller == person_id else Voice.CLINICIAN)
    told = wanted.model_dump(include={"language", "biomarkers"})
    new = NewThread(
        id=keyed(caller, "thread", idempotency_key),
        person_id=person_id,
        assessment_id=wanted.assessment_id,
        title=wanted.title,
        context={"voice": voice, **told},
    )
    await queries.add_thread(connection, new)
    stored = await queries.get_thread(connection, new.id)
    if stored is None or not _is_same(stored, new):
        raise IdempotencyKeyReused
    return await get_thread(connection, new.id)


def keyed(within: UUID, kind: str, idempotency_key: str | None) -> UUID:
    """Return the id of what a caller sends once under a key; without a key a new one."""
    return uuid5(within, f"{kind}\n{idempotency_key}") if idempotency_key else uuid7()


def _is_same(stored: Row, new: NewThread) -> bool:
    told = (stored["user_id"], stored["assessment_id"], stored["title"], stored["context"])
    return told == (new.person_id, new.assessment_id, new.title, new.context)


async def list_threads(
    connection: AsyncConnection, caller: Caller, wanted: ThreadQuery
) -> ThreadPage:
    """Return one page of conversations, the newest first.

    Raises
    ------
    NotFound, InvalidCursor
    """
    filters = Filters(wanted.subject_id, wanted.assessment_id)
    paging = Paging(caller, filters, wanted.limit, wanted.cursor)
    rows = await queries.get_threads(
        connection, filters, limit=paging.most, before=paging.place(UUID)
    )
    if not rows and wanted.subject_id:
        await people.get_standing(connection, wanted.subject_id)
    page, more = paging.page([_summary(row) for row in rows])
    return ThreadPage(items=page, next_cursor=more)


async def get_thread(connection: AsyncConnection, thread_id: UUID) -> ThreadRead:
    """Return a conversation with what can be asked in it.

    Raises
    ------
    NotFound, Gone
    """
    summary = _summary(await opened(connection, thread_id))
    words = language(summary.language)
    asked = ((intent, words.questions[intent][summary.voice]) for intent in ANSWERED)
    return ThreadRead(
        **summary.model_dump(),
        questions=[QuestionRead(intent=intent, text=text) for intent, text in asked],
        emergency_text=await emergency_text(connection, summary),
    )


async def delete(connection: AsyncConnection, thread_id: UUID) -> None:
    """Put a conversation away.

    Raises
    ------
    NotFound, Gone, Forbidden
    """
    await require_own(connection, await opened(connection, thread_id))
    await queries.delete_thread(connection, thread_id)


async def list_messages(
    connection: AsyncConnection, caller: Caller, thread_id: UUID, wanted: MessageQuery
) -> MessagePage:
    """Return one page of what was said, the first first.

    Raises
    ------
    NotFound, Gone, InvalidCursor
    """
    thread = await opened(connection, thread_id)
    paging = Paging(caller, Filters(thread_id, None), wanted.limit, wanted.cursor)
    rows = await queries.get_messages(
        connection, thread, limit=paging.most, after=paging.place(UUID)
    )
    page, more = paging.page([as_message(row, thread) for row in rows])
    return MessagePage(items=page, next_cursor=more)


async def opened(connection: AsyncConnection, thread_id: UUID) -> Row:
    """Return a conversation within the caller's reach.

    Raises
    ------
    NotFound, Gone
    """
    stored = await queries.get_thread(connection, thread_id)
    if stored is None:
        raise NotFound(
            "There is no such conversation.", resource_type=IN_THREAD, resource_id=thread_id
        )
    if stored["deleted_at"] is not None:
        raise Gone("The conversation was deleted.", resource_type=IN_THREAD, resource_id=thread_id)
    return stored


async def require_own(connection: AsyncConnection, thread: Row) -> None:
    """Refuse to ask in what somebody else began, or to put it away.

    Raises
    ------
    Forbidden
    """
    if await get_caller(connection) != thread["created_by"]:
        raise Forbidden(
            "Somebody else began this conversation. Read it, and begin one of your own.",
            resource_type=IN_THREAD,
            resource_id=thread["id"],
        )


async def emergency_text(connection: AsyncConnection, thread: ThreadSummary) -> str:
    """Return the organization's words for whoever is in danger, or the language's own."""
    told = await queries.get_emergency_text(connection)
    return told or language(thread.language).answers["emergency"][thread.voice]


def as_message(row: Row, thread: Row) -> MessageRead:
    """Return a message as it is read: nothing of an answer that does not stand any more.

    What a model wrote in vain is not for the person.
    """
    if not row["stands"]:
        row = {**row, "content": None, "sources": []}
    source = next((Source.model_validate(told) for told in row["sources"]), None)
    if source and thread["created_by"] == thread["user_id"]:
        source.refused.clear()
    return MessageRead(
        id=row["id"],
        thread_id=row["thread_id"],
        role=row["role"],
        created_by=row["created_by"],
        created_at=row["created_at"],
        text=row["content"],
        source=source,
    )


def _summary(row: Row) -> ThreadSummary:
    return ThreadSummary(
        id=row["id"],
        subject_id=row["user_id"],
        assessment_id=row["assessment_id"],
        created_by=row["created_by"],
        created_at=row["created_at"],
        last_message_at=row["last_message_at"],
        title=row["title"],
        **row["context"],
    )
