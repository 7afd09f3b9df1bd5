from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends
from sqlalchemy.ext.asyncio import AsyncConnection

from functions.accounts.invitations import queries
from functions.accounts.invitations.schemas import (
    InvitationCreate,
    InvitationList,
    InvitationRead,
)
from functions.accounts.step_up import StepUpRequired, recent_second_factor
from shared.errors import NotFound
from shared.http.dependencies import allowed
from shared.http.documents import refusals
from shared.permissions import Permission
from shared.person_conflicts import PersonErased

router = APIRouter(tags=["members"], prefix="/invitations")

Reading = Annotated[AsyncConnection, allowed(Permission.MANAGE_USERS, read_only=True)]
Inviting = Annotated[AsyncConnection, allowed(Permission.MANAGE_ROLES)]

ADDRESSEE = {"email", "identity_subject", "person_id"}


@router.get("")
async def list_invitations(connection: Reading) -> InvitationList:
    """List the newest invitations, accepted or not."""
    return InvitationList(items=list(map(_read, await queries.get_invitations(connection))))


@router.post(
    "",
    status_code=201,
    dependencies=[Depends(recent_second_factor)],
    responses=refusals(NotFound, PersonErased, StepUpRequired),
)
async def invite(connection: Inviting, invitation: InvitationCreate) -> InvitationRead:
    """Invite somebody as what they will be; MediLens sends no mail.

    Whoever signs in with the subject accepts with their first request, whoever has the e-mail in
    their token, verified, with `POST /api/accounts/join`.
    """
    key = await queries.invite(
        connection,
        invitation.model_dump(include=ADDRESSEE),
        invitation.role,
        datetime.now(UTC) + timedelta(days=invitation.days),
    )
    added = await queries.get_invitation(connection, key)
    assert added is not None
    return _read(added)


@router.delete("/{invitation_id}", status_code=204, responses=refusals(NotFound))
async def withdraw(connection: Inviting, invitation_id: UUID) -> None:
    """Withdraw an invitation that nobody has accepted."""
    if not await queries.withdraw(connection, invitation_id):
        raise NotFound(
            "There is no such open invitation.",
            resource_type="invitations",
            resource_id=invitation_id,
        )


def _read(row: Mapping[str, Any]) -> InvitationRead:
    return InvitationRead.model_validate(dict(row))
