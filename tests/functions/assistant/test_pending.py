"""Explanations that a model takes long for: 202, the template meanwhile, then the worker."""

import json
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import update
from sqlalchemy.exc import DBAPIError

from functions.assistant.budget import queries as budget
from functions.assistant.budget.queries import Reservation
from functions.assistant.explanations import queries
from local.prove.answering import NAME, http
from shared.database import transaction
from shared.http.worker import MAX_TRIES
from shared.permissions import Permission, RoleName
from tests.conftest import Addresses, Clinic
from tests.functions.assistant.desk import (
    LATER,
    Desk,
    Meanwhile,
    desk,
    from_any_loop,
    model,
    once_asked,
    queue,
    state,
)
from tests.functions.assistant.test_models import ASSESSMENTS, EXPLANATIONS, FREE, allow

__all__ = ["desk", "model", "queue"]  # the fixtures

BUSY = http({"error": "busy"}, "429 Too Many Requests")


class TestLater:
    async def test_202_has_the_templates_words_meanwhile(self, desk: Desk) -> None:
        template = (await desk.asked(engine="template")).json()
        answer = await desk.asked()
        first = answer.json()
        waiting = await desk.get(first["id"])
        assert answer.status_code == 202
        assert answer.headers["location"] == f"{EXPLANATIONS}/{first['id']}"
        assert answer.headers["preference-applied"] == "respond-async"
        assert answer.headers["retry-after"] == waiting.headers["retry-after"] == "2"
        assert state(first) == ("pending", "template", "awaited")
        assert first["sentences"] == template["sentences"]
        assert waiting.json() == first
        assert desk.model.asked == []
        assert (await desk.usage())[0] == 1

    async def test_the_worker_puts_a_models_words_in_their_place(self, desk: Desk) -> None:
        first = await desk.later()
        assert await desk.drain() == 1
        done, row = await desk.read(first["id"]), await desk.row(first["id"])
        assert state(done) == ("complete", "model", None)
        assert (done["model"], done["tokens_used"], done["is_free"]) == (NAME, 120, True)
        for name in ("facts", "facts_sha256", "created_at", "left_out"):
            assert done[name] == first[name], name
        assert done["sentences"] != first["sentences"]
        assert await desk.usage() == (1, 120)
        assert row is not None
        assert (row["pending_until"], row["reserved_tokens"]) == (None, None)
        assert row["explanation_text"].startswith("mle")

    async def test_message_tells_nothing_of_whom(self, desk: Desk) -> None:
        await desk.later()
        (record,) = desk.queue.receive()
        body = record["body"]
        assert json.loads(body).keys() == {"function", "caller", "explanation_id", "is_free"}
        for private in (str(desk.clinic.person_id(RoleName.PATIENT)), str(desk.assessment)):
            assert private not in body

    async def test_a_model_too_slow_for_a_request_is_asked_on(self, desk: Desk) -> None:
        """What the first question used is not known, so all that was reserved counts."""
        desk.set(assistant_timeout_s=0.1)
        desk.model.delay_s = 0.5
        answer = await desk.asked(headers={})
        assert (answer.status_code, answer.json()["status"]) == (202, "pending")
        assert "preference-applied" not in answer.headers
        await desk.drain()
        requests, tokens = await desk.usage()
        assert state(await desk.read(answer.json()["id"])) == ("complete", "model", None)
        assert requests == 2
        assert tokens > 120

    async def test_without_a_queue_the_template_is_the_answer(self, desk: Desk) -> None:
        desk.set(assistant_timeout_s=0.1, queue_url="")
        desk.model.delay_s = 0.5
        answer = await desk.asked()
        assert answer.status_code == 201
        assert "preference-applied" not in answer.headers
        assert state(answer.json()) == ("complete", "template", "timed-out")

    async def test_nothing_is_queued_where_no_model_may_be_asked(self, desk: Desk) -> None:
        await allow(desk.clinic, desk.auditor, are_explanations_allowed=False)
        answer = await desk.asked()
        assert answer.status_code == 201
        assert state(answer.json()) == ("complete", "template", "not-allowed")
        assert desk.queue.receive() == []

    async def test_queue_that_cannot_be_told_leaves_the_template_for_good(self, desk: Desk) -> None:
        desk.set(queue_url="http://127.0.0.1:9/queue")
        answer = await desk.asked()
        assert answer.status_code == 201
        assert state(answer.json()) == ("complete", "template", "not-queued")
        assert await desk.usage() == (0, 0)


