"""A large export is read by the queue's worker, in the name of whoever asked for it."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import asdict, dataclass, replace
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest
from httpx import AsyncClient, Response

from functions.accounts import worker
from functions.accounts.exports import contents, service, slices
from functions.accounts.exports.service import ExportMessage
from shared.aws import queue as sqs
from shared.errors import Unavailable
from shared.http.worker import MAX_TRIES
from shared.permissions import RoleName
from tests.conftest import Clinic
from tests.functions.accounts.test_exports import begun, finished, handed_over, rows, sent, unpacked
from tests.functions.accounts.test_lifecycle import add, erase
from tests.functions.uploads.sending import stored as in_storage
from tests.nonempty import nonempty
from tests.shared.examination import test_deferred
from tests.shared.examination.test_deferred import drain, work
from tests.sqs import Queue

queue = test_deferred.queue
SILENT = "UPDATE person_exports SET leased_until = now() - interval '1 second' WHERE id = $1"
NAMED = "SELECT organization_id::text, objects FROM person_exports WHERE id = $1"


@pytest.fixture(autouse=True)
def archives_of_little(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(slices, "ARCHIVE_BYTES", 1)
    monkeypatch.setattr(contents, "SLICE_BYTES", 1_000)


def key_of(place: str) -> UUID:
    return UUID(place.rpartition("/")[2])


def waiting(queue: Queue) -> ExportMessage:
    (record,) = queue.receive()
    return ExportMessage.model_validate_json(record["body"])


def taken(queue: Queue) -> dict[str, Any]:
    """What the message says that waits, which is gone now."""
    (record,) = queue.receive()
    queue.delete(record)
    told: dict[str, Any] = json.loads(record["body"])
    return told


async def broken(*_: object) -> None:
    raise Unavailable("The storage is away.")


async def objects(auditor: asyncpg.Connection, place: str) -> list[bool]:
    """Whether something lies under each name that was given out for an export."""
    organization, number = await auditor.fetchrow(NAMED, key_of(place))
    at = f"exports/{organization}/{key_of(place)}"
    return [in_storage(f"{at}/{k}") for k in range(number)]


@dataclass(frozen=True)
class Export:
    """One that is begun, too large for one answer: its message waits in the queue."""

    client: AsyncClient
    place: str
    auditor: asyncpg.Connection

    async def poll(self) -> Response:
        return await self.client.get(self.place)

    async def archives(self) -> int:
        """Poll, and count the archives that are told of."""
        return len((await self.poll()).json()["archives"])

    async def silence(self) -> None:
        """Let the time pass in which a worker that is there says so."""
        await self.auditor.execute(SILENT, key_of(self.place))

    async def objects(self) -> list[bool]:
        return await objects(self.auditor, self.place)


@pytest.fixture
async def export(
    clinic: Clinic, queue: Queue, monkeypatch: pytest.MonkeyPatch, auditor: asyncpg.Connection
) -> AsyncIterator[Export]:
    async with clinic.client(RoleName.CLINICIAN) as client:
        place = await begun(client, monkeypatch, await add(client, "Canaria"))
        yield Export(client, place, auditor)


class TestReading:
    async def test_finishes_without_a_poll_and_holds_the_same(
        self, clinic: Clinic, queue: Queue, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        async with clinic.client(RoleName.CLINICIAN) as client:
            person = await add(client, "Canaria")
            whole = await handed_over(client, person)
            place = await begun(client, monkeypatch, person)
            looked_on = await client.get(place)
            deliveries = await drain(queue, worker.handler)
            told = await client.get(place)
        assert (looked_on.status_code, looked_on.json()["archives"]) == (202, [])
        assert told.status_code == 200
        archives = nonempty(told.json()["archives"])
        assert deliveries == len(archives) > 1
        files: dict[str, bytes] = {}
        for archive in archives:
            files |= unpacked(sent(archive["address"]))
        assert files.keys() - {"manifest.json"} >= whole.keys() - {"manifest.json"}
        assert rows(files, "users") == rows(whole, "users")

    async def test_message_names_nobody(
        self, clinic: Clinic, queue: Queue, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        async with clinic.client(RoleName.CLINICIAN) as client:
            person = await add(client, "Canaria")
            place = await begun(client, monkeypatch, person)
            assert await begun(client, monkeypatch, person) == place
        (record,) = queue.receive()
        body = json.loads(record["body"])
        assert set(body) == {"function", "caller", "person_id", "export_id", "leased_until"}
        assert (body["person_id"], body["export_id"]) == (person, str(key_of(place)))
        assert "Canaria" not in record["body"]

    async def test_that_comes_twice_is_read_once(self, export: Export, queue: Queue) -> None:
        message = waiting(queue)
        await service.work(message)
        await service.work(message)
        assert await export.archives() == 1
        await drain(queue, worker.handler)
        await service.work(message)
        assert queue.receive() == []
        assert (await export.poll()).status_code == 200
        assert all(nonempty(await export.objects()))

    async def test_goes_on_where_a_worker_was_killed_or_failed(
        self, export: Export, queue: Queue, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        with monkeypatch.context() as meanwhile:
            meanwhile.setattr(slices, "_store", broken)
            with pytest.raises(Unavailable):
                await service.work(waiting(queue))
        assert await export.archives() == 0
        await drain(queue, worker.handler)
        assert (await export.poll()).status_code == 200


class TestPolls:
    """A poll reads where no worker does."""

    async def test_takes_over_from_a_worker_that_is_silent_and_a_late_message_does_no_harm(
        self, export: Export, queue: Queue
    ) -> None:
        assert await export.archives() == 0
        await export.silence()
        assert await export.archives() == 1
        await service.work(waiting(queue))
        assert await export.archives() == 2
        await drain(queue, worker.handler)
        assert (await export.poll()).status_code == 200

    async def test_reads_at_once_where_no_message_can_be_sent(
        self, clinic: Clinic, queue: Queue, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def away(_: sqs.Message) -> None:
            raise Unavailable("The queue is away.")

        monkeypatch.setattr(sqs, "send", away)
        async with clinic.client(RoleName.CLINICIAN) as client:
            place = await begun(client, monkeypatch, await add(client, "Canaria"))
            assert len((await client.get(place)).json()["archives"]) == 1
            assert (await finished(client, place))["is_finished"]
        assert queue.receive() == []

    @pytest.mark.parametrize("of_another_lease", [False, True])
    async def test_reads_at_once_what_the_worker_gave_up(
        self, export: Export, queue: Queue, monkeypatch: pytest.MonkeyPatch, of_another_lease: bool
    ) -> None:
        with monkeypatch.context() as meanwhile:
            meanwhile.setattr(slices, "_store", broken)
            if of_another_lease:
                await export.silence()
                assert (await export.poll()).status_code == 503
            for _ in range(MAX_TRIES):
                (record,) = queue.receive()
                assert await work(worker.handler, [record]) == [record["messageId"]]
        assert queue.receive() == []
        assert await export.archives() == 1


async def cancelled(client: AsyncClient, _: str, place: str, __: asyncpg.Connection) -> None:
    assert (await client.delete(place)).status_code == 204


async def erased(client: AsyncClient, person: str, _: str, __: asyncpg.Connection) -> None:
    assert (await erase(client, person)).status_code == 200


async def expired(_: AsyncClient, __: str, place: str, auditor: asyncpg.Connection) -> None:
    await auditor.execute(
        "UPDATE person_exports SET expires_at = now() - interval '1 minute' WHERE id = $1",
        key_of(place),
    )


ENDED: dict[str, Callable[[AsyncClient, str, str, asyncpg.Connection], Awaitable[None]]] = {
    "cancelled": cancelled,
    "erased": erased,
    "expired": expired,
}


class TestEnds:
    @pytest.mark.parametrize("end", ENDED)
    async def test_where_the_export_does(
        self,
        end: str,
        clinic: Clinic,
        queue: Queue,
        monkeypatch: pytest.MonkeyPatch,
        auditor: asyncpg.Connection,
    ) -> None:
        async with clinic.client(RoleName.ADMIN) as client:
            person = await add(client, "Canaria")
            place = await begun(client, monkeypatch, person)
            await ENDED[end](client, person, place, auditor)
        assert await drain(queue, worker.handler) == 1
        assert await objects(auditor, place) == []

    async def test_while_an_archive_is_read_and_leaves_none_behind(
        self, export: Export, queue: Queue, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        store = slices._store

        async def late(*asked: object) -> object:
            archive = await store(*asked)  # type: ignore[arg-type]
            assert (await export.client.delete(export.place)).status_code == 204
            return archive

        monkeypatch.setattr(slices, "_store", late)
        await service.work(waiting(queue))
        assert (await export.poll()).status_code == 404
        assert await export.objects() == [False]


class TestForged:
    """Whoever can put a message into the queue reads nothing that its caller may not."""

    async def test_in_the_name_of_another_reads_nothing(
        self, clinic: Clinic, elsewhere: Clinic, export: Export, queue: Queue
    ) -> None:
        others = [clinic.caller(role) for role in (RoleName.ADMIN, RoleName.PATIENT)]
        others += [elsewhere.caller(RoleName.CLINICIAN), clinic.caller(RoleName.RESEARCHER)]
        others += [replace(others[0], subject=f"user_{uuid4().hex}")]
        told = taken(queue)
        for other in nonempty(others):
            await service.work(ExportMessage(**told | {"caller": asdict(other)}))
            assert await export.objects() == []
            assert queue.receive() == []

    async def test_about_another_person_or_export_reads_nothing(
        self, export: Export, queue: Queue
    ) -> None:
        papagena = await add(export.client, "Papagena")
        told = taken(queue)
        for change in ({"person_id": papagena}, {"export_id": str(uuid4())}):
            await service.work(ExportMessage(**told | change))
            assert await export.objects() == []
            assert queue.receive() == []
