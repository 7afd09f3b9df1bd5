from dataclasses import asdict

from fastapi import APIRouter, Request

from functions.accounts import newcomers
from functions.accounts.me import queries
from functions.accounts.me.schemas import MeRead
from shared.database import transaction
from shared.http.dependencies import CurrentCaller
from shared.identifiers import uuid7
from shared.permissions import Permission

router = APIRouter(tags=["me"])


@router.post("/join")
async def join(request: Request, caller: CurrentCaller) -> MeRead:
    """Accept the organization's invitation to the verified e-mail, or the subject, of the token.

    Where there is none, nothing changes, and the caller is told who they are already.
    """
    token = getattr(request.state, "token", None)
    email = token.verified_email if token else None
    person_id = uuid7()
    told = await newcomers.newcomer(asdict(caller) | {"email": email}, person_id)
    await transaction.announce("provision", "provision", **told, person_id=person_id)
    async with transaction.begin(caller, Permission.VIEW_PROFILE, read_only=True) as connection:
        return MeRead.model_validate(await queries.get_myself(connection))
