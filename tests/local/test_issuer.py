"""Tokens as a verifier sees them: by the published keys and nothing else."""

import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import jwt
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError
from starlette.applications import Starlette

from local.issuer import Issuer, NotDevelopment, issuer_routes

pytestmark = pytest.mark.clock

URL = "http://127.0.0.1:8000"

features = st.sampled_from(["assessments", "audit", "people"])
actions = st.sampled_from(["view", "create", "delete", "export"])
permission_lists = st.lists(st.builds("{}:{}".format, features, actions), unique=True, min_size=1)


@pytest.fixture(scope="module")
def issuer(tmp_path_factory: pytest.TempPathFactory) -> Issuer:
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("MEDILENS_ENVIRONMENT", "development")
        return Issuer.open(tmp_path_factory.mktemp("keys"), URL + "/")


@pytest.fixture
def _development(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MEDILENS_ENVIRONMENT", "development")


def verified(token: str, issuer: Issuer) -> dict[str, Any]:
    """Check a token as a stranger would, who knows the issuer's public keys."""
    header = jwt.get_unverified_header(token)
    key = jwt.PyJWKSet.from_dict(issuer.jwks())[header["kid"]]
    required = ["exp", "iat", "nbf", "sub", "iss", "jti"]
    return jwt.decode(token, key, [header["alg"]], issuer=URL, options={"require": required})


def granted(claims: dict[str, Any]) -> set[str]:
    """Decode Clerk's permission bits, as its documentation describes them."""
    outcome = set()
    names = claims["o"]["per"].split(",")
    for feature, mask in zip(claims["fea"].split(","), claims["o"]["fpm"].split(","), strict=True):
        for bit, digit in enumerate(reversed(f"{int(mask):b}")):
            if digit == "1":
                outcome.add(f"{feature.removeprefix('o:')}:{names[bit]}")
    return outcome


class TestOpen:
    @pytest.mark.parametrize("environment", [None, "production"])
    def test_outside_development_it_refuses(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, environment: str | None
    ) -> None:
        monkeypatch.delenv("MEDILENS_ENVIRONMENT", raising=False)
        if environment:
            monkeypatch.setenv("MEDILENS_ENVIRONMENT", environment)

        with pytest.raises(NotDevelopment, match="MEDILENS_ENVIRONMENT=development"):
            Issuer.open(tmp_path, URL)
        assert not list(tmp_path.iterdir())

    def test_an_unknown_environment_is_not_development(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("MEDILENS_ENVIRONMENT", "dev")

        with pytest.raises(ValidationError):
            Issuer.open(tmp_path, URL)

    @pytest.mark.usefixtures("_development")
    def test_opened_again_it_has_the_same_private_keys(self, tmp_path: Path) -> None:
        folder = tmp_path / "keys"
        token = Issuer.open(folder, URL).issue("user_ada")

        assert verified(token, Issuer.open(folder, URL))["sub"] == "user_ada"
        assert {path.stat().st_mode & 0o777 for path in folder.iterdir()} == {0o600}
        assert folder.stat().st_mode & 0o777 == 0o700

    @pytest.mark.usefixtures("_development")
    def test_two_folders_have_different_keys(self, tmp_path: Path) -> None:
        token = Issuer.open(tmp_path / "a", URL).issue("user_ada")

        with pytest.raises(KeyError):
            verified(token, Issuer.open(tmp_path / "b", URL))


class TestIssue:
    @pytest.mark.parametrize("algorithm", ["RS256", "ES256"])
    def test_both_algorithms_verify(self, issuer: Issuer, algorithm: Any) -> None:
        token = issuer.issue("user_ada", algorithm=algorithm)

        assert jwt.get_unverified_header(token)["alg"] == algorithm
        assert verified(token, issuer)["sub"] == "user_ada"

    def test_a_session_has_clerks_second_shape(self, issuer: Issuer) -> None:
        claims = verified(issuer.issue("user_ada", "org_demo", role="clinician"), issuer)

        assert claims["v"] == 2
        assert claims["sts"] == "active"
        assert claims["fva"] == [0, -1]
        assert claims["azp"] == claims["iss"] == URL
        assert claims["sid"].startswith("sess_")
        assert claims["o"] == {"id": "org_demo", "slg": "local", "rol": "clinician"}

    def test_the_first_shape_names_the_organization_flat(self, issuer: Issuer) -> None:
        token = issuer.issue(
            "user_ada", "org_demo", role="admin", permissions=["audit:view"], version=1
        )
        claims = verified(token, issuer)

        assert claims["org_id"] == "org_demo"
        assert claims["org_role"] == "org:admin"
        assert claims["org_permissions"] == ["org:audit:view"]
        assert not {"v", "o", "sts"} & claims.keys()

    def test_without_an_organization_the_session_is_personal(self, issuer: Issuer) -> None:
        assert "o" not in verified(issuer.issue("user_ada"), issuer)

    @given(permissions=permission_lists)
    def test_permissions_survive_their_encoding_as_bits(
        self, issuer: Issuer, permissions: list[str]
    ) -> None:
        token = issuer.issue("user_ada", "org_demo", permissions=permissions, algorithm="ES256")

        assert granted(verified(token, issuer)) == set(permissions)

    def test_a_token_expires_after_its_time(self, issuer: Issuer) -> None:
        token = issuer.issue("user_ada", ttl=timedelta(minutes=5))
        remaining_s = verified(token, issuer)["exp"] - time.time()

        assert 290 <= remaining_s <= 300
        with pytest.raises(jwt.ExpiredSignatureError):
            verified(issuer.issue("user_ada", ttl=timedelta(seconds=-1)), issuer)

    def test_no_two_tokens_are_the_same(self, issuer: Issuer) -> None:
        first, second = (verified(issuer.issue("user_ada"), issuer) for _ in range(2))

        assert first["jti"] != second["jti"]


class TestIssuerRoutes:
    async def test_discovery_leads_to_the_public_keys(self, issuer: Issuer) -> None:
        transport = httpx.ASGITransport(Starlette(routes=issuer_routes(issuer)))
        async with httpx.AsyncClient(transport=transport, base_url=URL) as client:
            discovery = (await client.get("/.well-known/openid-configuration")).json()
            keys = (await client.get(discovery["jwks_uri"])).json()["keys"]

        assert discovery["issuer"] == URL
        assert {key["alg"] for key in keys} == {"RS256", "ES256"}
        assert not any({"d", "p", "q", "k"} & key.keys() for key in keys)
