"""Norms of an organization's own: fitted on its sessions over HTTP, and used by the next one."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID, uuid4, uuid5

import asyncpg
import pytest
from httpx import AsyncClient, Response

from functions.cognitive.service import VERSION
from local import demo
from local.samples import tasklog
from local.samples.tasklog_web_files import canonical_json
from shared.database import transaction
from shared.database.repositories import assessment_parts, assessments
from shared.permissions import Permission, RoleName
from shared.record import Examination
from tests.conftest import Clinic
from tests.factories.examinations import examination

NORMS = "/api/cognitive/site-norms"
FLANKER = {"biomarker": "flanker_effect", "mode": "web", "task_version": "2"}
NOW = datetime.now(UTC)
# What keeps a session out of the norms.
REASONS: tuple[dict[str, Any], ...] = (
    {"verdict": "questionable"},
    {"version": "1"},
    {"version": None},
    {"mode": "computer"},
    {"pipeline_version": "0.9.0"},
    {"without": ("age_years",)},
    {"without": ("education_years",)},
)


@dataclass(frozen=True)
class Person:
    id: UUID
    age_years: float
    sex: str
    education_years: float

    @property
    def fields(self) -> dict[str, str]:
        known = ("age_years", "sex", "education_years")
        return {"subject_id": str(self.id), **{name: str(getattr(self, name)) for name in known}}

    def expected_ms(self) -> float:
        """The law that the sessions of these tests follow."""
        return 30 + 0.6 * self.age_years + 8 * (self.sex == "male") - self.education_years


def people(n: int) -> Iterator[Person]:
    random = Random(n)
    for _ in range(n):
        yield Person(
            uuid4(),
            random.uniform(20, 80),
            random.choice(["female", "male"]),
            random.uniform(8, 18),
        )


async def enrolled(clinic: Clinic, superuser: asyncpg.Connection, n: int) -> list[Person]:
    """Add `n` people to the clinic."""
    organization = uuid5(demo.DEMO, clinic.identity)
    members = list(people(n))
    await superuser.executemany(
        "INSERT INTO users (id, organization_id) VALUES ($1, $2)",
        [(member.id, organization) for member in members],
    )
    return members


@dataclass(frozen=True)
class Flanker:
    """A flanker session as the function stores it."""

    person: Person
    value: float
    days_ago: float = 0
    verdict: str = "valid"
    version: str | None = "2"
    mode: str = "web"
    pipeline_version: str = VERSION
    without: tuple[str, ...] = ()

    def examination(self) -> Examination:
        known = ("age_years", "sex", "education_years")
        told = {name: getattr(self.person, name) for name in known if name not in self.without}
        task = {"version": self.version, "scores": {"flanker_effect": {"value": self.value}}}
        return examination(
            pipeline="cognitive",
            pipeline_version=self.pipeline_version,
            recorded_at=NOW - timedelta(days=self.days_ago),
            provenance={"parameters": {"mode": self.mode, **told}},
            result={"validity": {"verdict": self.verdict}, "task_scores": {"flanker": task}},
        )


async def store(clinic: Clinic, sessions: Iterable[Flanker]) -> UUID:
    """Store sessions at once, without the cost of posting them; return the last one's id."""
    created = None
    caller = clinic.caller(RoleName.CLINICIAN)
    async with transaction.begin(caller, Permission.CREATE_ASSESSMENT) as connection:
        for session in sessions:
            made = session.examination()
            created = await assessments.create_assessment(
                connection, made, subject_id=session.person.id
            )
            assert created is not None
            await assessment_parts.save_parts(connection, created, made)
    assert created is not None
    return created.id


def lawful(site: Iterable[Person]) -> list[Flanker]:
    """A session of each, near what the law says."""
    return [
        Flanker(person, person.expected_ms() + number % 7) for number, person in enumerate(site)
    ]


def scattered(site: Iterable[Person], days_ago: float) -> list[Flanker]:
    """A session of each, some milliseconds from what the law says."""
    random = Random(2)
    return [
        Flanker(person, person.expected_ms() + random.gauss(0, 10), days_ago) for person in site
    ]


async def sitting(client: AsyncClient, person: Person, slower_ms: float, seed: int) -> Response:
    """Post two tasks of version 2 that share a domain, so much slower than 300 and 450 ms."""
    tasks = [
        tasklog.simple_reaction(seed, median_ms=300 + slower_ms),
        tasklog.choice_reaction(seed, median_ms=450 + slower_ms),
    ]
    log = json.loads(canonical_json(tasks).content)
    for trial in log["trials"]:
        trial["task_version"] = "2"
    answer = await client.post(
        "/api/cognitive/analyze",
        files={"file": ("session.json", json.dumps(log).encode())},
        data=person.fields,
    )
    assert answer.status_code == 201, answer.text
    return answer


