from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response
from sqlalchemy.ext.asyncio import AsyncConnection

from functions.accounts.break_glass import queries
from functions.accounts.break_glass.queries import Grant, GrantOpen, NotNeeded, ReviewsMissing
from functions.accounts.break_glass.schemas import (
    BreakGlassOpen,
    GrantList,
    GrantRead,
    ReviewCreate,
    ReviewQuery,
)
from functions.accounts.step_up import StepUpRequired, require_second_factor
from shared import notices
from shared.errors import Conflict, Forbidden, NotFound
from shared.http.dependencies import CurrentCaller, allowed
from shared.http.documents import refusals
from shared.permissions import Permission

router = APIRouter(tags=["break-glass"], prefix="/break-glass")

Reading = Annotated[AsyncConnection, allowed(Permission.BREAK_GLASS, read_only=True)]
Opening = Annotated[AsyncConnection, allowed(Permission.BREAK_GLASS)]
Auditing = Annotated[AsyncConnection, allowed(Permission.REVIEW_BREAK_GLASS, read_only=True)]
Reviewing = Annotated[AsyncConnection, allowed(Permission.REVIEW_BREAK_GLASS)]

# Whatever a deployment asks of other acts.
SECOND_FACTOR_MINUTES = 5


class AlreadyReviewed(Conflict):
    """An emergency is reviewed once, and by somebody else than whoever opened it."""

    code = "not-to-be-reviewed"


@router.post(
    "",
    status_code=201,
    responses=refusals(NotFound, NotNeeded, GrantOpen, ReviewsMissing, StepUpRequired),
)
async def open_grant(
    connection: Opening,
    request: Request,
    response: Response,
    caller: CurrentCaller,
    wanted: BreakGlassOpen,
) -> GrantRead:
    """Reach one person outside the care team, to see and to examine them, for an hour at most.

    It asks for a second factor of the last five minutes, is told to the organization's webhooks at
    once, stands in the person's own log, and is reviewed by somebody else within three days. While
    it is open every answer that may rest on it says so (`Medilens-Break-Glass`).
    """
    require_second_factor(request, within_minutes=SECOND_FACTOR_MINUTES)
    if caller.actor is not None:
        raise Forbidden("Whoever acts for somebody else cannot open an emergency in their name.")
    key = await queries.add_grant(connection, wanted.person_id, wanted.reason, wanted.minutes)
    grant = await _get(connection, key)
    told = f"grant={grant.id}; until={grant.expires_at:%Y-%m-%dT%H:%M:%SZ}"
    response.headers[notices.BREAK_GLASS_HEADER] = told
    return grant


@router.get("")
async def list_own(connection: Reading) -> GrantList:
    """List the caller's own emergencies, the latest first."""
    return GrantList(items=[_read(row) for row in await queries.get_own(connection)])


@router.get("/reviews")
async def list_reviews(connection: Auditing, wanted: Annotated[ReviewQuery, Query()]) -> GrantList:
    """List the emergencies that are to be reviewed, within three days, or those that were."""
    rows = await queries.get_reviews(connection, wanted.state)
    return GrantList(items=[_read(row) for row in rows])


@router.post("/{grant_id}/end", responses=refusals(NotFound))
async def end(connection: Opening, grant_id: UUID) -> GrantRead:
    """End an emergency early; the person is out of reach with the next request."""
    await queries.end(connection, grant_id)
    return await _get(connection, grant_id)


@router.post("/{grant_id}/review", responses=refusals(NotFound, AlreadyReviewed))
async def review(connection: Reviewing, grant_id: UUID, told: ReviewCreate) -> GrantRead:
    """Say of another's emergency whether it was justified; one that is open still ends with it."""
    await _get(connection, grant_id)
    if not await queries.review(
        connection, grant_id, is_justified=told.is_justified, note=told.note
    ):
        raise AlreadyReviewed(
            "The emergency was reviewed already, or is your own: somebody else reviews it, once."
        )
    return await _get(connection, grant_id)


async def _get(connection: AsyncConnection, grant_id: UUID) -> GrantRead:
    row = await queries.get_grant(connection, grant_id)
    if row is None:
        raise NotFound(
            "There is no such emergency.", resource_type=queries.TABLE, resource_id=grant_id
        )
    return _read(row)


def _read(row: Grant) -> GrantRead:
    told = dict(row)
    person_id = told.pop("user_id")
    return GrantRead(**told, person_id=person_id)
