"""What a route depends on: the caller, and the transaction in the caller's name."""

from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import replace
from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Request
from fastapi.security import HTTPBearer
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.caller import Caller, Resource
from shared.database import transaction
from shared.errors import Forbidden, MediLensError, Unauthenticated
from shared.http import auth, service_keys
from shared.http.addresses import client_address
from shared.permissions import Permission
from shared.settings import ServiceSettings, load
from shared.text import printable

MAX_USER_AGENT = 256
READING = {"GET", "HEAD"}

# Only for the documentation: it says which routes ask for a token. `auth.verify` reads it.
BEARER = HTTPBearer(auto_error=False, description="A token of the identity provider")


async def caller(request: Request, _token: Annotated[object, Depends(BEARER)]) -> Caller:
    """Say who asks, for the database and the audit trail."""
    authorization = request.headers.get("authorization")
    try:
        if authorization and authorization.lower().startswith(f"bearer {service_keys.PREFIX}"):
            return await _key_holder(request, authorization)
        token = request.state.token = await auth.verify(authorization)
        return _caller(request, token)
    except (Unauthenticated, Forbidden) as refusal:
        if known := await auth.refused(authorization):
            await _audit(request, _caller(request, known), refusal)
        raise


async def _audit(request: Request, known: Caller, refusal: MediLensError) -> None:
    await transaction.audit_denial(
        known,
        None,
        refusal,
        read_only=request.method in READING,
        about=_resource_named(request),
    )


async def _key_holder(request: Request, authorization: str) -> Caller:
    """A program acts as whoever made its key, and the trail names the key as its session."""
    held = await service_keys.holder(authorization.split(" ", 1)[1])
    token = auth.Token(held.subject, held.organization, session_id=f"key {held.key_id}")
    holder = replace(_caller(request, token), scopes=held.scopes, key_id=held.key_id)
    if not service_keys.is_usable_from(holder.ip, held):
        refusal = Unauthenticated("The service key may not be used from this address.")
        await _audit(request, holder, refusal)
        raise refusal
    return holder


def _caller(request: Request, token: auth.Token) -> Caller:
    agent = request.headers.get("user-agent")
    return Caller(
        subject=token.subject,
        organization=token.organization,
        request_id=request.state.request_id,
        session_id=token.session_id,
        ip=_address(request),
        user_agent=printable(agent[:MAX_USER_AGENT]) if agent else None,
        actor=token.actor,
    )


def _address(request: Request) -> str | None:
    return client_address(
        request.client.host if request.client else None,
        request.headers,
        load(ServiceSettings).trusted_proxies,
    )


CurrentCaller = Annotated[Caller, Depends(caller)]


def allowed(permission: Permission, *, read_only: bool = False) -> Any:
    """Open the request's one transaction for a caller who holds `permission`.

    It commits before the answer is sent, so a failing commit is never answered as a success.
    """

    async def connection(request: Request, caller: CurrentCaller) -> AsyncIterator[AsyncConnection]:
        async with transaction.begin(
            caller, permission, read_only=read_only, about=_resource_named(request)
        ) as opened:
            yield opened

    return Depends(connection, scope="function")


# The names of path and query that hold a record's id, and the table of the record.
NAMED_RESOURCES = {
    "assessment_id": "assessments",
    "upload_id": "uploaded_files",
    "subject_id": "users",
    "person_id": "users",
    "invitation_id": "invitations",
    "key_id": "service_keys",
    "webhook_id": "webhooks",
    "grant_id": "break_glass_grants",
    "export_id": "fhir_exports",
    "explanation_id": "ai_explanations",
    "thread_id": "chat_threads",
}


def _resource_named(request: Request) -> Resource | None:
    """Return the record that the request asks for by its id, for the trail of a refusal."""
    for name, table in NAMED_RESOURCES.items():
        told = request.path_params.get(name) or request.query_params.get(name)
        with suppress(ValueError):
            if told:
                return Resource(table, UUID(str(told)))
    return None
