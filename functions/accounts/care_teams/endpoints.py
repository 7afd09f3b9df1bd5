from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter
from sqlalchemy.ext.asyncio import AsyncConnection

from functions.accounts.care_teams import queries
from functions.accounts.care_teams.schemas import AssignmentCreate, AssignmentRead, CareTeam
from shared.database.repositories import people
from shared.errors import InvalidRequest, NotFound
from shared.http.dependencies import allowed
from shared.http.documents import refusals
from shared.permissions import Permission
from shared.person_conflicts import PersonErased, PersonMerged

router = APIRouter(tags=["care teams"], prefix="/patients/{person_id}/care-team")

Reading = Annotated[AsyncConnection, allowed(Permission.MANAGE_CARE_TEAMS, read_only=True)]
Changing = Annotated[AsyncConnection, allowed(Permission.MANAGE_CARE_TEAMS)]


@router.get("", responses=refusals(NotFound))
async def get(connection: Reading, person_id: UUID) -> CareTeam:
    """Show who cares for a person, and who did."""
    return await _team(connection, await people.get_standing(connection, person_id))


@router.post("", status_code=201, responses=refusals(NotFound, PersonErased, PersonMerged))
async def assign(connection: Changing, person_id: UUID, wanted: AssignmentCreate) -> CareTeam:
    """Have a clinician care for a person.

    Where the organization's visibility is `care_team`, a clinician reaches these people alone, with
    their next statement; whoever cares for a person, or an admin, may add another. Care is handed
    on for no longer than one's own lasts.
    """
    await people.require_standing(connection, person_id)
    if wanted.valid_until and wanted.valid_until <= datetime.now(UTC):
        raise InvalidRequest("valid_until: lies in the past")
    await queries.assign(connection, person_id, wanted.clinician_id, wanted.valid_until)
    return await _team(connection, person_id)


@router.post("/{clinician_id}/end", responses=refusals(NotFound, PersonMerged))
async def end(connection: Changing, person_id: UUID, clinician_id: UUID) -> CareTeam:
    """End a clinician's care for a person, as of now."""
    await people.require_standing(connection, person_id)
    await queries.end(connection, person_id, clinician_id)
    return await _team(connection, person_id)


async def _team(connection: AsyncConnection, person_id: UUID) -> CareTeam:
    rows = await queries.get_assignments(connection, person_id)
    items = [AssignmentRead.model_validate(dict(row)) for row in rows]
    return CareTeam(person_id=person_id, items=items)