@pytest.mark.parametrize("queue_url", [None, "http://127.0.0.1:9/queue"])
async def test_what_a_request_has_paid_for_is_stored(desk: Desk, queue_url: str | None) -> None:
    """The last request that the limit lets in: a model's answer, or that nobody was told."""
    desk.set(rate_limit_burst=2, rate_limit_per_s=0.001)
    if queue_url:
        desk.set(queue_url=queue_url)
    answer = await desk.asked(headers=LATER if queue_url else {})
    engine = "template" if queue_url else "model"
    assert (answer.status_code, answer.json()["engine"]) == (201, engine)
    refused = await desk.asked(headers={})
    assert refused.status_code == 429


async def _delete(desk: Desk) -> None:
    async with desk.clinic.client(RoleName.ADMIN) as client:
        assert (await client.delete(f"{ASSESSMENTS}/{desk.assessment}")).is_success


async def _withdraw(desk: Desk) -> None:
    patient = desk.clinic.person_id(RoleName.PATIENT)
    await desk.auditor.execute(
        "UPDATE consents SET withdrawn_at = now() WHERE user_id = $1", patient
    )


async def _forbid(desk: Desk) -> None:
    await allow(desk.clinic, desk.auditor, are_explanations_allowed=False)


async def _vanish(desk: Desk) -> None:
    await desk.auditor.execute(
        "DELETE FROM ai_explanations WHERE assessment_id = $1", desk.assessment
    )


def reserved_a_month_ago(patch: pytest.MonkeyPatch) -> None:
    """Let what a model is asked for have been reserved in the month before this one."""
    reserve = budget.reserve

    async def reserved(*told: Any) -> Reservation | str:
        made = await reserve(*told)
        if isinstance(made, str) or not made.tokens:
            return made
        return replace(made, reserved_at=made.reserved_at.replace(day=1) - timedelta(days=1))

    patch.setattr(budget, "reserve", reserved)


