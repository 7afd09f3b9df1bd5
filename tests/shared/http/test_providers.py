"""Tokens as each identity provider writes them."""

from typing import Any

import pytest

from local.issuer import Issuer
from shared import settings
from shared.errors import Forbidden
from shared.http.auth import verify
from tests.shared.http.issuing import claims_of, code_of, now, subject_of

pytestmark = pytest.mark.clock

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
