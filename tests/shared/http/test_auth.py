"""Tokens: what a forger, a thief, a wrong clock and a broken issuer get."""

import asyncio
import base64
import hashlib
import hmac
import json
import secrets
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.client import IncompleteRead
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import asyncpg
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from local.issuer import Issuer, public_jwk
from shared import settings
from shared.errors import Forbidden, MediLensError, Unauthenticated, Unavailable
from shared.http import tokens
from shared.http.auth import Token, verify
from shared.permissions import RoleName
from tests.conftest import ISSUER, Clinic

pytestmark = pytest.mark.clock

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


@pytest.fixture
def key_server(issuer: Issuer) -> Iterator[KeyServer]:
    server = KeyServer(issuer.jwks())
    yield server
    server.stop()


@pytest.fixture
def verifying(key_server: KeyServer, monkeypatch: pytest.MonkeyPatch) -> Iterator[KeyServer]:
    """Tokens are verified by the published keys, with nothing cached yet."""
    monkeypatch.setenv("MEDILENS_TOKEN_ISSUER", ISSUER)
    monkeypatch.setenv("MEDILENS_TOKEN_JWKS_URL", key_server.url)
    monkeypatch.delenv("MEDILENS_TOKEN_PUBLIC_KEY", raising=False)
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    settings.load.cache_clear()
    tokens._key_set.cache_clear()
    yield key_server
    settings.load.cache_clear()
    tokens._key_set.cache_clear()


@pytest.fixture
def attacker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Issuer:
    monkeypatch.setenv("MEDILENS_ENVIRONMENT", "development")
    return Issuer.open(tmp_path, ISSUER)


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


