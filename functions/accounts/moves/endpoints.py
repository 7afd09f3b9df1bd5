from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from sqlalchemy.ext.asyncio import AsyncConnection

from functions.accounts.moves import service
from functions.accounts.moves.schemas import MoveCreate, MovePage, MoveQuery, MoveRead
from functions.accounts.moves.service import MovedOn, SamePerson
from functions.accounts.step_up import StepUpRequired, recent_second_factor
from shared.errors import AnalysisUnfinished, NotFound
from shared.http.dependencies import allowed
from shared.http.documents import refusals
from shared.permissions import Permission

router = APIRouter(tags=["moves"], prefix="/moves")
confirmed = [Depends(recent_second_factor)]

Reading = Annotated[AsyncConnection, allowed(Permission.MANAGE_PATIENTS, read_only=True)]
Changing = Annotated[AsyncConnection, allowed(Permission.MANAGE_PATIENTS)]


@router.get("")
async def list_moves(connection: Reading, wanted: Annotated[MoveQuery, Query()]) -> MovePage:
    """List moves of assessments that stood under the wrong person, newest first.

    The answer names what can be undone; those that were undone stay in the list.
    """
    return await service.list_moves(connection, wanted)


@router.post(
    "",
    status_code=201,
    dependencies=confirmed,
    responses=refusals(NotFound, SamePerson, AnalysisUnfinished, StepUpRequired),
)
async def move(connection: Changing, wanted: MoveCreate) -> MoveRead:
    """Move an assessment that stands under the wrong person to the right one.

    Its values, pictures, sign-offs and files come along, and so do the other analyses of the same
    recording. Both people's trails say so.
    """
    return await service.move(connection, wanted)


@router.post(
    "/{move_id}/undo",
    dependencies=confirmed,
    responses=refusals(NotFound, MovedOn, AnalysisUnfinished, StepUpRequired),
)
async def undo(connection: Changing, move_id: UUID) -> MoveRead:
    """Undo a move: the assessment goes back, with all that came along."""
    return await service.undo(connection, move_id)
