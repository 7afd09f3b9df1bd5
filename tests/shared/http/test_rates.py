"""Who asks too often is told when to ask again, and nobody else is slowed."""

import asyncio
from datetime import timedelta

import asyncpg
import pytest

from local import demo
from shared import rates, settings
from shared.database import transaction
from shared.http import worker
from shared.permissions import Permission, RoleName
from tests.conftest import Clinic
from tests.nonempty import nonempty
from tests.round_trips import RoundTripProxy
from tests.shared.conftest import Reconfigure

LIST = "/api/records/assessments"
BUCKETS = "SELECT tokens FROM medilens.rate_buckets WHERE key = $1"


@pytest.fixture
def limited(reconfigure: Reconfigure) -> None:
    """Three at once, and one more in twenty seconds."""
    reconfigure(rate_limit_burst="3", rate_limit_per_s="0.05")


@pytest.mark.usefixtures("limited")
class TestLimit:
    async def test_who_asks_too_often_is_told_when_to_ask_again(self, clinic: Clinic) -> None:
        async with clinic.client(RoleName.CLINICIAN) as client:
            answers = [await client.get(LIST) for _ in range(4)]
        *good, refused = answers
        assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
        left = [answer.headers["ratelimit"] for answer in good]
        assert left == [f'"person";r={number};t=20' for number in (2, 1, 0)]
        assert good[0].headers["ratelimit-policy"] == '"person";q=3;w=60'
        assert refused.json()["code"] == "too-many-requests"
        assert 1 <= int(refused.headers["retry-after"]) <= 20

    async def test_everybody_has_a_bucket_of_their_own(
        self, clinic: Clinic, elsewhere: Clinic
    ) -> None:
        async with clinic.client(RoleName.CLINICIAN) as client:
            assert [(await client.get(LIST)).status_code for _ in range(4)][-1] == 429
        for other, role in ((clinic, RoleName.ADMIN), (elsewhere, RoleName.CLINICIAN)):
            async with other.client(role) as client:
                assert (await client.get(LIST)).status_code == 200

    async def test_it_fills_up_again(self, clinic: Clinic, reconfigure: Reconfigure) -> None:
        reconfigure(rate_limit_burst="3", rate_limit_per_s="5")
        async with clinic.client(RoleName.CLINICIAN) as client:
            while (await client.get(LIST)).status_code == 200:
                pass
            await asyncio.sleep(0.5)
            assert (await client.get(LIST)).status_code == 200

    async def test_a_refusal_is_paid_too(self, clinic: Clinic) -> None:
        restore = f"{LIST}/{clinic.person_id(RoleName.ADMIN)}/restore"
        async with clinic.client(RoleName.PATIENT) as client:
            statuses = [(await client.post(restore)).status_code for _ in range(5)]
        assert statuses == [403, 403, 403, 429, 429]

    async def test_so_is_one_whose_token_is_not_taken_any_more(
        self, clinic: Clinic, auditor: asyncpg.Connection
    ) -> None:
        subject = demo.subject(RoleName.CLINICIAN, clinic.identity)
        for name in nonempty((subject, "user_stranger")):
            token = clinic.issuer.issue(name, clinic.identity, ttl=timedelta(minutes=-1))
            headers = {"Authorization": f"Bearer {token}"}
            async with clinic.client(None) as client:
                answers = [await client.get(LIST, headers=headers) for _ in range(5)]
            assert [answer.status_code for answer in answers] == [401, 401, 401, 429, 429], name
        rows = await auditor.fetchval(
            "SELECT count(*) FROM audit_events e JOIN organizations o ON o.id = e.organization_id"
            " WHERE o.identity_organization = $1 AND outcome = 'denied'",
            clinic.identity,
        )
        assert rows == 6

    async def test_so_is_a_conflict(self, clinic: Clinic) -> None:
        """Whoever asks whether somebody is known here asks no more often than others."""
        new = {"last_name": "Byron", "date_of_birth": "1975-12-10"}
        async with clinic.client(RoleName.CLINICIAN) as client:
            answers = [await client.post("/api/accounts/patients", json=new) for _ in range(4)]
        assert [answer.status_code for answer in answers] == [201, 409, 409, 429]

    async def test_what_fails_is_paid_too(
        self, clinic: Clinic, auditor: asyncpg.Connection
    ) -> None:
        rates.begin_request()
        caller = clinic.caller(RoleName.CLINICIAN)
        with pytest.raises(RuntimeError):
            async with transaction.begin(caller, Permission.VIEW_ASSESSMENTS):
                raise RuntimeError
        key = f"person|{clinic.person_id(RoleName.CLINICIAN)}"
        assert await auditor.fetchval(BUCKETS, key) == 2
        async with transaction.begin(caller, Permission.VIEW_ASSESSMENTS):
            pass
        assert 1 <= await auditor.fetchval(BUCKETS, key) < 1.5

    async def test_work_that_nobody_waits_for_has_no_limit(self, clinic: Clinic) -> None:
        for _ in range(5):
            async with transaction.begin(
                clinic.caller(RoleName.CLINICIAN), Permission.VIEW_ASSESSMENTS
            ):
                assert rates.current() is None


class TestRoundTrips:
    async def test_a_limit_costs_none(
        self, clinic: Clinic, configured: object, reconfigure: Reconfigure
    ) -> None:
        counted = []
        async with RoundTripProxy(configured.app) as proxy:  # type: ignore[attr-defined]
            for burst in ("0", "50"):
                reconfigure(database_url=proxy.url, rate_limit_burst=burst)
                async with clinic.client(RoleName.CLINICIAN) as client:
                    for _ in range(2):
                        proxy.take()
                        assert (await client.get(LIST)).status_code == 200
                counted.append(proxy.take().round_trips)
        assert counted[0] == counted[1] > 0


@pytest.mark.usefixtures("configured")
class TestWorker:
    def test_a_worker_counts_nothing_though_a_request_has_woken_it(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The laptop's queue delivers in the context of the request that sent the message."""
        standings: list[object] = []

        async def work(*_: object) -> None:
            standings.append(rates.current())

        monkeypatch.setattr(worker, "_work", work)
        monkeypatch.setenv("MEDILENS_RATE_LIMIT_BURST", "3")
        settings.load.cache_clear()
        assert rates.begin_request() is not None
        handler = worker.queue_handler(None)  # type: ignore[arg-type]  # never called
        handler({"Records": [{"messageId": "1"}]}, None)
        assert standings == [None]
