from typing import Annotated
from uuid import UUID

from fastapi import APIRouter
from sqlalchemy.ext.asyncio import AsyncConnection

from functions.accounts.lifecycle import service
from functions.accounts.lifecycle.schemas import (
    ErasureCreate,
    ErasureRead,
    HoldCreate,
    HoldList,
)
from functions.accounts.lifecycle.service import Held, Retained
from shared.errors import NotFound
from shared.http.dependencies import allowed
from shared.http.documents import refusals
from shared.permissions import Permission

router = APIRouter(tags=["lifecycle"], prefix="/people/{person_id}")

Reading = Annotated[AsyncConnection, allowed(Permission.MANAGE_ORGANIZATION, read_only=True)]
Changing = Annotated[AsyncConnection, allowed(Permission.MANAGE_ORGANIZATION)]


@router.get("/holds", responses=refusals(NotFound))
async def list_holds(connection: Reading, person_id: UUID) -> HoldList:
    """Show the legal holds on a person, in force and over."""
    return await service.list_holds(connection, person_id)


@router.post("/holds", status_code=201, responses=refusals(NotFound))
async def place(connection: Changing, person_id: UUID, hold: HoldCreate) -> HoldList:
    """Keep whatever is stored of a person, whatever the clocks of the records say."""
    return await service.place(connection, person_id, hold)


@router.post("/holds/{hold_id}/release", responses=refusals(NotFound))
async def release(connection: Changing, person_id: UUID, hold_id: UUID) -> HoldList:
    """End a legal hold, as of now."""
    return await service.release(connection, person_id, hold_id)


@router.post("/erasure", responses=refusals(NotFound, Retained, Held))
async def erase(connection: Changing, person_id: UUID, wanted: ErasureCreate) -> ErasureRead:
    """Erase a person for good: their key, all that tells who they are, what was measured of them.

    Refused with the date while the record has to be kept, and while a legal hold stands. What
    stays is a row without a name, what belonged to it as empty rows, and the audit trail.
    """
    return await service.erase(connection, person_id, when_due=wanted.when_due)
