"""Many open clients on few server connections, and what happens when there are too many.

Every open connection is a warm function's, as the pooler sees it; requests go through the
functions' own application, each over the connection that has rested longest. Load and database
share this machine, so the rates are the machine's; that nothing fails and nobody sees another's
rows is ours.
"""

import asyncio
import os
import random
import resource
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from http import HTTPStatus
from statistics import quantiles
from typing import Any

from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import AsyncAdaptedQueuePool

from bench.asgi import Answer, Request, app_of
from bench.competitors import NULLPOOL
from bench.data import PEOPLE_PER_ORGANIZATION, Person
from bench.session import SERVER_CONNECTIONS, Session, pooled_url
from bench.subjects import BIOMARKER, HISTORY_DAYS, LISTED, configured
from shared.database import address, engine

OPENED_AT_ONCE = 50
IN_FLIGHT = 50
SPARE_FILES = 1_000
# Every so many requests ask for somebody of another organization, and must be told of nobody.
FOREIGN_EVERY = 5
# Ten thousand handshakes on one machine take their time.
PATIENCE_S = 120


@dataclass(frozen=True)
class Latency:
    """In milliseconds."""

    p50: float
    p95: float
    p99: float
    longest: float

    @classmethod
    def of(cls, samples_s: list[float]) -> "Latency":
        cuts = quantiles(samples_s, n=100)
        p50, p95, p99 = (1000 * cuts[at - 1] for at in (50, 95, 99))
        return cls(p50, p95, p99, 1000 * max(samples_s))


@dataclass(frozen=True)
class Load:
    """What came of one load."""

    requests: int
    errors: int
    foreign_rows: int
    rows: int
    seconds: float
    latency: Latency

    @property
    def rate(self) -> float:
        return self.requests / self.seconds


@dataclass(frozen=True)
class Tenant:
    """An organization's clinician, signed in, and the people who are theirs to see."""

    number: int
    headers: dict[str, str]
    people: frozenset[str]
    foreigner: str


def tenants(here: Session) -> list[Tenant]:
    last = Person(here.people).organization_number
    return [
        Tenant(
            number,
            here.headers(Person(number * PEOPLE_PER_ORGANIZATION + 1)),
            frozenset(str(Person(n).id) for n in _people_of(number)),
            str(Person(((number + 1) % (last + 1)) * PEOPLE_PER_ORGANIZATION + 1).id),
        )
        for number in range(last + 1)
    ]


def _people_of(organization: int) -> range:
    first = organization * PEOPLE_PER_ORGANIZATION + 1
    return range(first, first + PEOPLE_PER_ORGANIZATION)


def many_clients(here: Session, *, clients: int, rate: int, seconds: float) -> Mapping[str, Any]:
    """Open the clients, send a steady load over them, then as much as goes through."""
    _allow_files(2 * clients + SPARE_FILES)
    pooler = here.pooler(max_client_conn=clients + 100)
    if pooler is None:
        return {}
    with configured({"MEDILENS_DATABASE_URL": pooled_url(pooler)}):
        load = asyncio.run(_many_clients(here, clients, rate, seconds))
    pooler.stop()
    return {"clients": clients, "server_connections": SERVER_CONNECTIONS, **load}


def _allow_files(wanted: int) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(wanted, hard), hard))


async def _many_clients(
    here: Session, clients: int, rate: int, seconds: float
) -> Mapping[str, Any]:
    many = _engine_of(clients)
    # The functions of this loop use it in place of the one that they would make.
    engine._engines[asyncio.get_running_loop()] = many  # noqa: SLF001  # the bench's business
    started = time.perf_counter()
    await _open_all(many, clients)
    opened_s = time.perf_counter() - started
    ask = _asking(tenants(here))
    steady = await _steadily(ask, rate, seconds)
    full = await _without_a_pause(ask, seconds)
    await many.dispose()
    return {
        "opened_s": opened_s,
        "steady_rate": rate,
        "steady": asdict(steady) | {"rate": steady.rate},
        "full": asdict(full) | {"rate": full.rate},
    }


def _engine_of(clients: int) -> AsyncEngine:
    """The functions' engine, with as many connections as there are clients."""
    url, options = address.connect_options(os.environ["MEDILENS_DATABASE_URL"])
    return create_async_engine(
        url,
        connect_args={**options, "timeout": PATIENCE_S, "command_timeout": PATIENCE_S},
        isolation_level="AUTOCOMMIT",
        poolclass=AsyncAdaptedQueuePool,
        pool_size=clients,
        max_overflow=0,
        pool_timeout=PATIENCE_S,
    )


