from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query
from fastapi.responses import Response
from sqlalchemy.ext.asyncio import AsyncConnection

from functions.audit import queries, service, tables, verification
from functions.audit.schemas import (
    AccessLog,
    AnswerCreate,
    EventPage,
    EventQuery,
    Format,
    LogQuery,
    QuestionCreate,
    QuestionRead,
    Questions,
    Verification,
)
from shared.errors import Conflict, NotFound
from shared.http.cursor import InvalidCursor
from shared.http.dependencies import CurrentCaller, allowed
from shared.http.documents import refusals
from shared.permissions import Permission
from shared.settings import public_path

router = APIRouter(tags=["audit"])

Auditing = Annotated[AsyncConnection, allowed(Permission.VIEW_AUDIT, read_only=True)]
Logged = Annotated[AsyncConnection, allowed(Permission.VIEW_ACCESS_LOG, read_only=True)]
Asking = Annotated[AsyncConnection, allowed(Permission.VIEW_ACCESS_LOG)]
Answering = Annotated[AsyncConnection, allowed(Permission.ANSWER_ACCESS_QUESTIONS)]

CSV, NDJSON = "text/csv; charset=utf-8; header=present", "application/x-ndjson"
TEXT = {"schema": {"type": "string"}}
AS_TABLES: dict[int | str, dict[str, Any]] = {
    200: {
        "content": {
            "text/csv": {**TEXT, "example": "id,created_at,seq\r\n"},
            NDJSON: {**TEXT, "example": '{"id": 4711}\n'},
        }
    },
    **refusals(InvalidCursor),
}
AS_LINES: dict[int | str, dict[str, Any]] = {
    200: {"content": {NDJSON: {**TEXT, "example": '{"seq": 1}\n'}}}
}
After = Annotated[int, Query(ge=0, lt=2**63, description="The row after which to go on")]


@router.get("/events", response_model=EventPage, responses=AS_TABLES)
async def list_events(
    connection: Auditing, caller: CurrentCaller, wanted: Annotated[EventQuery, Query()]
) -> EventPage | Response:
    """List who did what to whose record, newest first; that it was read is an event too."""
    page = await service.list_events(connection, caller, wanted)
    if wanted.format is Format.JSON:
        return page
    headers = {}
    if page.next_cursor:
        asked = wanted.model_dump(mode="json", exclude_none=True) | {"cursor": page.next_cursor}
        headers["Link"] = f'<{public_path("/api/audit/events")}?{tables.query(asked)}>; rel="next"'
    if wanted.format is Format.CSV:
        return Response(tables.csv_of(page.items), media_type=CSV, headers=headers)
    lines = (event.model_dump(mode="json") for event in page.items)
    return Response(tables.ndjson_of(lines), media_type=NDJSON, headers=headers)


@router.get("/access-log", responses=refusals(NotFound, InvalidCursor))
async def access_log(
    connection: Logged, caller: CurrentCaller, wanted: Annotated[LogQuery, Query()]
) -> AccessLog:
    """Show, in words, who looked at a person's record, when, in which role and why."""
    return await service.show_access_log(connection, caller, wanted)


@router.get("/questions")
async def list_questions(connection: Logged, *, is_open: bool | None = None) -> Questions:
    """List questions about entries of access logs: one's own, or all of the organization."""
    return await service.list_questions(connection, is_open=is_open)


@router.post("/questions", status_code=201, responses=refusals(NotFound))
async def ask(connection: Asking, question: QuestionCreate) -> QuestionRead:
    """Ask the organization about an entry of an access log."""
    return await service.ask(connection, question)


@router.post("/questions/{question_id}/answer", responses=refusals(NotFound, Conflict))
async def answer(connection: Answering, question_id: UUID, told: AnswerCreate) -> QuestionRead:
    """Answer a question, once; the person who asked sees it."""
    return await service.answer(connection, question_id, told.answer)


@router.get("/verify")
async def verify(connection: Auditing, after: After = 0) -> Verification:
    """Check the organization's trail against its seals and the latest checkpoint.

    A hundred thousand rows at once: while `is_complete` is false, go on after `verified_to`.
    """
    return await verification.verify(connection, after)


@router.get("/export", response_class=Response, responses=AS_LINES)
async def export(
    connection: Auditing,
    after: After = 0,
    limit: Annotated[int, Query(ge=1, le=10_000)] = 10_000,
) -> Response:
    """Give sealed rows as they are hashed, a line of JSON each, for the offline verifier."""
    rows = await queries.export(connection, after=after, most=limit)
    lines = tables.ndjson_of(dict(row) for row in rows)
    return Response(lines, media_type=NDJSON)
