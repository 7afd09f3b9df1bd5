"""Explanations that a model takes long for: 202, the template meanwhile, then the worker."""

import json
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

import asyncpg
import httpx
import pytest
from sqlalchemy import update
from sqlalchemy.exc import DBAPIError

from functions.assistant import worker
from functions.assistant.explanations import queries
from local.prove.answering import NAME, FakeModel, http
from shared import settings
from shared.database import transaction
from shared.http.worker import MAX_TRIES
from shared.permissions import Permission, RoleName
from tests.conftest import Clinic
from tests.factories.examinations import stored
from tests.functions.assistant.test_models import (
    ASSESSMENTS,
    EXPLANATIONS,
    FREE,
    allow,
    consent,
    model,
    usage,
)
from tests.shared.examination.test_deferred import drain, queue, work
from tests.sqs import Queue

__all__ = ["model", "queue"]  # the fixtures

LATER = {"Prefer": "respond-async"}
ROW = (
    "SELECT explanation_text, pending_until, reserved_tokens, model_used, is_free"
    " FROM ai_explanations WHERE id = $1"
)
BUSY = http({"error": "busy"}, "429 Too Many Requests")


async def asked(
    clinic: Clinic,
    key: UUID,
    role: RoleName = RoleName.CLINICIAN,
    headers: dict[str, str] = LATER,
    **wanted: Any,
) -> httpx.Response:
    async with clinic.client(role) as client:
        wanted = {"assessment_id": str(key), **wanted}
        return await client.post(EXPLANATIONS, json=wanted, headers=headers)


async def read(
    clinic: Clinic, key: str, role: RoleName = RoleName.CLINICIAN
) -> tuple[int, dict[str, Any]]:
    async with clinic.client(role) as client:
        answer = await client.get(f"{EXPLANATIONS}/{key}")
        return answer.status_code, answer.json()


def texts(told: dict[str, Any]) -> list[str]:
    return [sentence["text"] for sentence in told["sentences"]]


@pytest.fixture
async def assessment(clinic: Clinic, auditor: asyncpg.Connection) -> UUID:
    """One that a model may explain."""
    await allow(clinic, auditor)
    await consent(clinic, auditor)
    return await stored(clinic)


