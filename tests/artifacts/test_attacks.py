"""What `medilens prove` tries from outside, on what is deployed to each cloud."""

from collections.abc import Callable

import httpx
from anyio.to_thread import run_sync

from local.prove.attacks import Needs, Outcome, every_attack, tried
from local.prove.stand import Stand
from tests.artifacts.conftest import FUNCTIONS, URL, Artifact, Start, every_cloud
from tests.conftest import Clinic
from tests.local.prove.conftest import tokens_of
from tests.nonempty import nonempty

SUBJECTS = {"tenants", "tokens", "roles", "records", "requests"}
# Tried on the tests' own server alone: every route and scope, which takes long, and an archive,
# which the bridges of these tests read as text.
TRIED_THERE = {
    *("roles.every_route_by_every_role", "roles.every_scope_of_a_key"),
    "records.an_export_of_one_person",
}


class Deployed(httpx.AsyncBaseTransport):
    """Brings a request to the function that its path names, as the gateway of a cloud does."""

    def __init__(self, start: Start, on: Callable[[str], Artifact]) -> None:
        self.start, self.on = start, on

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        await request.aread()
        name = request.url.path.split("/")[2]
        if name not in FUNCTIONS:
            return httpx.Response(404)
        answer = await run_sync(self.start(self.on(name)), request)
        return httpx.Response(answer.status, headers=answer.headers, content=answer.body)


@every_cloud
async def test_what_can_be_tried_from_outside_is_held(
    start: Start, on: Callable[[str], Artifact], clinic: Clinic, elsewhere: Clinic
) -> None:
    chosen = [
        attack
        for attack in every_attack()
        if attack.needs is Needs.OUTSIDE
        and attack.subject in SUBJECTS
        and attack.name not in TRIED_THERE
    ]
    stand = Stand(URL, transport=Deployed(start, on))
    async with stand.let_in(tokens_of(clinic), tokens_of(elsewhere)):
        results = nonempty([result async for result in tried(stand, chosen)])

    assert Outcome.HELD in {result.outcome for result in results}
    assert [
        (result.attack.name, result.came_back)
        for result in results
        if result.outcome is Outcome.FAILED
    ] == []
