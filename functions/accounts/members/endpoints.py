from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from sqlalchemy.ext.asyncio import AsyncConnection

from functions.accounts.members import service
from functions.accounts.members.schemas import (
    MemberPage,
    MemberQuery,
    MemberRead,
    Reason,
    RoleGrant,
)
from functions.accounts.members.service import LastAdmin
from functions.accounts.step_up import StepUpRequired, recent_second_factor
from shared.errors import NotFound
from shared.http.dependencies import allowed
from shared.http.documents import refusals
from shared.permissions import Permission, RoleName

router = APIRouter(tags=["members"], prefix="/members")

Reading = Annotated[AsyncConnection, allowed(Permission.MANAGE_USERS, read_only=True)]
Changing = Annotated[AsyncConnection, allowed(Permission.MANAGE_USERS)]
Granting = Annotated[AsyncConnection, allowed(Permission.MANAGE_ROLES)]


@router.get("")
async def list_members(connection: Reading, wanted: Annotated[MemberQuery, Query()]) -> MemberPage:
    """List whoever can sign in, with the roles that they hold."""
    return await service.list_members(connection, wanted)


@router.get("/{person_id}", responses=refusals(NotFound))
async def get(connection: Reading, person_id: UUID) -> MemberRead:
    """Show one member."""
    return await service.get(connection, person_id)


@router.post(
    "/{person_id}/roles",
    status_code=201,
    dependencies=[Depends(recent_second_factor)],
    responses=refusals(NotFound, StepUpRequired),
)
async def grant(connection: Granting, person_id: UUID, grant: RoleGrant) -> MemberRead:
    """Give a member a role; it counts with their next request."""
    return await service.grant(connection, person_id, grant.role, grant.reason)


@router.post("/{person_id}/roles/{role}/revoke", responses=refusals(NotFound, LastAdmin))
async def revoke(connection: Granting, person_id: UUID, role: RoleName, told: Reason) -> MemberRead:
    """Take a role from a member; it is gone with their next request."""
    return await service.revoke(connection, person_id, role, told.reason)


@router.post("/{person_id}/deactivate", responses=refusals(NotFound, LastAdmin))
async def deactivate(connection: Changing, person_id: UUID) -> MemberRead:
    """Refuse a member from the next request on; their roles and records stay."""
    return await service.deactivate(connection, person_id)


@router.post("/{person_id}/reactivate", responses=refusals(NotFound))
async def reactivate(connection: Changing, person_id: UUID) -> MemberRead:
    """Let a deactivated member in again."""
    return await service.reactivate(connection, person_id)
