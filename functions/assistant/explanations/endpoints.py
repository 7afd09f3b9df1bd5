from typing import Annotated
from uuid import UUID

from fastapi import APIRouter
from sqlalchemy.ext.asyncio import AsyncConnection

from functions.assistant.explanations import service
from functions.assistant.explanations.schemas import ExplanationCreate, ExplanationRead
from functions.assistant.explanations.service import NothingToExplain
from shared.database.repositories.keys import PersonErased
from shared.errors import Gone, NotFound
from shared.http.dependencies import allowed
from shared.http.documents import refusals
from shared.permissions import Permission

router = APIRouter(tags=["explanations"], prefix="/explanations")

Asking = Annotated[AsyncConnection, allowed(Permission.CHAT)]
Reading = Annotated[AsyncConnection, allowed(Permission.VIEW_ASSESSMENTS, read_only=True)]


@router.post(
    "", status_code=201, responses=refusals(NotFound, Gone, NothingToExplain, PersonErased)
)
async def explain(connection: Asking, wanted: ExplanationCreate) -> ExplanationRead:
    """Explain an assessment in sentences of a reviewed catalog; code fills in every number."""
    return await service.explain(connection, wanted)


@router.get("/{explanation_id}", responses=refusals(NotFound, Gone))
async def get_explanation(connection: Reading, explanation_id: UUID) -> ExplanationRead:
    """Show an explanation as it was given, with its facts."""
    return await service.get_explanation(connection, explanation_id)