async def _open_all(engine: AsyncEngine, clients: int) -> None:
    gate = asyncio.Semaphore(OPENED_AT_ONCE)

    async def opened() -> Any:
        async with gate:
            return await engine.connect()

    connections = await asyncio.gather(*(opened() for _ in range(clients)))
    for connection in connections:
        await connection.close()


# How long it took, whether it failed, its rows, and those of other organizations.
type Asked = tuple[float, bool, int, int]
type Ask = Callable[[], Awaitable[Asked]]


def _asking(known: list[Tenant]) -> Ask:
    """Return what sends one request, as somebody of any organization."""
    app, chosen = app_of("records"), random.Random(1)

    async def ask() -> Asked:
        tenant = chosen.choice(known)
        foreign = len(known) > 1 and chosen.randrange(FOREIGN_EVERY) == 0
        request = _history(tenant) if foreign else _list(tenant)
        started = time.perf_counter()
        answer = await request.to(app)
        return time.perf_counter() - started, *judged(answer, tenant, foreign=foreign)

    return ask


def judged(answer: Answer, tenant: Tenant, *, foreign: bool) -> tuple[bool, int, int]:
    """Say whether it is a wrong one, how many rows it has, and how many of other organizations."""
    expected = HTTPStatus.NOT_FOUND if foreign else HTTPStatus.OK
    rows = list(_people_in(answer)) if answer.status == HTTPStatus.OK else []
    return answer.status != expected, len(rows), sum(person not in tenant.people for person in rows)


def _list(tenant: Tenant) -> Request:
    return Request("GET", "/api/records/assessments", {"limit": LISTED}, tenant.headers)


def _history(tenant: Tenant) -> Request:
    """Ask for somebody of another organization."""
    path = f"/api/records/biomarkers/{BIOMARKER}/history"
    query = {"days": HISTORY_DAYS, "subject_id": tenant.foreigner}
    return Request("GET", path, query, tenant.headers)


def _people_in(answer: Answer) -> Iterator[str]:
    """Whose each row of the answer is."""
    body = answer.json
    if "items" in body:
        yield from (item["subject_id"] for item in body["items"])
    else:
        yield from (body["subject_id"] for _ in body["points"])


async def _steadily(ask: Ask, rate: int, seconds: float) -> Load:
    """Begin a request at every tick, whether or not the ones before are answered."""
    running = []
    started = time.perf_counter()
    for number in range(round(rate * seconds)):
        await asyncio.sleep(max(0, started + number / rate - time.perf_counter()))
        running.append(asyncio.ensure_future(ask()))
    return _load(await asyncio.gather(*running), time.perf_counter() - started)


async def _without_a_pause(ask: Ask, seconds: float) -> Load:
    """Keep so many requests in flight, and take what throughput comes of it."""
    answers: list[Asked] = []
    started = time.perf_counter()

    async def go() -> None:
        while time.perf_counter() - started < seconds:
            answers.append(await ask())

    await asyncio.gather(*(go() for _ in range(IN_FLIGHT)))
    return _load(answers, time.perf_counter() - started)


def _load(answers: list[Asked], seconds: float) -> Load:
    return Load(
        requests=len(answers),
        errors=sum(failed for _, failed, _, _ in answers),
        rows=sum(rows for _, _, rows, _ in answers),
        foreign_rows=sum(foreign for _, _, _, foreign in answers),
        seconds=seconds,
        latency=Latency.of([elapsed_s for elapsed_s, _, _, _ in answers]),
    )


def overload(here: Session, *, requests: int, seats: int) -> Mapping[str, Any]:
    """Send far more at once than the pooler has seats for, then one by one again."""
    pooler = here.pooler(max_client_conn=seats)
    if pooler is None:
        return {}
    with configured({"MEDILENS_DATABASE_URL": pooled_url(pooler), **NULLPOOL}):
        load = asyncio.run(_overload(tenants(here)[0], requests))
    pooler.stop()
    return {"requests": requests, "seats": seats, **load}


async def _overload(tenant: Tenant, requests: int) -> Mapping[str, Any]:
    app = app_of("records")

    async def timed() -> tuple[Answer, float]:
        started = time.perf_counter()
        return await _list(tenant).to(app), time.perf_counter() - started

    answers = await asyncio.gather(*(timed() for _ in range(requests)))
    ended = time.perf_counter()
    while (await timed())[0].status != 200:
        pass
    recovered_s = time.perf_counter() - ended
    refused = [(answer, elapsed_s) for answer, elapsed_s in answers if answer.status == 503]
    return {
        "statuses": dict(Counter(str(answer.status) for answer, _ in answers)),
        "with_retry_after": sum(b"retry-after" in answer.headers for answer, _ in refused),
        "refused": asdict(Latency.of([s for _, s in refused])) if len(refused) > 1 else None,
        "recovered_ms": 1000 * recovered_s,
    }
