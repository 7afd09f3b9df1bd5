from typing import Annotated

from fastapi import APIRouter
from sqlalchemy.ext.asyncio import AsyncConnection

from functions.accounts.me import queries
from functions.accounts.me.schemas import MeRead, ProfileChange
from shared.http.dependencies import allowed
from shared.permissions import Permission

router = APIRouter(tags=["me"])

Reading = Annotated[AsyncConnection, allowed(Permission.VIEW_PROFILE, read_only=True)]
Changing = Annotated[AsyncConnection, allowed(Permission.MANAGE_PROFILE)]


@router.get("/me")
async def get_me(connection: Reading) -> MeRead:
    """Show who asks, in which organization, and what their roles allow."""
    return MeRead.model_validate(await queries.get_myself(connection))


@router.patch("/me")
async def change_me(connection: Changing, change: ProfileChange) -> MeRead:
    """Change one's own profile; names and dates are the organization's to change."""
    if changes := change.model_dump(exclude_unset=True):
        await queries.change_profile(connection, changes)
    return MeRead.model_validate(await queries.get_myself(connection))
