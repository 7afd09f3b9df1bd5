from typing import Annotated
from uuid import UUID

from fastapi import APIRouter
from sqlalchemy.ext.asyncio import AsyncConnection

from functions.accounts.consents import service
from functions.accounts.consents.schemas import ConsentCreate, Consents
from shared.errors import NotFound
from shared.http.dependencies import allowed
from shared.http.documents import refusals
from shared.permissions import Permission
from shared.person_conflicts import PersonErased, PersonMerged
from shared.vocabulary import ConsentKind

router = APIRouter(tags=["consents"], prefix="/people/{person_id}/consents")

Reading = Annotated[AsyncConnection, allowed(Permission.MANAGE_CONSENTS, read_only=True)]
Changing = Annotated[AsyncConnection, allowed(Permission.MANAGE_CONSENTS)]


@router.get("", responses=refusals(NotFound))
async def list_consents(connection: Reading, person_id: UUID) -> Consents:
    """Show what a person has agreed to and withdrawn; `me` tells one's own id."""
    return await service.list_consents(connection, person_id)


@router.post("", status_code=201, responses=refusals(NotFound, PersonErased, PersonMerged))
async def give(connection: Changing, person_id: UUID, consent: ConsentCreate) -> Consents:
    """Give a consent, or record one that a person gave on paper."""
    return await service.give(connection, person_id, consent)


@router.post("/{kind}/withdraw", responses=refusals(NotFound, PersonMerged))
async def withdraw(connection: Changing, person_id: UUID, kind: ConsentKind) -> Consents:
    """Withdraw a consent; what rests on it ends with the next statement."""
    return await service.withdraw(connection, person_id, kind)
