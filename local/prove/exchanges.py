"""What was sent and how it was answered, by names and without values, and the way it is sent."""

import asyncio
import json
import re
from dataclasses import dataclass
from http import HTTPStatus

import httpx
import jwt

# Whoever asks too often is told how long to wait; longer than this is not waited.
MOST_WAITED_S = 30.0
NAMES_OF_FORM = re.compile(rb'form-data; name="([^"]*)"')


@dataclass(frozen=True)
class Exchange:
    """One request and its answer, for what no attack touches: names, and no values."""

    who: str
    method: str
    path: str
    query: frozenset[str]
    headers: frozenset[str]
    fields: frozenset[str]
    # What the token claimed, each with a fingerprint of its value.
    claims: frozenset[tuple[str, int]]
    status: int


class Recorded(httpx.AsyncBaseTransport):
    """Sends for somebody, waits where a limit of requests says so, and keeps what was touched."""

    def __init__(
        self, inner: httpx.AsyncBaseTransport, who: str, exchanges: list[Exchange]
    ) -> None:
        self.inner, self.who, self.exchanges = inner, who, exchanges

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        request.extensions["who"] = self.who
        fields = fields_of(await request.aread(), request.headers.get("Content-Type", ""))
        answer = await self.inner.handle_async_request(request)
        wait_s = float(answer.headers.get("Retry-After", "inf"))
        impatient = request.extensions.get("impatient", False)
        if (
            answer.status_code == HTTPStatus.TOO_MANY_REQUESTS
            and wait_s <= MOST_WAITED_S
            and not impatient
        ):
            await answer.aclose()
            await asyncio.sleep(wait_s)
            answer = await self.inner.handle_async_request(request)
        self.exchanges.append(
            Exchange(
                self.who,
                request.method,
                request.url.path,
                frozenset(request.url.params),
                frozenset(name.lower() for name in request.headers),
                fields,
                claims_of_request(request.headers.get("Authorization", "")),
                answer.status_code,
            )
        )
        return answer

    async def aclose(self) -> None:
        await self.inner.aclose()


def claims_of_request(authorization: str) -> frozenset[tuple[str, int]]:
    """The names of a token's claims, each with a fingerprint; none of what is no token."""
    try:
        claims = jwt.decode(
            authorization.partition(" ")[2],
            options={"verify_signature": False, "verify_aud": False, "verify_exp": False},
        )
    except jwt.PyJWTError:
        return frozenset()
    return frozenset((name, hash(str(value))) for name, value in claims.items())


def fields_of(body: bytes, content_type: str) -> frozenset[str]:
    """The names of a body's fields: those of a form, or the keys of JSON at the top."""
    if content_type.startswith("multipart/"):
        return frozenset(name.decode("utf-8", "replace") for name in NAMES_OF_FORM.findall(body))
    if content_type.startswith("application/x-www-form-urlencoded"):
        return frozenset(httpx.QueryParams(body.decode("utf-8", "replace")))
    try:
        told = json.loads(body)
    except (ValueError, RecursionError):
        return frozenset()
    return frozenset(told) if isinstance(told, dict) else frozenset()
