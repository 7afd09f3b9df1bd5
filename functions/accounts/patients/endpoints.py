from typing import Annotated
from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import Response
from sqlalchemy.ext.asyncio import AsyncConnection

from functions.accounts.identifiers.queries import IdentifierTaken
from functions.accounts.patients import service
from functions.accounts.patients.schemas import (
    PatientChange,
    PatientCreate,
    PatientPage,
    PatientRead,
    PatientSearch,
)
from functions.accounts.patients.service import LikelyDuplicate, TooManyPeople
from shared.errors import NotFound
from shared.http.dependencies import allowed
from shared.http.documents import refusals
from shared.http.preconditions import (
    IfMatch,
    PreconditionFailed,
    PreconditionRequired,
    entity_tag,
)
from shared.permissions import Permission
from shared.settings import public_path

router = APIRouter(tags=["patients"], prefix="/patients")

Reading = Annotated[AsyncConnection, allowed(Permission.VIEW_PATIENTS, read_only=True)]
Changing = Annotated[AsyncConnection, allowed(Permission.MANAGE_PATIENTS)]


@router.post("", status_code=201, responses=refusals(LikelyDuplicate, IdentifierTaken))
async def create(connection: Changing, response: Response, patient: PatientCreate) -> PatientRead:
    """Add a person whom the organization examines; a login is not needed.

    Where somebody with the same birth date has a similar name, the answer says who; to add another
    person all the same, send their ids as `not_duplicate_of`.
    """
    added = await service.create(connection, patient)
    response.headers["Location"] = public_path(f"/api/accounts/patients/{added.id}")
    return _tagged(response, added)


@router.post("/search", responses=refusals(TooManyPeople))
async def search(connection: Reading, wanted: PatientSearch) -> PatientPage:
    """Find patients by an identifier, by last name and birth date, or by beginnings of names."""
    return await service.search(connection, wanted)


@router.get("/{person_id}", responses=refusals(NotFound))
async def get(connection: Reading, response: Response, person_id: UUID) -> PatientRead:
    """Show one patient."""
    return _tagged(response, await service.get(connection, person_id))


@router.patch(
    "/{person_id}",
    responses=refusals(NotFound, IdentifierTaken, PreconditionFailed, PreconditionRequired),
)
async def change(
    connection: Changing,
    response: Response,
    person_id: UUID,
    change: PatientChange,
    precondition: IfMatch,
) -> PatientRead:
    """Change what is known of a patient, or deactivate them (`is_active`).

    `If-Match` names the state that was seen. A deactivated patient is found only with
    `include_inactive`; the records stay.
    """
    return _tagged(response, await service.change(connection, person_id, change, precondition))


def _tagged(response: Response, patient: PatientRead) -> PatientRead:
    response.headers["ETag"] = entity_tag(patient.revision)
    return patient