class TestLater:
    @pytest.mark.usefixtures("queue")
    async def test_202_has_the_templates_words_meanwhile(
        self,
        clinic: Clinic,
        auditor: asyncpg.Connection,
        model: FakeModel,
        assessment: UUID,
    ) -> None:
        template = (await asked(clinic, assessment, engine="template")).json()
        answer = await asked(clinic, assessment)
        first = answer.json()
        place = f"{EXPLANATIONS}/{first['id']}"
        async with clinic.client(RoleName.CLINICIAN) as client:
            waiting = await client.get(place)
        assert (answer.status_code, answer.headers["location"]) == (202, place)
        assert answer.headers["preference-applied"] == "respond-async"
        assert answer.headers["retry-after"] == waiting.headers["retry-after"] == "2"
        assert (first["status"], first["why_template"], first["engine"]) == (
            *("pending", "awaited"),
            "template",
        )
        assert first["sentences"] == template["sentences"]
        assert waiting.json() == first
        assert model.asked == []
        assert (await usage(clinic, auditor) or (0, 0))[0] == 1

    @pytest.mark.usefixtures("model")
    async def test_the_worker_puts_a_models_words_in_their_place(
        self, clinic: Clinic, auditor: asyncpg.Connection, queue: Queue, assessment: UUID
    ) -> None:
        first = (await asked(clinic, assessment)).json()
        assert await drain(queue, worker.handler) == 1
        status, done = await read(clinic, first["id"])
        assert (status, done["status"], done["engine"], done["model"]) == (
            *(200, "complete"),
            *("model", NAME),
        )
        assert done["facts"] == first["facts"]
        assert done["facts_sha256"] == first["facts_sha256"]
        assert texts(done) != texts(first)
        assert (done["is_free"], done["tokens_used"]) == (True, 120)
        assert await usage(clinic, auditor) == (1, 120)
        row = await auditor.fetchrow(ROW, UUID(first["id"]))
        assert row is not None
        assert (row["pending_until"], row["reserved_tokens"]) == (None, None)
        assert row["explanation_text"].startswith("mle")

    @pytest.mark.usefixtures("model")
    async def test_message_tells_nothing_of_whom(
        self, clinic: Clinic, queue: Queue, assessment: UUID
    ) -> None:
        await asked(clinic, assessment)
        (record,) = queue.receive()
        message = json.loads(record["body"])
        assert message.keys() == {"function", "caller", "explanation_id", "is_free"}
        for private in (str(clinic.person_id(RoleName.PATIENT)), str(assessment)):
            assert private not in record["body"]

    async def test_a_model_too_slow_for_a_request_is_asked_on(
        self,
        clinic: Clinic,
        auditor: asyncpg.Connection,
        model: FakeModel,
        queue: Queue,
        assessment: UUID,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        monkeypatch.setenv("MEDILENS_ASSISTANT_TIMEOUT_S", "0.1")
        settings.load.cache_clear()
        model.delay_s = 0.5
        answer = await asked(clinic, assessment, headers={})
        assert (answer.status_code, answer.json()["status"]) == (202, "pending")
        assert "preference-applied" not in answer.headers
        await drain(queue, worker.handler)
        _, done = await read(clinic, answer.json()["id"])
        assert (done["status"], done["engine"]) == ("complete", "model")
        requests, tokens = await usage(clinic, auditor) or (0, 0)
        assert requests == 2  # what the first one used is not known, so all that was reserved
        assert tokens > 120

    @pytest.mark.usefixtures("aws")
    async def test_without_a_queue_the_template_is_the_answer(
        self,
        clinic: Clinic,
        model: FakeModel,
        assessment: UUID,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        monkeypatch.setenv("MEDILENS_ASSISTANT_TIMEOUT_S", "0.1")
        settings.load.cache_clear()
        model.delay_s = 0.5
        answer = await asked(clinic, assessment)
        told = answer.json()
        assert (answer.status_code, told["status"], told["why_template"]) == (
            *(201, "complete"),
            "timed-out",
        )

    @pytest.mark.usefixtures("model")
    async def test_nobody_is_asked_later_either_where_no_model_may_be(
        self, clinic: Clinic, queue: Queue
    ) -> None:
        answer = await asked(clinic, await stored(clinic))
        assert (answer.status_code, answer.json()["why_template"]) == (201, "not-allowed")
        assert queue.receive() == []

    @pytest.mark.usefixtures("queue")
    @pytest.mark.usefixtures("model")
    async def test_queue_that_cannot_be_told_leaves_the_template_for_good(
        self,
        clinic: Clinic,
        auditor: asyncpg.Connection,
        assessment: UUID,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        monkeypatch.setenv("MEDILENS_QUEUE_URL", "http://127.0.0.1:9/queue")
        settings.load.cache_clear()
        answer = await asked(clinic, assessment)
        told = answer.json()
        assert (answer.status_code, told["status"], told["why_template"]) == (
            *(201, "complete"),
            "not-queued",
        )
        assert await usage(clinic, auditor) == (0, 0)


type Meanwhile = Callable[[Clinic, asyncpg.Connection, UUID], Awaitable[Any]]


async def _delete(clinic: Clinic, _: asyncpg.Connection, assessment: UUID) -> None:
    async with clinic.client(RoleName.ADMIN) as client:
        assert (await client.delete(f"{ASSESSMENTS}/{assessment}")).is_success


async def _withdraw(clinic: Clinic, auditor: asyncpg.Connection, _: UUID) -> None:
    await auditor.execute(
        "UPDATE consents SET withdrawn_at = now() WHERE user_id = $1",
        clinic.person_id(RoleName.PATIENT),
    )


async def _forbid(clinic: Clinic, auditor: asyncpg.Connection, _: UUID) -> None:
    await allow(clinic, auditor, are_explanations_allowed=False)


async def _let_lapse(_: Clinic, auditor: asyncpg.Connection, assessment: UUID) -> None:
    await auditor.execute(
        "UPDATE ai_explanations SET pending_until = now() WHERE assessment_id = $1", assessment
    )


class TestWorker:
    async def test_delivered_twice_changes_nothing_and_asks_nobody_again(
        self,
        clinic: Clinic,
        auditor: asyncpg.Connection,
        model: FakeModel,
        queue: Queue,
        assessment: UUID,
    ) -> None:
        key = (await asked(clinic, assessment)).json()["id"]
        records = queue.receive()
        assert await work(worker.handler, records) == []
        before = await auditor.fetchrow(ROW, UUID(key))
        model.says({"sentences": [{"text": f"{FREE} {FREE}", "facts": ["F2"]}]})
        assert await work(worker.handler, records) == []
        assert await auditor.fetchrow(ROW, UUID(key)) == before
        assert len(model.asked) == 1
        assert await usage(clinic, auditor) == (1, 120)

    @pytest.mark.parametrize(
        ("meanwhile", "code", "why"),
        [
            (_delete, 410, None),
            (_withdraw, 200, "no-consent"),
            (_forbid, 200, "not-allowed"),
            (_let_lapse, 200, "given-up"),
        ],
    )
    async def test_what_changed_meanwhile_counts(
        self,
        clinic: Clinic,
        auditor: asyncpg.Connection,
        model: FakeModel,
        queue: Queue,
        assessment: UUID,
        meanwhile: Meanwhile,
        code: int,
        why: str | None,
    ) -> None:
        key = (await asked(clinic, assessment)).json()["id"]
        await meanwhile(clinic, auditor, assessment)
        written = (await auditor.fetchrow(ROW, UUID(key)) or {})["explanation_text"]
        assert await drain(queue, worker.handler) == 1
        status, told = await read(clinic, key)
        assert (status, told.get("why_template")) == (code, why)
        assert model.asked == []
        if why != "given-up":
            assert await usage(clinic, auditor) == (0, 0)
        if why in {None, "given-up"}:
            row = await auditor.fetchrow(ROW, UUID(key))
            assert row is not None
            assert row["explanation_text"] == written
        else:
            assert (told["status"], told["engine"]) == ("complete", "template")

    async def test_tried_in_vain_the_template_stays_and_says_why(
        self,
        clinic: Clinic,
        auditor: asyncpg.Connection,
        model: FakeModel,
        queue: Queue,
        assessment: UUID,
    ) -> None:
        model.answers = [BUSY]
        first = (await asked(clinic, assessment)).json()
        for tried in range(1, MAX_TRIES + 1):
            assert (await read(clinic, first["id"]))[1]["status"] == "pending"
            (record,) = queue.receive()
            assert await work(worker.handler, [record]) == [record["messageId"]]
            assert len(model.asked) == tried
        assert queue.receive() == []
        _, done = await read(clinic, first["id"])
        assert (done["status"], done["engine"], done["why_template"]) == (
            *("complete", "template"),
            "refused",
        )
        assert done["sentences"] == first["sentences"]
        assert (await usage(clinic, auditor) or (0, 0))[0] == MAX_TRIES

    async def test_mended_endpoint_answers_the_next_try(
        self, clinic: Clinic, model: FakeModel, queue: Queue, assessment: UUID
    ) -> None:
        well, model.answers = model.answers, [BUSY]
        key = (await asked(clinic, assessment)).json()["id"]
        await work(worker.handler, queue.receive())
        model.answers = well
        await drain(queue, worker.handler)
        assert (await read(clinic, key))[1]["engine"] == "model"

    async def test_rubbish_ends_in_the_template_at_the_first_try(
        self, clinic: Clinic, model: FakeModel, queue: Queue, assessment: UUID
    ) -> None:
        model.says("<html>")
        key = (await asked(clinic, assessment)).json()["id"]
        assert await drain(queue, worker.handler) == 1
        _, done = await read(clinic, key)
        assert (done["status"], done["why_template"]) == ("complete", "malformed")

    @pytest.mark.usefixtures("model")
    async def test_a_killed_worker_leaves_what_it_reserved_counted_and_the_next_one_reserves_anew(
        self,
        clinic: Clinic,
        auditor: asyncpg.Connection,
        queue: Queue,
        assessment: UUID,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        """What a killed one's question used nobody knows."""
        key = (await asked(clinic, assessment)).json()["id"]
        _, reserved = await usage(clinic, auditor) or (0, 0)

        async def killed(*_: object) -> None:
            raise SystemExit

        with monkeypatch.context() as patch:
            patch.setattr("functions.assistant.model.writing.worded", killed)
            with pytest.raises(SystemExit):
                await work(worker.handler, queue.receive())
        assert await usage(clinic, auditor) == (1, reserved)
        await drain(queue, worker.handler)
        assert (await read(clinic, key))[1]["engine"] == "model"
        assert await usage(clinic, auditor) == (2, reserved + 120)

    @pytest.mark.parametrize("whose", ["another organization's", "a role's that may not"])
    async def test_a_forged_caller_reaches_nothing(
        self,
        clinic: Clinic,
        elsewhere: Clinic,
        model: FakeModel,
        queue: Queue,
        assessment: UUID,
        whose: str,
    ) -> None:
        first = (await asked(clinic, assessment)).json()
        (record,) = queue.receive()
        message = json.loads(record["body"])
        if whose == "another organization's":
            forged = elsewhere.caller(RoleName.CLINICIAN)
        else:
            forged = clinic.caller(RoleName.RESEARCHER)
        message["caller"] |= {"subject": forged.subject, "organization": forged.organization}
        await work(worker.handler, [record | {"body": json.dumps(message)}])
        assert model.asked == []
        assert (await read(clinic, first["id"]))[1] == first


@pytest.mark.usefixtures("queue")
@pytest.mark.usefixtures("model")
async def test_the_database_keeps_what_was_said(
    clinic: Clinic, assessment: UUID, auditor: asyncpg.Connection
) -> None:
    """Whatever a function does: only what is pending is written over."""
    table = queries.EXPLANATIONS
    said = (await asked(clinic, assessment, engine="template")).json()
    caller = clinic.caller(RoleName.CLINICIAN)
    with pytest.raises(DBAPIError, match="never changed that way"):
        async with transaction.begin(caller, Permission.CHAT) as connection:
            await connection.execute(
                update(table).where(table.c.id == UUID(said["id"])).values(explanation_text="")
            )
