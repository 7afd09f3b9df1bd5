"""Tokens: what a forger, a thief, a wrong clock and a broken issuer get."""

import base64
from typing import Any

import asyncpg
import jwt
import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from local.issuer import Issuer, public_jwk
from local.prove.publishing import KeyServer
from shared import settings
from shared.errors import Forbidden, Unauthenticated
from shared.http import tokens
from shared.http.auth import Token, verify
from shared.permissions import RoleName
from shared.settings import TokenSettings
from tests.conftest import ISSUER, Clinic
from tests.shared.http.issuing import (
    ONE_DAY_S,
    ORGANIZATION,
    claims_of,
    code_of,
    forged,
    now,
    subject_of,
)

pytestmark = pytest.mark.clock


@pytest.mark.usefixtures("verifying")
class TestGenuine:
    @pytest.mark.parametrize("version", [1, 2])
    @pytest.mark.parametrize("algorithm", ["RS256", "ES256"])
    async def test_both_shapes_and_both_algorithms_name_the_same_person(
        self, issuer: Issuer, version: Any, algorithm: Any
    ) -> None:
        shape: dict[str, Any] = {"version": version, "algorithm": algorithm}
        may: dict[str, Any] = {"role": "admin", "permissions": ["assessments:view"]}
        encoded = issuer.issue("user_ada", ORGANIZATION, **may, **shape)

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


@pytest.mark.usefixtures("verifying")
class TestSigned:
    """Whose token it was that let nobody in."""

    async def test_one_that_is_over_still_says_whose_it_was(self, issuer: Issuer) -> None:
        over = issuer.sign(claims_of(issuer, exp=now(-ONE_DAY_S)))
        told = await tokens.signed_claims(over, settings.load(TokenSettings))
        assert told["sub"] == "user_ada"

    async def test_issuer_that_ends_its_name_in_a_slash_is_the_same(self, issuer: Issuer) -> None:
        of_auth0 = issuer.sign(claims_of(issuer, iss=ISSUER + "/"))
        told = await tokens.signed_claims(of_auth0, settings.load(TokenSettings))
        assert told["sub"] == "user_ada"

    async def test_nothing_is_read_of_what_is_longer_than_any_token(self, issuer: Issuer) -> None:
        long = issuer.sign(claims_of(issuer, note="n" * tokens.MAX_TOKEN_CHARACTERS))
        with pytest.raises(Unauthenticated, match="too long"):
            await tokens.signed_claims(long, settings.load(TokenSettings))
