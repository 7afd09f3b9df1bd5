"""The development issuer's sign-in: a code for whoever asked, and tokens that the API takes."""

import hashlib
import secrets
from base64 import urlsafe_b64encode
from collections.abc import AsyncIterator
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
import jwt
import pytest

from local import demo
from local.issuer import Issuer
from local.server import Server
from local.sign_in import people
from shared.permissions import RoleName
from tests.conftest import ISSUER
from tests.nonempty import nonempty

VERIFIER = secrets.token_urlsafe(48)
CHALLENGE = urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()
ASKED = {
    "client_id": "medilens-console",
    "redirect_uri": f"{ISSUER}/console",
    "response_type": "code",
    "code_challenge": CHALLENGE,
    "code_challenge_method": "S256",
    "state": "a-state",
    "nonce": "a-nonce",
}
ADA = {"as": demo.subject(RoleName.CLINICIAN), "in": demo.ORGANIZATION}
REDEEMED = {
    "grant_type": "authorization_code",
    "client_id": "medilens-console",
    "redirect_uri": f"{ISSUER}/console",
    "code_verifier": VERIFIER,
}


@pytest.fixture
async def browser(issuer: Issuer) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(Server({}, issuer))
    async with httpx.AsyncClient(transport=transport, base_url=ISSUER) as client:
        yield client


async def told(browser: httpx.AsyncClient, **asked: str) -> dict[str, str]:
    """What the way back carries."""
    answer = await browser.get(f"/authorize?{urlencode({**ASKED, **asked})}")
    assert answer.status_code == 303, answer.text
    assert answer.headers["location"].startswith(f"{ISSUER}/console?")
    query = parse_qs(urlsplit(answer.headers["location"]).query)
    return {name: values[0] for name, values in query.items()}


class TestAuthorize:
    async def test_offers_everybody_of_the_demo(self, browser: httpx.AsyncClient) -> None:
        page = await browser.get(f"/authorize?{urlencode(ASKED)}")
        for _, subject, _ in nonempty(people()):
            assert f"as={subject}&" in page.text.replace("&amp;", "&")

    async def test_code_becomes_tokens(self, browser: httpx.AsyncClient, issuer: Issuer) -> None:
        back = await told(browser, **ADA)
        answer = await browser.post("/token", data={**REDEEMED, "code": back["code"]})

        tokens = answer.json()
        key = issuer.keys["RS256"].public_key()
        identity = jwt.decode(tokens["id_token"], key, ["RS256"], audience="medilens-console")
        access = jwt.decode(tokens["access_token"], key, ["RS256"])
        assert back["state"] == "a-state"
        assert identity["nonce"] == "a-nonce"
        assert identity["sub"] == access["sub"] == ADA["as"]
        assert access["o"]["id"] == demo.ORGANIZATION

    @pytest.mark.parametrize(
        "wrong",
        [
            {"client_id": "another"},
            {"redirect_uri": "https://elsewhere.test/console"},
            {"redirect_uri": f"{ISSUER}/console/../elsewhere"},
            {"response_type": "token"},
            {"code_challenge_method": "plain"},
            {"code_challenge": ""},
        ],
        ids=lambda wrong: next(iter(wrong)),
    )
    async def test_wrong_request_gets_no_code(
        self, browser: httpx.AsyncClient, wrong: dict[str, str]
    ) -> None:
        answer = await browser.get(f"/authorize?{urlencode({**ASKED, **ADA, **wrong})}")
        assert answer.status_code == 400
        assert "location" not in answer.headers

    async def test_name_that_was_sent_is_no_markup(self, browser: httpx.AsyncClient) -> None:
        markup = "<script>alert(1)</script>"
        for asked in ({**ASKED, "client_id": markup}, {**ASKED, "state": markup}):
            answer = await browser.get(f"/authorize?{urlencode(asked)}")
            assert "<script" not in answer.text


class TestToken:
    async def test_code_is_good_once(self, browser: httpx.AsyncClient) -> None:
        code = (await told(browser, **ADA))["code"]
        answers = [await browser.post("/token", data={**REDEEMED, "code": code}) for _ in range(2)]
        assert [answer.status_code for answer in answers] == [200, 400]

    async def test_code_without_its_verifier_is_refused(self, browser: httpx.AsyncClient) -> None:
        code = (await told(browser, **ADA))["code"]
        form = {**REDEEMED, "code": code, "code_verifier": "another"}
        answer = await browser.post("/token", data=form)
        assert answer.json() == {"error": "invalid_grant"}

    async def test_refresh_token_turns_over(self, browser: httpx.AsyncClient) -> None:
        code = (await told(browser, **ADA))["code"]
        first = (await browser.post("/token", data={**REDEEMED, "code": code})).json()
        form = {
            "grant_type": "refresh_token",
            "client_id": "medilens-console",
            "refresh_token": first["refresh_token"],
        }
        answers = [await browser.post("/token", data=form) for _ in range(2)]
        assert [answer.status_code for answer in answers] == [200, 400]
        assert answers[0].json()["refresh_token"] != first["refresh_token"]


class TestSession:
    async def test_browser_is_known_again(self, browser: httpx.AsyncClient) -> None:
        assert (await told(browser, prompt="none"))["error"] == "login_required"
        await told(browser, **ADA)
        assert "code" in await told(browser, prompt="none")

    async def test_signing_out_forgets_it(self, browser: httpx.AsyncClient) -> None:
        await told(browser, **ADA)
        await browser.get("/sign-out")
        assert (await told(browser, prompt="none"))["error"] == "login_required"
