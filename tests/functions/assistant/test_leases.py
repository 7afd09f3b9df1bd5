"""What a worker holds while it asks a model, and what comes back of what none ever took up."""

import asyncio
from datetime import datetime
from functools import partial
from uuid import UUID

from functions.assistant.explanations import queries
from functions.assistant.explanations.queries import Leased
from functions.maintenance.service import Job, run
from shared.aws import queue as aws_queue
from shared.aws.queue import Message
from shared.database import transaction
from shared.errors import Unavailable
from shared.http.worker import MAX_TRIES
from shared.permissions import Permission, RoleName
from tests.conftest import Addresses, Clinic
from tests.functions.assistant.desk import (
    Desk,
    desk,
    from_any_loop,
    model,
    once_asked,
    queue,
    state,
)
from tests.functions.assistant.test_models import usage

__all__ = ["desk", "model", "queue"]  # the fixtures

STILL_PENDING = (
    "UPDATE ai_explanations SET pending_until = now() + interval '1 day'"
    " WHERE assessment_id = $1 AND created_at > date_trunc('month', now())"
)
USED_ELSEWHERE = (
    "INSERT INTO medilens.model_usage (organization_id, month, requests, tokens)"
    " SELECT organization_id, date_trunc('month', now() AT TIME ZONE 'UTC'), 1, 500"
    " FROM users WHERE id = $1"
)


class TestLease:
    """Of the deliveries of one message one asks, and the others come again."""

    async def test_a_killed_workers_message_waits_for_its_lease(self, desk: Desk) -> None:
        key = (await desk.later())["id"]
        await desk.kill_worker()
        before = await desk.usage()
        assert len(await desk.work()) == 1
        assert desk.model.asked == []
        assert await desk.usage() == before
        assert (await desk.read(key))["status"] == "pending"

    async def test_delivered_again_while_a_model_is_asked(self, desk: Desk) -> None:
        """The second worker asks nobody, and its message comes again."""
        key = (await desk.later())["id"]
        records = desk.queue.receive()
        again = once_asked(desk.patch, partial(desk.work, records))
        assert await desk.work(records) == []
        assert again == [[records[0]["messageId"]]]
        assert len(desk.model.asked) == 1
        assert state(await desk.read(key)) == ("complete", "model", None)
        assert await desk.usage() == (1, 120)

    async def test_taken_over_by_another_its_words_are_not_kept(
        self, desk: Desk, configured: Addresses
    ) -> None:
        """They were paid for; what is said for good is for whoever holds the lease."""
        lease = partial(Desk.lease, lasts_s=60)
        once_asked(desk.patch, partial(from_any_loop, lease, desk, configured.superuser))
        key = (await desk.later())["id"]
        assert await desk.drain() == 1
        assert state(await desk.read(key)) == ("pending", "template", "awaited")
        assert await desk.usage() == (1, 120)

    async def test_given_up_while_another_asks_it_stays_pending(self, desk: Desk) -> None:
        key = (await desk.later())["id"]
        await desk.lease(60)
        for _ in range(MAX_TRIES):
            assert len(await desk.work()) == 1
        assert desk.queue.receive() == []
        assert (await desk.read(key))["status"] == "pending"

    async def test_queue_that_fails_once_a_worker_has_begun(
        self, desk: Desk, configured: Addresses
    ) -> None:
        """Its answer is lost: the explanation is the worker's, and the caller waits for that."""
        lease = partial(Desk.lease, lasts_s=60)

        def sent(_: Message) -> None:
            asyncio.run(from_any_loop(lease, desk, configured.superuser))
            raise Unavailable("The queue does not answer.")

        desk.patch.setattr(aws_queue, "send", sent)
        answer = await desk.asked()
        assert answer.status_code == 202
        assert state(answer.json()) == ("pending", "template", "awaited")

    async def test_two_claims_at_once(self, desk: Desk) -> None:
        key, caller = UUID((await desk.later())["id"]), desk.clinic.caller(RoleName.CLINICIAN)

        async def claim() -> datetime | None:
            async with transaction.begin(caller, Permission.CHAT) as connection:
                return await queries.claim(connection, key)

        outcomes = await asyncio.gather(claim(), claim(), return_exceptions=True)
        assert {type(outcome) for outcome in outcomes} == {datetime, Leased}


class TestUpkeep:
    """Of what no worker took up in its time the month's budget gets back what it lacks."""

    async def test_what_was_never_taken_up_is_given_back_once(self, desk: Desk) -> None:
        first = await desk.later()
        await desk.let_lapse()
        for _ in range(2):
            await run(Job.ANALYSES)
            assert await desk.usage() == (0, 0)
        read = await desk.read(first["id"])
        assert state(read) == ("complete", "template", "given-up")
        assert read["sentences"] == first["sentences"]
        assert await desk.drain() == 1
        assert await desk.usage() == (0, 0)

    async def test_is_given_back_to_the_month_that_lacks_it(self, desk: Desk) -> None:
        await desk.later()
        await desk.end_month()
        await desk.later()
        counted = await desk.usage()
        await desk.let_lapse()
        await desk.auditor.execute(STILL_PENDING, desk.assessment)
        await run(Job.ANALYSES)
        assert await desk.usage(months_ago=1) == (0, 0)
        assert await desk.usage() == counted != (0, 0)

    async def test_what_a_worker_took_up_stays_counted(self, desk: Desk) -> None:
        await desk.later()
        await desk.kill_worker()
        counted = await desk.usage()
        await desk.let_lapse()
        await run(Job.ANALYSES)
        assert await desk.usage() == counted != (0, 0)

    async def test_another_organizations_budget_is_left_alone(
        self, desk: Desk, elsewhere: Clinic
    ) -> None:
        patient = elsewhere.person_id(RoleName.PATIENT)
        await desk.auditor.execute(USED_ELSEWHERE, patient)
        await desk.later()
        await desk.let_lapse()
        await run(Job.ANALYSES)
        assert await usage(elsewhere, desk.auditor) == (1, 500)
