"""What is concluded of a deployment that answers everybody alike: hardly ever that it holds."""

from collections.abc import Callable

import httpx
import jwt
import pytest

from local.prove.attacks import Attack, Needs, Outcome, every_attack, tried, try_attack
from local.prove.stand import Stand
from shared.permissions import RoleName

ID = "0199b0f4-5c10-7d4c-9b21-0a1f2e3d4c5b"
# What there is of everything, for whoever asks.
ANYTHING = {"id": ID, "upload_id": ID, "items": [{"id": ID}], "altered": [], "next_cursor": None}

type Answer = Callable[[httpx.Request], httpx.Response]


def attacks(*names: str) -> list[Attack]:
    """Attacks from outside: these, or all."""
    return [
        attack
        for attack in every_attack()
        if attack.needs is Needs.OUTSIDE and (not names or attack.name in names)
    ]


def token(organization: str, role: RoleName) -> str:
    claims = {"sub": f"user_{organization}_{role}", "o": {"id": organization}}
    return jwt.encode(claims, "a secret of thirty-two characters", headers={"kid": "known"})


def standing(answer: Answer) -> Stand:
    """An attacker before a deployment that answers so."""
    ours, theirs = ({role: token(name, role) for role in RoleName} for name in ("org_a", "org_b"))
    return Stand("http://test", transport=httpx.MockTransport(answer)).let_in(ours, theirs)


async def held(answer: Answer) -> set[str]:
    """The attacks that are said to have been withstood."""
    results = [result async for result in tried(standing(answer), attacks())]
    assert len(results) > 40
    return {result.attack.name for result in results if result.outcome is Outcome.HELD}


def says(status: int, body: object) -> Answer:
    return lambda _: httpx.Response(status, json=body)


async def test_who_gives_everybody_everything_withstands_nothing() -> None:
    """But for what nobody asked for by name is not given, and headers do not matter."""
    assert await held(says(200, ANYTHING)) == {
        *("records.names_for_research", "requests.spoofed_headers"),
    }


async def test_who_lets_nobody_in_withstands_only_those_who_are_not_to_be_let_in() -> None:
    """Tokens that have expired on the way prove nothing of what is behind them."""
    assert await held(says(401, {"code": "unauthenticated"})) == {
        *("roles.the_work_of_the_schedule", "requests.another_origin"),
    }


@pytest.mark.parametrize("status", [403, 500])
async def test_who_is_out_of_order_withstands_nothing(status: int) -> None:
    assert await held(lambda _: httpx.Response(status, text="<html>")) == set()


async def test_who_has_nothing_lacks_the_trail_too() -> None:
    assert await held(says(404, {"code": "not-found"})) == {"records.the_trail_over_http"}


async def test_attacks_that_need_a_key_of_the_issuer_are_not_tried() -> None:
    (attack,) = attacks("tokens.claims_of_others")
    result = await try_attack(standing(says(401, {})), attack)
    assert (result.outcome, result.sent) == (Outcome.NOT_TRIED, "")
    assert "issuer's own key" in result.came_back


async def test_name_that_comes_back_is_noticed() -> None:
    """A search for research that repeats whatever was written to it."""
    written: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        written.append(request.read().decode())
        return httpx.Response(200, json={**ANYTHING, "told": written})

    (attack,) = attacks("records.names_for_research")
    result = await try_attack(standing(answer), attack)
    assert (result.outcome, "with it" in result.came_back) == (Outcome.FAILED, True)


@pytest.mark.parametrize("name", ["X-Forwarded-For", "Cookie", "X-Organization-Id"])
async def test_header_that_is_believed_is_noticed(name: str) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json={"me": request.headers.get(name)})

    (attack,) = attacks("requests.spoofed_headers")
    result = await try_attack(standing(answer), attack)
    assert result.outcome is Outcome.FAILED
    assert result.sent.endswith(f", {name}")
