from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Depends
from sqlalchemy.ext.asyncio import AsyncConnection

from functions.accounts.organization import queries
from functions.accounts.organization.schemas import (
    FhirServer,
    FhirServerChange,
    OrganizationChange,
    OrganizationRead,
)
from functions.accounts.outgoing_webhooks.queries import add_secret
from functions.accounts.step_up import StepUpRequired, recent_second_factor
from shared.http.dependencies import allowed
from shared.http.documents import refusals
from shared.permissions import Permission

router = APIRouter(tags=["organization"], prefix="/organization")

Reading = Annotated[AsyncConnection, allowed(Permission.MANAGE_ORGANIZATION, read_only=True)]
Changing = Annotated[AsyncConnection, allowed(Permission.MANAGE_ORGANIZATION)]


@router.get("")
async def get(connection: Reading) -> OrganizationRead:
    """Show the caller's organization and its settings."""
    return await _shown(connection)


@router.patch("")
async def change(connection: Changing, change: OrganizationChange) -> OrganizationRead:
    """Change settings, which hold from the next request on.

    Organizations themselves are made by whoever runs the deployment, or announced by the identity
    provider, never by a caller.
    """
    if changes := change.model_dump(mode="json", exclude_unset=True):
        await queries.change_settings(connection, changes)
    return await _shown(connection)


@router.put(
    "/fhir-server",
    dependencies=[Depends(recent_second_factor)],
    responses=refusals(StepUpRequired),
)
async def set_fhir_server(connection: Changing, wanted: FhirServerChange) -> OrganizationRead:
    """Say where the organization's FHIR server is, and what MediLens signs in with there.

    The secret is never shown again, and replaced whenever the address is.
    """
    secret = wanted.secret.get_secret_value() if wanted.secret else ""
    await add_secret(connection, None, secret)
    told = {"url": wanted.url, "has_secret": bool(secret), "changed_at": datetime.now(UTC)}
    server = FhirServer.model_validate(told).model_dump(mode="json")
    await queries.change_settings(connection, {"fhir_server": server})
    return await _shown(connection)


@router.delete("/fhir-server")
async def forget_fhir_server(connection: Changing) -> OrganizationRead:
    """Have no FHIR server any more."""
    await add_secret(connection, None, "")
    await queries.change_settings(connection, {"fhir_server": None})
    return await _shown(connection)


async def _shown(connection: AsyncConnection) -> OrganizationRead:
    return OrganizationRead.model_validate(dict(await queries.get_organization(connection)))
