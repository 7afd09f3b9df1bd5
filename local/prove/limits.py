"""Requests without end, from whoever is let in."""

import re
import time
from asyncio import gather
from dataclasses import replace
from http import HTTPStatus

import httpx

from local.prove.attacks import Finding, NotTried, attack, judged
from local.prove.stand import Stand
from shared.permissions import RoleName
from shared.settings import ServiceSettings, load

ME = "/api/accounts/me"
# A limit as answers tell of it: so many requests in a window of so many seconds.
QUOTA = re.compile(r"q=(\d+);w=(\d+)")
IMPATIENT = {"impatient": True}
AT_ONCE = 16
# More than a limit that is told lets through, as requests that are under way are not counted yet;
# where none is told, so many are sent.
SURPLUS = 300
LONGEST_S = 25.0
TOO_MANY = HTTPStatus.TOO_MANY_REQUESTS


@attack(
    41,
    "requests without end",
    expected="429 with the time to wait",
    rules=("ASVS 2.4.1", "API4:2023"),
)
async def requests_without_end(stand: Stand) -> Finding:
    """Ask many at a time, and wait for nothing, until the limit that answers tell of is passed."""
    client = stand.theirs.client(RoleName.RESEARCHER)
    limit_per_s, burst = await _limit_of(stand, client)
    started, sent, passed_s = time.monotonic(), 0, 0.0
    while sent - limit_per_s * passed_s < burst + SURPLUS:
        if passed_s > LONGEST_S:
            raise NotTried(f"It takes more than the {sent / passed_s:.0f} requests a second sent.")
        answers = await gather(*(client.get(ME, extensions=IMPATIENT) for _ in range(AT_ONCE)))
        refused = [answer for answer in answers if answer.status_code == TOO_MANY]
        if refused:
            finding = judged(refused[0], TOO_MANY)
            return replace(finding, held="Retry-After" in refused[0].headers)
        sent, passed_s = sent + AT_ONCE, time.monotonic() - started
    return Finding(held=False, sent=f"{sent} x GET {ME} in {passed_s:.0f} s", came_back="no 429")


async def _limit_of(stand: Stand, client: httpx.AsyncClient) -> tuple[float, int]:
    """Return the limit that an answer tells of, a second and at once; without one, there is none.

    Raises
    ------
    NotTried
        The settings, where they are this process's, say that there is none.
    """
    policy = QUOTA.search((await client.get(ME)).headers.get("RateLimit-Policy", ""))
    if policy:
        return int(policy[1]) / int(policy[2]), int(policy[1])
    if stand.databases and not load(ServiceSettings).rate_limit_burst:
        raise NotTried("Nothing limits requests here (MEDILENS_RATE_LIMIT_BURST).")
    return 0.0, 0
