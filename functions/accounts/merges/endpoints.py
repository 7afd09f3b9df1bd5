from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from sqlalchemy.ext.asyncio import AsyncConnection

from functions.accounts.merges import service
from functions.accounts.merges.schemas import MergeCreate, MergePage, MergeRead
from functions.accounts.merges.service import Joined
from functions.accounts.moves.schemas import ChangeQuery
from functions.accounts.moves.service import MovedOn, SamePerson
from functions.accounts.step_up import StepUpRequired, recent_second_factor
from shared.errors import AnalysisUnfinished, NotFound
from shared.http.dependencies import allowed
from shared.http.documents import refusals
from shared.permissions import Permission

router = APIRouter(tags=["moves"], prefix="/merges")
confirmed = [Depends(recent_second_factor)]

Reading = Annotated[AsyncConnection, allowed(Permission.MANAGE_PATIENTS, read_only=True)]
Changing = Annotated[AsyncConnection, allowed(Permission.MANAGE_PATIENTS)]


@router.get("")
async def list_merges(connection: Reading, wanted: Annotated[ChangeQuery, Query()]) -> MergePage:
    """List merges of people who were registered twice, newest first.

    The answer names what can be undone; those that were undone stay in the list.
    """
    return await service.list_merges(connection, wanted)


@router.post(
    "",
    status_code=201,
    dependencies=confirmed,
    responses=refusals(NotFound, SamePerson, Joined, AnalysisUnfinished, StepUpRequired),
)
async def merge(connection: Changing, wanted: MergeCreate) -> MergeRead:
    """Merge a person who was registered twice into the other record.

    All assessments move; whoever asks for the duplicate is answered with the other person, and
    nothing new is analyzed for it. Both people's trails say so.
    """
    return await service.merge(connection, wanted)


@router.post(
    "/{merge_id}/undo",
    dependencies=confirmed,
    responses=refusals(NotFound, MovedOn, AnalysisUnfinished, StepUpRequired),
)
async def undo(connection: Changing, merge_id: UUID) -> MergeRead:
    """Undo a merge: what it moved goes back, and the person stands for themselves again."""
    return await service.undo(connection, merge_id)