@pytest.mark.usefixtures("verifying")
class TestGenuine:
    @pytest.mark.parametrize("version", [1, 2])
    @pytest.mark.parametrize("algorithm", ["RS256", "ES256"])
    async def test_both_shapes_and_both_algorithms_name_the_same_person(
        self, issuer: Issuer, version: Any, algorithm: Any
    ) -> None:
        encoded = issuer.issue(
            "user_ada",
            ORGANIZATION,
            role="admin",
            permissions=["assessments:view"],
            version=version,
            algorithm=algorithm,
        )

        token = await verify(f"Bearer {encoded}")

        assert (token.subject, token.organization) == ("user_ada", ORGANIZATION)
        assert token.session_id is not None
        assert token.session_id.startswith("sess_")

    async def test_another_issuers_plain_claims_will_do(self, issuer: Issuer) -> None:
        claims = claims_of(issuer, o=None, v=None, sid=None, azp=None, org_id="org_plain")

        assert await verify(f"bearer {issuer.sign(claims)}") == Token("user_ada", "org_plain", None)

    async def test_a_public_key_in_the_settings_needs_no_network(
        self, verifying: KeyServer, issuer: Issuer, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        pem = (
            issuer.keys["RS256"]
            .public_key()
            .public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
            .decode()
        )
        monkeypatch.setenv("MEDILENS_TOKEN_PUBLIC_KEY", pem.replace("\n", "\\n"))
        settings.load.cache_clear()

        assert await subject_of(issuer.issue("user_ada", ORGANIZATION)) == "user_ada"
        es256 = issuer.issue("user_ada", ORGANIZATION, algorithm="ES256")
        assert await code_of(es256) == "unauthenticated"
        assert verifying.fetches == 0


# The claims of access tokens as each provider documents them, without what MediLens never reads:
# the claim that names the organization, the issuer's name, and what the token says.
UUID_OF_ORGANIZATION = "3f2a9c1e-5b7d-4e0a-9c55-2b1f6f0f7a11"
PROVIDERS: dict[str, tuple[str | None, str, dict[str, Any], str]] = {
    "clerk-v1": (
        None,
        "https://clerk.clinic.example",
        {
            "azp": "https://app.clinic.example",
            "sid": "sess_1",
            "org_id": "org_2abc",
            "org_slug": "clinic",
            "org_role": "org:admin",
            "org_permissions": ["org:assessments:view"],
        },
        "org_2abc",
    ),
    "clerk-v2": (
        None,
        "https://clerk.clinic.example",
        {
            "v": 2,
            "azp": "https://app.clinic.example",
            "sid": "sess_1",
            "jti": "70cbf5e2",
            "fva": [5, -1],
            "sts": "active",
            "pla": "o:free",
            "fea": "o:assessments",
            "o": {"id": "org_2abc", "slg": "clinic", "rol": "admin", "per": "view", "fpm": "1"},
        },
        "org_2abc",
    ),
    "auth0": (
        None,
        "https://clinic.eu.auth0.com/",
        {
            "aud": ["https://api.clinic.example", "https://clinic.eu.auth0.com/userinfo"],
            "azp": "WGd6r0vR9cXk",
            "scope": "openid profile",
            "org_id": "org_9ybsU1dN2dKfDkBi",
            "permissions": [],
        },
        "org_9ybsU1dN2dKfDkBi",
    ),
    "auth0-namespaced": (
        "https://clinic.example/organization",
        "https://clinic.eu.auth0.com/",
        {"azp": "WGd6r0vR9cXk", "https://clinic.example/organization": "org_eu"},
        "org_eu",
    ),
    "cognito-id": (
        "custom:organization",
        "https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_Ab1Cd2Ef3",
        {
            "aud": "4v2example",
            "token_use": "id",
            "auth_time": 1795000000,
            "cognito:username": "ada",
            "cognito:groups": ["clinicians"],
            "custom:organization": "org_eu",
            "event_id": "d1f3",
        },
        "org_eu",
    ),
    "cognito-access": (
        "organization",
        "https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_Ab1Cd2Ef3",
        {
            "client_id": "4v2example",
            "token_use": "access",
            "scope": "aws.cognito.signin.user.admin",
            "auth_time": 1795000000,
            "username": "ada",
            "version": 2,
            "organization": "org_eu",
        },
        "org_eu",
    ),
    "keycloak-names": (
        "organization",
        "https://id.clinic.example/realms/clinic",
        {
            "typ": "Bearer",
            "azp": "console",
            "sid": "5c1d",
            "acr": "1",
            "realm_access": {"roles": ["offline_access"]},
            "scope": "openid organization",
            "organization": ["clinic"],
        },
        "clinic",
    ),
    "keycloak-ids": (
        "organization",
        "https://id.clinic.example/realms/clinic",
        {"azp": "console", "organization": {"clinic": {"id": UUID_OF_ORGANIZATION}}},
        UUID_OF_ORGANIZATION,
    ),
    "entra": (
        "tid",
        f"https://login.microsoftonline.com/{UUID_OF_ORGANIZATION}/v2.0",
        {
            "aud": "6e74172b-be56-4843-9ff4-e66a39bb12e3",
            "azp": "6e74172b-be56-4843-9ff4-e66a39bb12e3",
            "azpacr": "0",
            "oid": "690222be-ff1a-4d56-abd1-7e4f7d38e474",
            "rh": "0.ARoA",
            "scp": "access_as_user",
            "tid": UUID_OF_ORGANIZATION,
            "uti": "aBc",
            "ver": "2.0",
        },
        UUID_OF_ORGANIZATION,
    ),
    "supabase": (
        "app_metadata.organization",
        "https://abcdefgh.supabase.co/auth/v1",
        {
            "aud": "authenticated",
            "role": "authenticated",
            "aal": "aal1",
            "amr": [{"method": "password", "timestamp": 1795000000}],
            "session_id": "9f1c",
            "is_anonymous": False,
            "app_metadata": {"provider": "email", "organization": "org_eu"},
            "user_metadata": {"organization": "org_of_my_own_choice"},
        },
        "org_eu",
    ),
}
# Those that say from when on their tokens count.
WITH_NBF = {"clerk-v1", "clerk-v2", "entra"}


@pytest.mark.usefixtures("verifying")
class TestProviders:
    @pytest.mark.parametrize("provider", PROVIDERS)
    async def test_claims_of_a_provider_name_a_person_and_an_organization(
        self, issuer: Issuer, monkeypatch: pytest.MonkeyPatch, provider: str
    ) -> None:
        claim, name, claims, organization = PROVIDERS[provider]
        monkeypatch.setenv("MEDILENS_TOKEN_ISSUER", name)
        if claim:
            monkeypatch.setenv("MEDILENS_ORGANIZATION_CLAIM", claim)
        settings.load.cache_clear()
        times = {"iat": now(), "exp": now(600)} | ({"nbf": now()} if provider in WITH_NBF else {})
        token = issuer.sign({"iss": name, "sub": "ada", **times, **claims})

        outcome = await verify(f"Bearer {token}")

        assert (outcome.subject, outcome.organization) == ("ada", organization)

    @pytest.mark.parametrize("configured", ["https://clinic.eu.auth0.com", "https://a.example/"])
    async def test_slash_at_the_end_of_the_issuer_makes_no_other_issuer(
        self, issuer: Issuer, monkeypatch: pytest.MonkeyPatch, configured: str
    ) -> None:
        monkeypatch.setenv("MEDILENS_TOKEN_ISSUER", configured)
        settings.load.cache_clear()
        for name in (configured.rstrip("/"), configured.rstrip("/") + "/"):
            assert await subject_of(issuer.sign(claims_of(issuer, iss=name))) == "user_ada"

    async def test_application_of_cognito_is_known_by_client_id(
        self, issuer: Issuer, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("MEDILENS_AUTHORIZED_PARTIES", "4v2example")
        settings.load.cache_clear()
        ours = issuer.sign(claims_of(issuer, azp=None, client_id="4v2example"))
        assert await subject_of(ours) == "user_ada"
        for other in ({"azp": "x", "client_id": "4v2example"}, {"azp": ["4v2example"]}):
            assert await code_of(issuer.sign(claims_of(issuer, **other))) == "unauthenticated"

    @pytest.mark.parametrize(
        "value",
        [None, [], {}, ["a", "b"], {"a": {}, "b": {}}, [7], [["a"]], {"a": {"id": 7}}, "", "a\0"],
    )
    async def test_claim_that_names_no_organization_or_several_is_403(
        self, issuer: Issuer, monkeypatch: pytest.MonkeyPatch, value: Any
    ) -> None:
        monkeypatch.setenv("MEDILENS_ORGANIZATION_CLAIM", "organization")
        settings.load.cache_clear()
        with pytest.raises(Forbidden, match="Choose an organization"):
            await verify(f"Bearer {issuer.sign(claims_of(issuer, organization=value))}")


@pytest.mark.usefixtures("verifying")
class TestForged:
    @pytest.mark.parametrize(
        "header", [None, "", "Bearer", "Bearer ", "Basic dTpw", "Bearer a.b", "Bearer ☃.☃.☃"]
    )
    async def test_no_token_is_401_and_asks_for_one(self, header: str | None) -> None:
        with pytest.raises(Unauthenticated) as refusal:
            await verify(header)
        assert refusal.value.headers == {"WWW-Authenticate": "Bearer"}

    @pytest.mark.parametrize("header", [b"[" * 12_200, b'{"alg": ' * 1500, b"\xff", b"7", b"null"])
    async def test_header_that_breaks_its_readers(self, header: bytes) -> None:
        first = base64.urlsafe_b64encode(header).rstrip(b"=").decode()
        assert await code_of(f"{first}.e30.AAAA") == "unauthenticated"

    async def test_token_longer_than_any(self) -> None:
        assert await code_of("a" * 20_000) == "unauthenticated"

    async def test_unsigned(self, issuer: Issuer) -> None:
        kid = issuer.jwks()["keys"][0]["kid"]
        token = jwt.encode(claims_of(issuer), "", algorithm="none", headers={"kid": kid})
        assert await code_of(token) == "unauthenticated"

    async def test_signed_with_the_public_key_as_if_it_were_a_secret(self, issuer: Issuer) -> None:
        key = issuer.keys["RS256"]
        pem = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        header = {"alg": "HS256", "typ": "JWT", "kid": public_jwk(key)["kid"]}
        assert await code_of(forged(header, claims_of(issuer), pem)) == "unauthenticated"

    async def test_signed_by_somebody_else_under_a_known_name(
        self, issuer: Issuer, attacker: Issuer
    ) -> None:
        token = jwt.encode(
            claims_of(issuer),
            attacker.keys["RS256"],
            "RS256",
            headers={"kid": public_jwk(issuer.keys["RS256"])["kid"]},
        )
        assert await code_of(token) == "unauthenticated"

    async def test_changed_after_it_was_signed(self, issuer: Issuer) -> None:
        head, body, signature = issuer.issue("user_ada", ORGANIZATION).split(".")
        other = issuer.issue("user_eve", ORGANIZATION).split(".")[1]
        assert await code_of(f"{head}.{other}.{signature}") == "unauthenticated"
        assert await code_of(f"{head}.{body}.") == "unauthenticated"

    @pytest.mark.parametrize("name", ["jku", "x5u"])
    async def test_keys_that_a_token_brings_along_are_not_fetched(
        self, issuer: Issuer, attacker: Issuer, name: str
    ) -> None:
        own_keys = KeyServer(attacker.jwks())
        try:
            for key in (attacker.keys["RS256"], issuer.keys["RS256"]):
                token = jwt.encode(
                    claims_of(issuer),
                    attacker.keys["RS256"],
                    "RS256",
                    headers={"kid": public_jwk(key)["kid"], name: own_keys.url},
                )
                assert await code_of(token) == "unauthenticated"
            assert own_keys.fetches == 0
        finally:
            own_keys.stop()

    async def test_a_key_inside_the_token_is_not_believed(
        self, issuer: Issuer, attacker: Issuer
    ) -> None:
        jwk = public_jwk(attacker.keys["RS256"])
        for headers in ({"jwk": jwk}, {"jwk": jwk, "kid": jwk["kid"]}):
            token = jwt.encode(claims_of(issuer), attacker.keys["RS256"], "RS256", headers=headers)
            assert await code_of(token) == "unauthenticated"

    @pytest.mark.parametrize("kid", [None, 7, "", "../../etc/passwd"])
    async def test_a_token_that_names_no_key_we_know(self, issuer: Issuer, kid: Any) -> None:
        header = {"alg": "RS256", "kid": kid}
        assert await code_of(forged(header, claims_of(issuer), b"")) == "unauthenticated"


@pytest.mark.usefixtures("verifying")
class TestClaims:
    @pytest.mark.parametrize("name", ["exp", "iat", "iss", "sub"])
    async def test_a_missing_one_is_401(self, issuer: Issuer, name: str) -> None:
        assert await code_of(issuer.sign(claims_of(issuer, **{name: None}))) == "unauthenticated"

    @pytest.mark.parametrize(
        "changed",
        [
            {"exp": now(-tokens.LEEWAY_S - 60)},
            {"exp": "soon"},
            # The tests may begin long after they were collected.
            {"nbf": now(tokens.LEEWAY_S + ONE_DAY_S)},
            {"iat": now(tokens.LEEWAY_S + ONE_DAY_S)},
            {"iss": "https://issuer.test.evil.example"},
            {"iss": ISSUER + "//"},
            {"sub": 7},
            {"sub": ""},
            {"sub": "user\0"},
            {"sub": "\ud800"},
            {"sub": "u" * 256},
            {"exp": True},
            {"exp": 1e300},
            {"exp": float("inf")},
            {"exp": float("nan")},
            {"exp": now(tokens.LONGEST_LIFE_S + ONE_DAY_S)},
            {"iat": 1e300},
            {"iat": float("inf")},
            {"nbf": float("inf")},
            {"nbf": []},
        ],
    )
    async def test_a_wrong_one_is_401(self, issuer: Issuer, changed: dict[str, Any]) -> None:
        assert await code_of(issuer.sign(claims_of(issuer, **changed))) == "unauthenticated"

    async def test_clocks_may_differ_a_little(self, issuer: Issuer) -> None:
        for changed in ({"exp": now(-1)}, {"nbf": now(2), "iat": now(2)}):
            assert await subject_of(issuer.sign(claims_of(issuer, **changed))) == "user_ada"

    @pytest.mark.parametrize("azp", [None, "https://evil.example"])
    async def test_made_for_another_application(
        self,
        issuer: Issuer,
        monkeypatch: pytest.MonkeyPatch,
        azp: str | None,
    ) -> None:
        monkeypatch.setenv(
            "MEDILENS_AUTHORIZED_PARTIES", "https://app.example, https://two.example"
        )
        settings.load.cache_clear()
        with pytest.raises(Unauthenticated, match="another application"):
            await verify(f"Bearer {issuer.sign(claims_of(issuer, azp=azp))}")
        ours = issuer.sign(claims_of(issuer, azp="https://two.example"))
        assert await subject_of(ours) == "user_ada"

    async def test_made_for_another_audience(
        self, issuer: Issuer, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("MEDILENS_TOKEN_AUDIENCE", "medilens")
        settings.load.cache_clear()
        for audience in (None, "other", ["other"]):
            token = issuer.sign(claims_of(issuer, aud=audience))
            assert await code_of(token) == "unauthenticated"
        assert await subject_of(issuer.sign(claims_of(issuer, aud=["medilens", "x"]))) == "user_ada"

    async def test_an_unfinished_sign_in_is_403(self, issuer: Issuer) -> None:
        with pytest.raises(Forbidden, match="Finish signing in"):
            await verify(f"Bearer {issuer.sign(claims_of(issuer, sts='pending'))}")

    @pytest.mark.parametrize(
        "changed",
        [{"o": None}, {"o": {}}, {"o": {"id": 7}}, {"o": {"id": ""}}, {"o": None, "org_id": ""}],
    )
    async def test_a_personal_session_is_403(self, issuer: Issuer, changed: dict[str, Any]) -> None:
        with pytest.raises(Forbidden, match="Choose an organization"):
            await verify(f"Bearer {issuer.sign(claims_of(issuer, **changed))}")


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
            patch.setattr(tokens, "_fetch", cut)
            with pytest.raises(Unavailable):
                await subject_of(token)

        assert await subject_of(token) == "user_ada"

    async def test_first_request_that_leaves_takes_no_other_with_it(
        self, verifying: KeyServer, issuer: Issuer, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        answer = threading.Event()
        fetch = tokens._fetch

        def slow(url: str) -> dict[str, Any]:
            answer.wait(5)
            return fetch(url)

        monkeypatch.setattr(tokens, "_fetch", slow)
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
    tokens._key_set(server.url).fetched_at -= tokens.REFETCH_AFTER_S


class TestOverHttp:
    PATH = "/api/records/assessments"

    @pytest.mark.parametrize(
        "change",
        [
            "UPDATE users SET is_active = false WHERE id = $1",
            "UPDATE user_roles SET revoked_at = now() WHERE user_id = $1",
        ],
    )
    async def test_what_was_taken_away_counts_at_the_next_request_with_the_same_token(
        self, clinic: Clinic, auditor: asyncpg.Connection, change: str
    ) -> None:
        async with clinic.client(RoleName.CLINICIAN) as client:
            assert (await client.get(self.PATH)).status_code == 200
            await auditor.execute(change, clinic.person_id(RoleName.CLINICIAN))
            answer = await client.get(self.PATH)
        assert answer.status_code == 403
        assert answer.json()["code"] == "forbidden"

    async def test_a_role_in_the_token_grants_nothing(self, clinic: Clinic) -> None:
        token = clinic.issuer.issue(
            clinic.caller(RoleName.PATIENT).subject,
            clinic.identity,
            role="admin",
            permissions=["assessments:delete"],
        )
        async with clinic.client(None) as client:
            answer = await client.delete(
                f"{self.PATH}/{clinic.person_id(RoleName.PATIENT)}",
                headers={"Authorization": f"Bearer {token}"},
            )
        assert answer.status_code == 403

    async def test_another_organization_in_the_token_is_403(
        self, clinic: Clinic, elsewhere: Clinic
    ) -> None:
        token = clinic.issuer.issue(clinic.caller(RoleName.ADMIN).subject, elsewhere.identity)
        async with clinic.client(None) as client:
            answer = await client.get(self.PATH, headers={"Authorization": f"Bearer {token}"})
        assert answer.status_code == 403
