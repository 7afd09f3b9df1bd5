"""An issuer's keys on the loopback interface, and tokens as nobody should make them."""

import base64
import hashlib
import hmac
import json
import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import jwt
import pytest

from local.issuer import Issuer
from shared.errors import MediLensError
from shared.http.auth import verify

ORGANIZATION = "org_clinic"


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

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.01,))
        self.thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_port}/.well-known/jwks.json"

    def stop(self) -> None:
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()


def claims_of(issuer: Issuer, **changed: Any) -> dict[str, Any]:
    """The claims of a good token with some changed; None takes one away."""
    good = jwt.decode(issuer.issue("user_ada", ORGANIZATION), options={"verify_signature": False})
    return {name: value for name, value in (good | changed).items() if value is not None}


def forged(header: dict[str, Any], claims: dict[str, Any], key: bytes) -> str:
    """Build a token by hand, as no library would."""
    parts = [
        base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=")
        for part in (header, claims)
    ]
    signature = hmac.new(key, b".".join(parts), hashlib.sha256).digest()
    return b".".join([*parts, base64.urlsafe_b64encode(signature).rstrip(b"=")]).decode()


async def code_of(token: str) -> str:
    with pytest.raises(MediLensError) as refusal:
        await verify(f"Bearer {token}")
    return refusal.value.code


async def subject_of(token: str) -> str:
    return (await verify(f"Bearer {token}")).subject


ONE_DAY_S = 24 * 60 * 60


def now(seconds: float = 0) -> int:
    return int(time.time() + seconds)
