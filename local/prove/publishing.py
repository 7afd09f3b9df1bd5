"""An issuer's published keys: how often they are asked for, and when a new one is found."""

import json
import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec

from local.child import LOOPBACK
from local.issuer import PrivateKey, public_jwk
from local.prove.attacks import Finding, Needs, attack
from local.prove.stand import Stand
from shared.errors import Unauthenticated
from shared.http.issuer_keys import REFETCH_AFTER_S, KeySet

THOUSAND = 1_000


@dataclass
class KeyServer:
    """An issuer's published keys on the loopback interface, and how often they were asked for."""

    document: Any
    status: int = 200
    fetches: int = 0
    server: ThreadingHTTPServer = field(init=False)

    def __post_init__(self) -> None:
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                outer.fetches += 1
                body = json.dumps(outer.document).encode()
                self.send_response(outer.status)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None: ...

        self.server = ThreadingHTTPServer((LOOPBACK, 0), Handler)
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.01,))
        self.thread.start()

    @property
    def url(self) -> str:
        return f"http://{LOOPBACK}:{self.server.server_port}/.well-known/jwks.json"

    def stop(self) -> None:
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()


@attack(
    16,
    expected="one fetch; keys at hand serve on while their issuer is down",
    rules=("164.312(d)", "ASVS 2.4.1", "API4:2023"),
    needs=Needs.STACK,
)
async def a_thousand_unknown_keys(_: Stand) -> Finding:
    """A thousand keys that nobody knows, before and after their issuer goes down."""
    known = a_key()
    with published(known) as server:
        key_set = KeySet(server.url)
        has_key = await knows(key_set, known)
        strangers = [await key_under(key_set, secrets.token_hex(8)) for _ in range(THOUSAND)]
        fetches = server.fetches
        server.status, server.document = 500, {}
        minute_passed(key_set)
        strangers.append(await key_under(key_set, secrets.token_hex(8)))
        serves_on = await knows(key_set, known)
    return Finding(
        has_key and serves_on and fetches == 1 and not any(strangers),
        f"{THOUSAND} unknown names of keys; then the issuer answers 500",
        f"{fetches} fetches, {sum(map(bool, strangers))} let in, known key kept: {serves_on}",
    )


@attack(
    17,
    expected="the new key at the first request a minute after the last fetch, the old no more",
    rules=("164.312(d)", "ASVS 9.1.3", "API2:2023"),
    needs=Needs.STACK,
)
async def a_key_that_was_replaced(_: Stand) -> Finding:
    """The issuer replaces its key: tokens of the new one come, and of the old one."""
    old, new = a_key(), a_key()
    with published(old) as server:
        key_set = KeySet(server.url)
        had_old = await knows(key_set, old)
        server.document = document_of(new)
        minute_passed(key_set)
        has_new, has_old = await knows(key_set, new), await knows(key_set, old)
    return Finding(
        had_old and has_new and not has_old,
        "the issuer publishes another key in place of its own",
        f"new key known: {has_new}, old key known: {has_old}, {server.fetches} fetches",
    )


def a_key() -> PrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


def document_of(key: PrivateKey) -> dict[str, Any]:
    """A key set (RFC 7517) of one key."""
    return {"keys": [public_jwk(key) | {"use": "sig", "alg": "ES256"}]}


@contextmanager
def published(key: PrivateKey) -> Iterator[KeyServer]:
    server = KeyServer(document_of(key))
    try:
        yield server
    finally:
        server.stop()


def minute_passed(key_set: KeySet) -> None:
    """Let the set believe that it was fetched long ago."""
    key_set.fetched_at -= REFETCH_AFTER_S


async def knows(key_set: KeySet, key: PrivateKey) -> bool:
    """Whether a key is kept, under its name and with its own numbers."""
    public = await key_under(key_set, public_jwk(key)["kid"])
    return public is not None and public == key.public_key()


async def key_under(key_set: KeySet, name: str) -> Any:
    """The key of a name, or nothing where tokens that it signed are refused."""
    try:
        return await key_set.key(name)
    except Unauthenticated:
        return None
