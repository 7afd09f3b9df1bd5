"""What a route depends on: the caller, and the transaction in the caller's name."""

from collections.abc import AsyncIterator
from typing import Annotated, Any

from fastapi import Depends, Request
from fastapi.security import HTTPBearer
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.caller import Caller
from shared.database import transaction
from shared.http import auth
from shared.http.addresses import client_address
from shared.permissions import Permission
from shared.settings import ServiceSettings, load
from shared.text import printable

MAX_USER_AGENT = 256

# Only for the documentation: it says which routes ask for a token. `auth.verify` reads it.
BEARER = HTTPBearer(auto_error=False, description="A token of the identity provider")


async def caller(request: Request, _token: Annotated[object, Depends(BEARER)]) -> Caller:
    """Say who asks, for the database and the audit trail."""
    token = await auth.verify(request.headers.get("authorization"))
    agent = request.headers.get("user-agent")
    return Caller(
        subject=token.subject,
        organization=token.organization,
        request_id=request.state.request_id,
        session_id=token.session_id,
        ip=client_address(
            request.client.host if request.client else None,
            request.headers,
            load(ServiceSettings).trusted_proxies,
        ),
        user_agent=printable(agent[:MAX_USER_AGENT]) if agent else None,
    )


CurrentCaller = Annotated[Caller, Depends(caller)]


def allowed(permission: Permission, *, read_only: bool = False) -> Any:
    """Open the request's one transaction for a caller who holds `permission`.

    It commits before the answer is sent, so a failing commit is never answered as a success.
    """

    async def connection(caller: CurrentCaller) -> AsyncIterator[AsyncConnection]:
        async with transaction.begin(caller, permission, read_only=read_only) as opened:
            yield opened

    return Depends(connection, scope="function")