class TestWorker:
    async def test_delivered_twice_changes_nothing_and_asks_nobody_again(self, desk: Desk) -> None:
        key = (await desk.later())["id"]
        records = desk.queue.receive()
        assert await desk.work(records) == []
        before = await desk.row(key)
        desk.model.says({"sentences": [{"text": f"{FREE} {FREE}", "facts": ["F2"]}]})
        assert await desk.work(records) == []
        assert await desk.row(key) == before
        assert len(desk.model.asked) == 1
        assert await desk.usage() == (1, 120)

    @pytest.mark.parametrize(
        ("meanwhile", "status", "why"),
        [(_delete, 410, None), (Desk.let_lapse, 200, "given-up"), (_vanish, 404, None)],
    )
    async def test_of_what_is_gone_nothing_is_written(
        self, desk: Desk, meanwhile: Meanwhile, status: int, why: str | None
    ) -> None:
        key = (await desk.later())["id"]
        await meanwhile(desk)
        before = await desk.row(key)
        assert await desk.drain() == 1
        after, answer = await desk.row(key), await desk.get(key)
        assert desk.model.asked == []
        assert (after or {}).get("explanation_text") == (before or {}).get("explanation_text")
        assert (answer.status_code, answer.json().get("why_template")) == (status, why)

    @pytest.mark.parametrize(
        ("meanwhile", "why"), [(_withdraw, "no-consent"), (_forbid, "not-allowed")]
    )
    async def test_leave_and_consent_are_asked_for_anew(
        self, desk: Desk, meanwhile: Meanwhile, why: str
    ) -> None:
        key = (await desk.later())["id"]
        await meanwhile(desk)
        assert await desk.drain() == 1
        assert state(await desk.read(key)) == ("complete", "template", why)
        assert desk.model.asked == []
        assert await desk.usage() == (0, 0)

    @pytest.mark.parametrize("headers", [LATER, {}], ids=["later", "at once"])
    @pytest.mark.parametrize(
        ("meanwhile", "why"), [(_withdraw, "no-consent"), (_forbid, "not-allowed")]
    )
    async def test_leave_or_consent_taken_back_while_a_model_is_asked(
        self,
        desk: Desk,
        configured: Addresses,
        meanwhile: Meanwhile,
        why: str,
        headers: dict[str, str],
    ) -> None:
        once_asked(desk.patch, partial(from_any_loop, meanwhile, desk, configured.superuser))
        key = (await desk.asked(headers=headers)).json()["id"]
        await desk.drain()
        assert len(desk.model.asked) == 1
        assert state(await desk.read(key)) == ("complete", "template", why)
        assert await desk.usage() == (1, 120)

    async def test_what_an_ended_month_lacks_is_given_back_to_that_month(self, desk: Desk) -> None:
        key = (await desk.later())["id"]
        await desk.end_month()
        await _withdraw(desk)
        await desk.drain()
        assert state(await desk.read(key)) == ("complete", "template", "no-consent")
        assert await desk.usage(months_ago=1) == await desk.usage() == (0, 0)

    @pytest.mark.parametrize("headers", [LATER, {}], ids=["later", "at once"])
    async def test_a_month_that_ends_while_a_model_is_asked(
        self, desk: Desk, configured: Addresses, headers: dict[str, str]
    ) -> None:
        """What was used counts in the month that it was reserved in."""
        reserved_a_month_ago(desk.patch)
        once_asked(desk.patch, partial(from_any_loop, Desk.end_month, desk, configured.superuser))
        await desk.asked(headers=headers)
        await desk.drain()
        assert await desk.usage(months_ago=1) == (1, 120)
        assert await desk.usage() == (0, 0)

    async def test_tried_in_vain_the_template_stays_and_says_why(self, desk: Desk) -> None:
        desk.model.answers = [BUSY]
        first = await desk.later()
        for tried in range(1, MAX_TRIES + 1):
            assert (await desk.read(first["id"]))["status"] == "pending"
            assert len(await desk.work()) == 1
            assert len(desk.model.asked) == tried
        assert desk.queue.receive() == []
        done = await desk.read(first["id"])
        assert state(done) == ("complete", "template", "refused")
        assert done["sentences"] == first["sentences"]
        assert (await desk.usage())[0] == MAX_TRIES

    async def test_mended_endpoint_answers_the_next_try(self, desk: Desk) -> None:
        well, desk.model.answers = desk.model.answers, [BUSY]
        key = (await desk.later())["id"]
        await desk.work()
        desk.model.answers = well
        await desk.drain()
        assert (await desk.read(key))["engine"] == "model"

    async def test_a_caller_who_lost_their_role_asks_nobody(self, desk: Desk) -> None:
        key = (await desk.later())["id"]
        await desk.auditor.execute(
            "UPDATE user_roles SET revoked_at = now() WHERE user_id = $1",
            desk.clinic.person_id(RoleName.CLINICIAN),
        )
        assert await desk.work() == []
        assert desk.model.asked == []
        assert (await desk.row(key) or {})["pending_until"] is not None

    async def test_rubbish_ends_in_the_template_at_the_first_try(self, desk: Desk) -> None:
        desk.model.says("<html>")
        key = (await desk.later())["id"]
        assert await desk.drain() == 1
        assert state(await desk.read(key)) == ("complete", "template", "malformed")

    async def test_what_a_killed_worker_reserved_stays_counted(self, desk: Desk) -> None:
        """What its question used nobody knows; the next one reserves anew."""
        key = (await desk.later())["id"]
        _, reserved = await desk.usage()
        await desk.kill_worker()
        assert await desk.usage() == (1, reserved)
        await desk.lease(0)
        await desk.drain()
        assert (await desk.read(key))["engine"] == "model"
        assert await desk.usage() == (2, reserved + 120)

    @pytest.mark.parametrize("role", [RoleName.CLINICIAN, RoleName.RESEARCHER])
    async def test_a_forged_caller_reaches_nothing(
        self, desk: Desk, elsewhere: Clinic, role: RoleName
    ) -> None:
        """One of another organization, and one of a role that may not."""
        first = await desk.later()
        (record,) = desk.queue.receive()
        message = json.loads(record["body"])
        home = elsewhere if role is RoleName.CLINICIAN else desk.clinic
        forged = home.caller(role)
        message["caller"] |= {"subject": forged.subject, "organization": forged.organization}
        await desk.work([record | {"body": json.dumps(message)}])
        assert desk.model.asked == []
        assert await desk.read(first["id"]) == first


async def test_the_database_keeps_what_was_said(desk: Desk) -> None:
    """Whatever a function does: only what is pending is written over."""
    table, caller = queries.EXPLANATIONS, desk.clinic.caller(RoleName.CLINICIAN)
    said = (await desk.asked(engine="template")).json()
    written = update(table).where(table.c.id == UUID(said["id"])).values(explanation_text="")
    with pytest.raises(DBAPIError, match="never changed that way"):
        async with transaction.begin(caller, Permission.CHAT) as connection:
            await connection.execute(written)
