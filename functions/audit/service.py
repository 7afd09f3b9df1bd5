"""Reading the trail, a person's own part of it, and the questions that it raises."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from functions.audit import queries, words
from functions.audit.queries import Filters
from functions.audit.schemas import (
    AccessLog,
    EventPage,
    EventQuery,
    EventRead,
    LogQuery,
    QuestionCreate,
    QuestionRead,
    Questions,
)
from shared.caller import Caller
from shared.database.repositories import trail
from shared.database.repositories.access_log import get_access_log, get_log_names
from shared.errors import Conflict, NotFound
from shared.http.paging import Paging


async def list_events(connection: AsyncConnection, caller: Caller, wanted: EventQuery) -> EventPage:
    """Return one page of the organization's trail, the newest first.

    Raises
    ------
    InvalidCursor
    """
    filters = Filters(**wanted.model_dump(exclude={"limit", "cursor", "format"}))
    paging = Paging(caller, filters, wanted.limit, wanted.cursor)
    page, more = paging.page(
        await trail.get_events(
            connection, asdict(filters), most=paging.most, before=paging.place(str)
        )
    )
    return EventPage(items=[EventRead.model_validate(vars(row)) for row in page], next_cursor=more)


async def show_access_log(
    connection: AsyncConnection, caller: Caller, wanted: LogQuery
) -> AccessLog:
    """Return what touched a person's record, in words.

    Raises
    ------
    NotFound
        Nobody within the caller's reach is that person.
    InvalidCursor
    """
    person_id = await _person(connection, wanted.subject_id)
    filters = Filters(subject_id=person_id)
    paging = Paging(caller, filters, wanted.limit, wanted.cursor)
    page, more = paging.page(
        await get_access_log(connection, person_id, most=paging.most, before=paging.place(str))
    )
    names = await get_log_names(connection, person_id, page)
    return AccessLog(
        subject_id=person_id,
        items=[words.entry(row, person_id, names) for row in page],
        next_cursor=more,
    )


async def ask(connection: AsyncConnection, question: QuestionCreate) -> QuestionRead:
    """Put a question about an entry of a person's log to the organization.

    Raises
    ------
    NotFound
    """
    person_id = await _person(connection, question.subject_id)
    known = await get_access_log(connection, person_id, most=1, event_id=question.event_id)
    if not known:
        raise NotFound("The log has no such entry.", resource_type="audit_events")
    key = await queries.ask(connection, person_id, question.event_id, question.question)
    return await _question(connection, key)


async def list_questions(connection: AsyncConnection, *, is_open: bool | None) -> Questions:
    rows = await queries.get_questions(connection, is_open=is_open)
    return Questions(items=[_read(row) for row in rows])


async def answer(connection: AsyncConnection, question_id: UUID, text: str) -> QuestionRead:
    """Answer a question, once.

    Raises
    ------
    NotFound, Conflict
    """
    if not await queries.answer(connection, question_id, text):
        await _question(connection, question_id)
        raise Conflict("The question has its answer already.")
    return await _question(connection, question_id)


async def _question(connection: AsyncConnection, question_id: UUID) -> QuestionRead:
    rows = await queries.get_questions(connection, question_id=question_id)
    if not rows:
        raise NotFound(
            "There is no such question.", resource_type="audit_questions", resource_id=question_id
        )
    return _read(rows[0])


def _read(row: Mapping[str, Any]) -> QuestionRead:
    told = {name: row[name] for name in QuestionRead.model_fields if name != "subject_id"}
    return QuestionRead(subject_id=row["user_id"], **told)


async def _person(connection: AsyncConnection, person_id: UUID | None) -> UUID:
    """Return whose log is asked for: by default the caller's own."""
    whose = await queries.get_log_person(connection, person_id)
    if whose is None:
        raise NotFound("There is no such person.", resource_type="users", resource_id=person_id)
    return whose