async def refusal(clinic: Clinic, wanted: dict[str, Any] | None = None) -> dict[str, Any]:
    async with clinic.client(RoleName.ADMIN) as client:
        answer = await client.post(NORMS, json=wanted or FLANKER)
    assert answer.status_code == 422
    body: dict[str, Any] = answer.json()
    return body


class TestFromSessionsToDomains:
    async def test_next_session_has_domains_with_intervals_and_the_norms_n(
        self, clinic: Clinic, auditor: asyncpg.Connection
    ) -> None:
        site = await enrolled(clinic, auditor, 52)
        random = Random(1)
        noise = [random.gauss(0, 10) for _ in site]
        newcomer, *_ = await enrolled(clinic, auditor, 1)
        async with clinic.client(RoleName.CLINICIAN) as client:
            for number, person in enumerate(site):
                before = await sitting(client, person, person.expected_ms() + noise[number], number)
        async with clinic.client(RoleName.ADMIN) as client:
            fitted = [
                (await client.post(NORMS, json={**FLANKER, "biomarker": name})).json()
                for name in ("simple_reaction_median", "choice_reaction_median")
            ]
            listed = (await client.get(NORMS)).json()["items"]
        async with clinic.client(RoleName.CLINICIAN) as client:
            # Twenty milliseconds slower than the law expects: about two SD worse.
            body = (await sitting(client, newcomer, newcomer.expected_ms() + 20, 99)).json()
        assert before.json()["result"]["processing_speed_z"] is None
        assert listed == fitted[::-1]
        assert [norm["sample_size"] for norm in fitted] == [52, 52]
        sd = fitted[0]["residual_sd"]
        assert sd == pytest.approx(10, rel=0.2)
        assert fitted[0]["coefficients"]["age"] == pytest.approx(6, abs=1.5)
        domain = body["result"]["domains"]["speed"]
        low, high = domain["interval_90"]
        assert body["result"]["processing_speed_z"] == domain["z"]
        assert low < domain["z"] < high
        assert domain["z"] == pytest.approx(-20 / sd, abs=0.8)
        assert [test["norm"] for test in domain["tests"]] == ["site norm, n = 52"] * 2
        assert body["provenance"]["parameters"]["site_norms"] == {
            norm["biomarker"]: norm["id"] for norm in fitted
        }


class TestCreateSiteNorm:
    async def test_one_session_a_person_counts_and_the_first(
        self, clinic: Clinic, auditor: asyncpg.Connection
    ) -> None:
        site = await enrolled(clinic, auditor, 50)
        first = scattered(site, days_ago=30)
        later = [replace(person, value=person.value - 500, days_ago=1) for person in first]
        await store(clinic, later)
        await store(clinic, first)
        async with clinic.client(RoleName.ADMIN) as client:
            body = (await client.post(NORMS, json=FLANKER)).json()
        assert body["sample_size"] == 50
        assert body["residual_sd"] < 20
        assert 0 < body["coefficients"]["intercept"] < 100

    async def test_sessions_that_do_not_qualify_are_left_out(
        self, clinic: Clinic, elsewhere: Clinic, auditor: asyncpg.Connection
    ) -> None:
        site = await enrolled(clinic, auditor, 57)
        await store(clinic, lawful(site[:49]))
        others = zip(site[49:56], REASONS, strict=True)
        await store(clinic, [Flanker(person, 60, **reason) for person, reason in others])
        deleted = await store(clinic, lawful(site[56:]))
        async with clinic.client(RoleName.ADMIN) as client:
            await client.delete(f"/api/records/assessments/{deleted}")
        await store(elsewhere, lawful(await enrolled(elsewhere, auditor, 3)))
        body = await refusal(clinic)
        assert body["code"] == "too-few-sessions"
        assert "Found 49 people" in body["detail"]

    async def test_people_all_alike_carry_no_norm(
        self, clinic: Clinic, auditor: asyncpg.Connection
    ) -> None:
        site = await enrolled(clinic, auditor, 50)
        alike = [replace(person, age_years=40, sex="male", education_years=12) for person in site]
        await store(clinic, lawful(alike))
        assert (await refusal(clinic))["code"] == "no-variety"

    @pytest.mark.parametrize(
        "wanted",
        [
            {**FLANKER, "biomarker": "flanker_median"},
            {**FLANKER, "biomarker": "heart_rate"},
            {**FLANKER, "biomarker": "fatigue_index"},
            {**FLANKER, "mode": "unknown"},
            {**FLANKER, "task_version": ""},
            {**FLANKER, "task_version": "x" * 33},
            {**FLANKER, "n": 50},
            {"mode": "web"},
        ],
    )
    async def test_impossible_wish_is_refused(self, clinic: Clinic, wanted: dict[str, Any]) -> None:
        assert (await refusal(clinic, wanted))["code"] == "invalid-request"

    async def test_fitting_is_audited_for_each_person_and_the_norm(
        self, clinic: Clinic, auditor: asyncpg.Connection
    ) -> None:
        site = await enrolled(clinic, auditor, 50)
        await store(clinic, lawful(site))
        async with clinic.client(RoleName.ADMIN) as client:
            answer = await client.post(NORMS, json=FLANKER)
        rows = await auditor.fetch(
            "SELECT action, resource_type, subject_id FROM audit_events WHERE request_id = $1",
            answer.headers["x-request-id"],
        )
        read = {row["subject_id"] for row in rows if row["action"] == "read"}
        assert read == {person.id for person in site}
        assert [row["resource_type"] for row in rows if row["action"] == "create"] == ["site_norms"]


