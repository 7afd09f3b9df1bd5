from typing import Annotated

from fastapi import APIRouter
from sqlalchemy.ext.asyncio import AsyncConnection

from functions.accounts.organization import queries
from functions.accounts.organization.schemas import OrganizationChange, OrganizationRead
from shared.http.dependencies import allowed
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


async def _shown(connection: AsyncConnection) -> OrganizationRead:
    return OrganizationRead.model_validate(dict(await queries.get_organization(connection)))
