"""Assessments that are asked to be sent to the organization's own FHIR server.

Nothing of a person is kept for later: the row says which assessment, and the sender reads it anew.
"""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from functions.fhir.bulk.queries import is_researcher
from functions.fhir.bulk.service import CohortsOnly
from functions.fhir.examinations import queries as examinations
from functions.fhir.people.queries import get_issuer
from functions.fhir.push import queries
from functions.fhir.push.schemas import PushList, PushQuery, PushRead
from functions.fhir.push.sending import send_at_once
from shared.caller import Caller, Resource
from shared.database import transaction
from shared.errors import Conflict, NotFound
from shared.permissions import Permission


class NoFhirServer(Conflict):
    """The organization has named no FHIR server."""

    code = "no-fhir-server"

    def __init__(self) -> None:
        super().__init__(
            "The organization has no FHIR server. An admin sets it with"
            " PUT /api/accounts/organization/fhir-server."
        )


async def push(caller: Caller, assessment_id: UUID, base: str) -> PushRead:
    """Have an assessment sent, a deleted one as withdrawn; try once, and say how it stands.

    Raises
    ------
    NotFound, CohortsOnly, NoFhirServer
    """
    about = Resource("assessments", assessment_id)
    async with transaction.begin(caller, Permission.EXPORT_DATA, about=about) as connection:
        if await examinations.get_examination(connection, assessment_id) is None:
            raise NotFound(
                "There is no such assessment.",
                resource_type="assessments",
                resource_id=assessment_id,
            )
        if await is_researcher(connection):
            raise CohortsOnly
        if not (await get_issuer(connection)).settings.get("fhir_server"):
            raise NoFhirServer
        key = await queries.add_push(connection, assessment_id, base, caller.key_id)
    await send_at_once(key)
    async with transaction.begin(caller, Permission.EXPORT_DATA, read_only=True) as connection:
        return await get_push(connection, key)


async def get_push(connection: AsyncConnection, push_id: UUID) -> PushRead:
    row = await queries.get_push(connection, push_id)
    if row is None:
        raise NotFound("There is no such push.", resource_type="fhir_pushes", resource_id=push_id)
    return PushRead.model_validate(dict(row))


async def list_pushes(connection: AsyncConnection, wanted: PushQuery) -> PushList:
    rows = await queries.get_pushes(connection, wanted)
    return PushList(items=[PushRead.model_validate(dict(row)) for row in rows])
