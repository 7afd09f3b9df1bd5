from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends
from sqlalchemy import RowMapping
from sqlalchemy.ext.asyncio import AsyncConnection

from functions.accounts.keys import queries
from functions.accounts.keys.schemas import KeyCreate, KeyCreated, KeyList, KeyRead
from functions.accounts.step_up import StepUpRequired, recent_second_factor
from shared.errors import Forbidden, NotFound
from shared.http import service_keys
from shared.http.dependencies import CurrentCaller, allowed
from shared.http.documents import refusals
from shared.permissions import Permission

router = APIRouter(tags=["keys"], prefix="/keys")

Reading = Annotated[AsyncConnection, allowed(Permission.MANAGE_KEYS, read_only=True)]
Changing = Annotated[AsyncConnection, allowed(Permission.MANAGE_KEYS)]


class ScopeNotHeld(Forbidden):
    """The key would have a scope that its maker does not hold."""

    code = "scope-not-held"


@router.get("")
async def list_keys(connection: Reading) -> KeyList:
    """List the newest keys of the organization."""
    return KeyList(items=[_read(row) for row in await queries.get_keys(connection)])


@router.post(
    "",
    status_code=201,
    dependencies=[Depends(recent_second_factor)],
    responses=refusals(ScopeNotHeld, StepUpRequired),
)
async def create(connection: Changing, caller: CurrentCaller, wanted: KeyCreate) -> KeyCreated:
    """Make a key, which acts as its maker within its scopes; it is shown this once.

    A key makes no other key: that one could do more than it, or be used from anywhere.
    """
    if caller.scopes is not None:
        raise ScopeNotHeld("A service key makes no other key. Sign in for that.")
    missing = set(wanted.scopes) - await queries.get_permissions(connection)
    if missing:
        raise ScopeNotHeld(f"None of your roles allows {', '.join(sorted(missing))}.")
    key = service_keys.made()
    key_id = await queries.add_key(connection, wanted.model_dump(), service_keys.hashed(key))
    added = await queries.get_key(connection, key_id)
    assert added is not None
    return KeyCreated(**dict(added), key=key)


@router.post("/{key_id}/revoke", responses=refusals(NotFound))
async def revoke(connection: Changing, key_id: UUID) -> KeyRead:
    """End a key at once: the next request with it is refused."""
    await queries.revoke(connection, key_id)
    row = await queries.get_key(connection, key_id)
    if row is None:
        raise NotFound("There is no such key.", resource_type="service_keys", resource_id=key_id)
    return _read(row)


def _read(row: RowMapping) -> KeyRead:
    return KeyRead.model_validate(dict(row))
