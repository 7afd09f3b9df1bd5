"""Conversations are handed over with the person, and go with the assessment or the person."""

from uuid import UUID

import asyncpg
from httpx import AsyncClient

from functions.assistant.threads import queries
from functions.assistant.threads.queries import NewThread
from functions.maintenance import service
from functions.maintenance.service import Job
from shared.database import transaction
from shared.identifiers import uuid7
from shared.permissions import Permission, RoleName
from tests.conftest import Clinic
from tests.factories.examinations import stored
from tests.functions.accounts.test_exports import handed_over
from tests.functions.accounts.test_exports import rows as rows_of
from tests.functions.accounts.test_lifecycle import add, erase, examine, years_pass
from tests.functions.assistant.test_threads import THREADS, begun, told
from tests.nonempty import nonempty

ASKED, TITLE = "What was measured for Zebediah?", "Quagmire"
CONTEXT = "SELECT title, context FROM chat_threads WHERE id = $1"
AN_OLD_ONE = "UPDATE chat_threads SET created_at = created_at - interval '8 years' WHERE id = $1"
MESSAGES = "SELECT count(*) FROM chat_messages WHERE thread_id = $1"


async def conversation(clinic: Clinic, client: AsyncClient, person: str) -> tuple[UUID, UUID]:
    assessment = await examine(clinic, client, person)
    thread = await begun(client, assessment, title=TITLE)
    await told(client, thread, ASKED)
    return assessment, UUID(thread["id"])


async def earlier_threads(clinic: Clinic, assessment: UUID) -> list[UUID]:
    """Add conversations of an assessment and of a history, as an earlier release did."""
    person, caller = clinic.person_id(RoleName.PATIENT), clinic.caller(RoleName.CLINICIAN)
    context = {"voice": "clinician", "language": "en"}
    threads = [NewThread(uuid7(), person, about, None, context) for about in (assessment, None)]
    async with transaction.begin(caller, Permission.CHAT) as connection:
        for new in threads:
            await queries.add_thread(connection, new)
    return [new.id for new in threads]


async def test_what_was_said_is_handed_over_in_plain(clinic: Clinic) -> None:
    async with clinic.client(RoleName.CLINICIAN) as client:
        person = await add(client, "Byron")
        await conversation(clinic, client, person)
        files = await handed_over(client, person)
    (thread,) = rows_of(files, "chat_threads")
    question, answer = sorted(rows_of(files, "chat_messages"), key=lambda row: row["created_at"])
    assert (thread["title"], thread["context"]["voice"]) == (TITLE, "clinician")
    assert question["content"] == ASKED
    assert answer["sources"][0]["question_id"] == question["id"]


async def test_a_conversation_is_closed_with_its_assessment(clinic: Clinic) -> None:
    async with clinic.client(RoleName.ADMIN) as client:
        assessment, thread = await conversation(clinic, client, await add(client, "Byron"))
        assert (await client.delete(f"/api/records/assessments/{assessment}")).is_success
        closed = await client.post(f"{THREADS}/{thread}/messages", json={"text": ASKED})
    assert closed.status_code == 410


async def test_what_was_said_goes_with_the_assessment(
    clinic: Clinic, auditor: asyncpg.Connection
) -> None:
    async with clinic.client(RoleName.ADMIN) as client:
        person = await add(client, "Byron")
        assessment, thread = await conversation(clinic, client, person)
        _, other = await conversation(clinic, client, person)
        assert (await client.delete(f"/api/records/assessments/{assessment}")).is_success
        await years_pass(auditor, person, 8)
        assert f"assessment {assessment}" in (await service.run(Job.PURGE)).changed
        assert (await client.get(f"{THREADS}/{thread}")).status_code == 410
    assert [await auditor.fetchval(MESSAGES, key) for key in (thread, other)] == [0, 2]
    assert tuple(await auditor.fetchrow(CONTEXT, thread)) == (None, "{}")


async def test_what_was_said_goes_with_the_person(
    clinic: Clinic, auditor: asyncpg.Connection
) -> None:
    async with clinic.client(RoleName.ADMIN) as client:
        person = await add(client, "Byron")
        _, thread = await conversation(clinic, client, person)
        await years_pass(auditor, person, 8)
        # A conversation has a clock of its own.
        assert (await erase(client, person)).json()["code"] == "retention-stands"
        await auditor.execute(AN_OLD_ONE, thread)
        assert (await erase(client, person)).status_code == 200
        assert (await client.get(f"{THREADS}/{thread}")).status_code == 410
    assert await auditor.fetchval(MESSAGES, thread) == 0


async def test_a_conversation_of_an_earlier_release_is_read_and_goes_on(clinic: Clinic) -> None:
    """Its context says nothing of biomarkers."""
    threads = await earlier_threads(clinic, await stored(clinic))
    async with clinic.client(RoleName.CLINICIAN) as client:
        listed = (await client.get(THREADS)).json()["items"]
        assert [summary["biomarkers"] for summary in listed] == [None, None]
        for thread in nonempty(threads):
            answer = await told(client, {"id": str(thread)}, "What was measured?")
            assert answer["source"]["intent"] == "measured"