@pytest.fixture
async def norm(clinic: Clinic, auditor: asyncpg.Connection) -> dict[str, Any]:
    """A norm of the clinic, written as the owner of the database would restore one."""
    key = uuid4()
    await auditor.execute(
        "INSERT INTO site_norms (id, organization_id, created_by, biomarker, task_version, mode,"
        " pipeline_version, sample_size, coefficients, inverse, residual_sd, age_min_years,"
        " age_max_years, age_center_years, education_center_years)"
        " VALUES ($1, $2, $3, 'flanker_effect', NULL, 'web', $4, 60, '[50, 0, 0, 0, 0]', $5,"
        " 20, 20, 60, 40, 12)",
        key,
        uuid5(demo.DEMO, clinic.identity),
        clinic.person_id(RoleName.ADMIN),
        VERSION,
        json.dumps([[0] * 5] * 5),
    )
    return {"id": str(key)}


class TestRights:
    async def test_only_an_admin_fits_and_everybody_of_the_organization_reads(
        self, clinic: Clinic, elsewhere: Clinic, norm: dict[str, Any]
    ) -> None:
        for role in clinic.roles:
            async with clinic.client(role) as client:
                created = await client.post(NORMS, json=FLANKER)
                listed = await client.get(NORMS)
            assert created.status_code == (422 if role is RoleName.ADMIN else 403), role
            assert [item["id"] for item in listed.json()["items"]] == [norm["id"]], role
        async with elsewhere.client(RoleName.ADMIN) as client:
            assert (await client.get(NORMS)).json()["items"] == []
        async with clinic.client(None) as client:
            assert (await client.get(NORMS)).status_code == 401

    async def test_patient_alone_is_judged_by_the_sites_norm_too(
        self, clinic: Clinic, elsewhere: Clinic, norm: dict[str, Any]
    ) -> None:
        used = []
        for item in (clinic, elsewhere):
            async with item.client(RoleName.PATIENT) as client:
                answer = await client.post(
                    "/api/cognitive/analyze",
                    files={"file": ("a.json", canonical_json([tasklog.flanker(1)]).content)},
                    data={"age_years": "40", "sex": "female", "education_years": "12"},
                )
            used.append(answer.json()["provenance"]["parameters"]["site_norms"])
        assert used == [{"flanker_effect": norm["id"]}, {}]

    async def test_norm_is_never_changed(
        self, auditor: asyncpg.Connection, norm: dict[str, Any]
    ) -> None:
        with pytest.raises(asyncpg.RaiseError, match="never changed"):
            await auditor.execute(
                "UPDATE site_norms SET sample_size = 99 WHERE id = $1", UUID(norm["id"])
            )


class TestRefusedBeforeAnalysis:
    async def test_who_may_not_analyze_is_refused_before_anything_is_computed(
        self, clinic: Clinic, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("functions.cognitive.decode.decode", None)
        async with clinic.client(RoleName.RESEARCHER) as client:
            answer = await client.post("/api/cognitive/analyze", files={"file": ("a.json", b"[]")})
        assert answer.status_code == 403
