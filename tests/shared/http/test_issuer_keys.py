"""The issuer's published keys: fetched once, kept while it is away, renewed."""

import asyncio
import secrets
import threading
from http.client import IncompleteRead
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from local.issuer import Issuer
from local.prove.publishing import KeyServer
from shared import settings
from shared.errors import Unavailable
from shared.http import issuer_keys
from shared.http.auth import verify
from tests.conftest import ISSUER
from tests.shared.http.issuing import (
    ORGANIZATION,
    claims_of,
    code_of,
    forged,
    subject_of,
)

pytestmark = pytest.mark.clock


class TestKeySet:
    async def test_keys_are_fetched_once_for_many_tokens(
        self, verifying: KeyServer, issuer: Issuer
    ) -> None:
        for number in range(20):
            await verify(f"Bearer {issuer.issue(f'user_{number}', ORGANIZATION)}")
        assert verifying.fetches == 1

    async def test_a_thousand_unknown_names_fetch_once(
        self, verifying: KeyServer, issuer: Issuer
    ) -> None:
        claims = claims_of(issuer)
        for _ in range(1000):
            header = {"alg": "RS256", "kid": secrets.token_hex(8)}
            assert await code_of(forged(header, claims, b"")) == "unauthenticated"
        assert verifying.fetches == 1
        assert await subject_of(issuer.issue("user_ada", ORGANIZATION)) == "user_ada"

    async def test_a_new_key_is_found_at_the_first_request_after_a_minute(
        self, verifying: KeyServer, issuer: Issuer
    ) -> None:
        await verify(f"Bearer {issuer.issue('user_ada', ORGANIZATION)}")
        key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        rotated = Issuer(ISSUER, {"RS256": key, "ES256": issuer.keys["ES256"]})
        verifying.document = rotated.jwks()
        token = rotated.issue("user_ada", ORGANIZATION)
        assert await code_of(token) == "unauthenticated"

        a_minute_passes(verifying)

        assert await subject_of(token) == "user_ada"
        assert verifying.fetches == 2
        retired = issuer.issue("user_ada", ORGANIZATION)
        assert await code_of(retired) == "unauthenticated"

    @pytest.mark.parametrize(
        ("status", "document"),
        [(500, {}), (200, []), (200, {"keys": []}), (200, "keys"), (200, {"keys": [{"kty": "?"}]})],
    )
    async def test_cached_keys_serve_while_the_issuer_is_down(
        self, verifying: KeyServer, issuer: Issuer, status: int, document: Any
    ) -> None:
        known = issuer.issue("user_ada", ORGANIZATION)
        await verify(f"Bearer {known}")
        verifying.status, verifying.document = status, document
        a_minute_passes(verifying)
        unknown = forged({"alg": "RS256", "kid": "new"}, claims_of(issuer), b"")

        assert await code_of(unknown) == "unauthenticated"
        assert await subject_of(known) == "user_ada"
        assert verifying.fetches == 2

    @pytest.mark.parametrize(("status", "document"), [(500, {}), (200, [])])
    async def test_without_any_key_nothing_can_be_verified(
        self, verifying: KeyServer, issuer: Issuer, status: int, document: Any
    ) -> None:
        verifying.status, verifying.document = status, document
        token = issuer.issue("user_ada", ORGANIZATION)
        with pytest.raises(Unavailable):
            await subject_of(token)

        verifying.status, verifying.document = 200, issuer.jwks()

        assert await subject_of(token) == "user_ada"

    @pytest.mark.parametrize(
        ("status", "document"),
        [(200, {"keys": [{"kty": "RSA"}]}), (200, {"keys": [[]]}), (200, None), (404, {})],
    )
    async def test_broken_first_fetch_is_503_and_the_next_request_asks_again(
        self, verifying: KeyServer, issuer: Issuer, status: int, document: Any
    ) -> None:
        verifying.status, verifying.document = status, document
        token = issuer.issue("user_ada", ORGANIZATION)
        with pytest.raises(Unavailable):
            await subject_of(token)
        verifying.status, verifying.document = 200, issuer.jwks()

        assert await subject_of(token) == "user_ada"

    @pytest.mark.usefixtures("verifying")
    async def test_connection_cut_within_the_answer_is_503(
        self, issuer: Issuer, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def cut(_: str) -> dict[str, Any]:
            raise IncompleteRead(b'{"ke')

        token = issuer.issue("user_ada", ORGANIZATION)
        with monkeypatch.context() as patch:
            patch.setattr(issuer_keys, "_fetch", cut)
            with pytest.raises(Unavailable):
                await subject_of(token)

        assert await subject_of(token) == "user_ada"

    async def test_first_request_that_leaves_takes_no_other_with_it(
        self, verifying: KeyServer, issuer: Issuer, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        answer = threading.Event()
        fetch = issuer_keys._fetch

        def slow(url: str) -> dict[str, Any]:
            answer.wait(5)
            return fetch(url)

        monkeypatch.setattr(issuer_keys, "_fetch", slow)
        token = issuer.issue("user_ada", ORGANIZATION)
        leaving, staying = (asyncio.create_task(subject_of(token)) for _ in range(2))
        await asyncio.sleep(0.05)
        leaving.cancel()
        await asyncio.sleep(0.05)
        answer.set()

        assert await staying == "user_ada"
        assert leaving.cancelled()
        assert verifying.fetches == 1

    async def test_key_for_encryption_signs_nothing(
        self, verifying: KeyServer, issuer: Issuer
    ) -> None:
        """Keycloak publishes one beside that for signatures."""
        first, *_ = issuer.jwks()["keys"]
        verifying.document = {"keys": [first | {"use": "enc"}, *issuer.jwks()["keys"][1:]]}

        assert await code_of(issuer.issue("user_ada", ORGANIZATION)) == "unauthenticated"

    async def test_the_address_is_the_issuers_unless_another_is_set(
        self, verifying: KeyServer, issuer: Issuer, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.delenv("MEDILENS_TOKEN_JWKS_URL")
        address = verifying.url.removesuffix("/.well-known/jwks.json")
        monkeypatch.setenv("MEDILENS_TOKEN_ISSUER", address)
        settings.load.cache_clear()

        assert await subject_of(issuer.sign(claims_of(issuer, iss=address))) == "user_ada"


def a_minute_passes(server: KeyServer) -> None:
    issuer_keys._key_set(server.url).fetched_at -= issuer_keys.REFETCH_AFTER_S
