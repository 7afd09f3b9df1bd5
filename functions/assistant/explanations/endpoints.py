from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from sqlalchemy.ext.asyncio import AsyncConnection

from functions.assistant.explanations import service
from functions.assistant.explanations.schemas import (
    ExplanationCreate,
    ExplanationList,
    ExplanationRead,
)
from functions.assistant.explanations.service import NothingToRelease, NotReleased
from functions.assistant.histories.service import NothingMeasured
from shared.caller import Caller
from shared.database import transaction
from shared.errors import AnalysisUnfinished, Gone, NotFound
from shared.http.dependencies import CurrentCaller, allowed
from shared.http.documents import refusals
from shared.permissions import Permission
from shared.person_conflicts import PersonErased

router = APIRouter(tags=["explanations"], prefix="/explanations")

Reviewing = Annotated[AsyncConnection, allowed(Permission.REVIEW_ASSESSMENTS)]
Queue = Annotated[AsyncConnection, allowed(Permission.REVIEW_ASSESSMENTS, read_only=True)]


async def asking(caller: CurrentCaller) -> Caller:
    """Refuse whoever may not ask, before what they ask is read."""
    async with transaction.begin(caller, Permission.CHAT, read_only=True):
        return caller


Asking = Annotated[Caller, Depends(asking)]
Limit = Annotated[int, Query(ge=1, le=100)]
Reading = Annotated[AsyncConnection, allowed(Permission.VIEW_ASSESSMENTS, read_only=True)]


@router.post(
    "",
    status_code=201,
    responses=refusals(NotFound, Gone, AnalysisUnfinished, NothingMeasured, PersonErased),
)
async def explain(caller: Asking, wanted: ExplanationCreate) -> ExplanationRead:
    """Explain an assessment, or a person's history, in sentences whose every number code fills in.

    Where the operator has a language model, it chooses among reviewed sentences, or writes its own
    for clinicians; each is checked before it is shown, and a template stands in for what fails.
    """
    return await service.explain(caller, wanted)


@router.get("/waiting")
async def list_waiting(connection: Queue, limit: Limit = 50) -> ExplanationList:
    """List a model's free words that wait for somebody to release them to the person."""
    return await service.list_waiting(connection, limit)


@router.get("/{explanation_id}", responses=refusals(NotFound, Gone, NotReleased))
async def get_explanation(connection: Reading, explanation_id: UUID) -> ExplanationRead:
    """Show an explanation as it was given, with its facts."""
    return await service.get_explanation(connection, explanation_id)


@router.post("/{explanation_id}/release", responses=refusals(NotFound, Gone, NothingToRelease))
async def release(connection: Reviewing, explanation_id: UUID) -> ExplanationRead:
    """Let the person read a model's free words; who released them, and when, is kept."""
    return await service.release(connection, explanation_id)
