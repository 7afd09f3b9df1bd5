"""A person's record handed over whole: in one answer, or in archives that are polled for."""

import json
from collections.abc import Mapping
from hashlib import sha256
from io import BytesIO
from types import SimpleNamespace
from typing import Any
from uuid import UUID
from zipfile import ZipFile

import asyncpg
import httpx
import pytest
from httpx import AsyncClient

from functions.accounts.exports import archive as archives
from functions.accounts.exports import contents, service, slices
from functions.accounts.record import queries as record
from functions.maintenance import service as maintenance
from functions.maintenance.service import Job
from shared.aws import storage
from shared.permissions import RoleName
from tests.conftest import Clinic
from tests.factories.records import RECORDS, explained
from tests.functions.accounts.test_break_glass import BREAK_GLASS, confirmed, opened
from tests.functions.accounts.test_care_teams import ask_for_care_teams, assign
from tests.functions.accounts.test_lifecycle import MRN, PEOPLE, add, erase, examine
from tests.functions.uploads.sending import WAV, analyze, recording, upload_recording, uploaded
from tests.functions.uploads.sending import stored as in_storage
from tests.nonempty import nonempty

PEOPLE_OF_TABLES = """
    SELECT DISTINCT c.relname AS name FROM pg_class c
    JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
    LEFT JOIN pg_constraint k ON k.conrelid = c.oid AND k.contype = 'f'
        AND k.confrelid = 'public.users'::regclass
    WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')
    AND NOT c.relispartition AND (a.attname IN ('user_id', 'person_id') OR k.oid IS NOT NULL)
"""


def unpacked(content: bytes) -> dict[str, bytes]:
    with ZipFile(BytesIO(content)) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


def sent(address: str) -> bytes:
    """What a signed address hands over to whoever has it, by the real socket of the store."""
    answer = httpx.get(address).raise_for_status()
    assert answer.headers["content-disposition"].startswith('attachment; filename="record-')
    return answer.content


async def handed_over(client: AsyncClient, person: str) -> dict[str, bytes]:
    """The files of an export, in one answer or in archives that were polled for."""
    answer = await client.get(f"{PEOPLE}/{person}/export")
    if answer.status_code == 200:
        assert answer.headers["content-type"] == "application/zip"
        return unpacked(answer.content)
    assert answer.status_code == 202, answer.text
    files: dict[str, bytes] = {}
    for archive in nonempty((await finished(client, answer.headers["location"]))["archives"]):
        content = sent(archive["address"])
        assert len(content) == archive["size_bytes"]
        more = unpacked(content)
        assert not files.keys() & more.keys()
        files |= more
    return files


async def finished(client: AsyncClient, place: str) -> dict[str, Any]:
    for _ in range(200):
        answer = await client.get(place)
        if answer.status_code == 200:
            told: dict[str, Any] = answer.json()
            return told
        assert answer.status_code == 202, answer.text
        assert answer.json()["is_finished"] is False
        assert int(answer.headers["retry-after"]) > 0
    raise AssertionError("the export does not end")


def rows(files: Mapping[str, bytes], table: str) -> list[Any]:
    """The rows of a table, over all of its pages."""
    pages = [
        name
        for name in files
        if name == f"tables/{table}.json" or name.startswith(f"tables/{table}-")
    ]
    return [row for name in pages for row in json.loads(files[name])]


async def begun(client: AsyncClient, monkeypatch: pytest.MonkeyPatch, person: str) -> str:
    """Begin an export of what one answer would hold otherwise."""
    monkeypatch.setattr(service, "ANSWER_BYTES", 0)
    answer = await client.get(f"{PEOPLE}/{person}/export")
    assert answer.status_code == 202, answer.text
    place: str = answer.headers["location"]
    return place


class TestContents:
    async def test_holds_everything_of_one_person_and_nothing_of_another(
        self, clinic: Clinic
    ) -> None:
        async with clinic.client(RoleName.CLINICIAN) as client:
            ada = await add(client, "Canaria", identifiers=[MRN], phone="+49 555 0177")
            eve = await add(client, "Papagena")
            key, other = [await examine(clinic, client, person) for person in (ada, eve)]
            files = await handed_over(client, ada)
        everything = "\n".join(content.decode() for content in files.values())
        for word in ("Canaria", "M-1001", "+49 555 0177", "Notarius", str(key), "heart_rate"):
            assert word in everything, word
        for word in ("Papagena", str(other), eve, '"mle:'):
            assert word not in everything, word
        assert {row["biomarker"] for row in rows(files, "biomarker_values")} >= {"heart_rate"}

    async def test_tells_who_looked_who_cared_who_asked_and_what_was_kept(
        self, clinic: Clinic, auditor: asyncpg.Connection
    ) -> None:
        named = "UPDATE users SET first_name = 'Ada', last_name = 'Byron' WHERE id = $1"
        await auditor.execute(named, clinic.person_id(RoleName.ADMIN))
        async with clinic.client(RoleName.ADMIN) as admin:
            person = await add(admin, "Canaria")
            key = await examine(clinic, admin, person)
            invited = {"role": "patient", "email": "canaria@example.org", "person_id": person}
            assert (await admin.post("/api/accounts/invitations", json=invited)).is_success
            held = {"reason": "a claim before the court"}
            assert (await admin.post(f"{PEOPLE}/{person}/holds", json=held)).is_success
            await explained(auditor, key)
            push = await RECORDS["push_id"](clinic, auditor)
            theirs = "UPDATE fhir_pushes SET assessment_id = $1 WHERE id = $2"
            await auditor.execute(theirs, key, push)
            await ask_for_care_teams(clinic)
            async with confirmed(clinic) as client:
                grant = await opened(client, clinic, person_id=person)
                assert (await client.post(f"{BREAK_GLASS}/{grant['id']}/end")).is_success
            await ask_for_care_teams(clinic, "organization")
            files = await handed_over(admin, person)
        assert [row["email"] for row in rows(files, "invitations")] == ["canaria@example.org"]
        assert [row["reason"] for row in rows(files, "legal_holds")] == [held["reason"]]
        (emergency,) = rows(files, "break_glass_grants")
        assert (emergency["id"], emergency["reason"]) == (grant["id"], grant["reason"])
        assert len(rows(files, "ai_explanations")) == 1
        assert [row["id"] for row in rows(files, "fhir_pushes")] == [str(push)]
        looked = rows(files, "access_log")
        assert {"create", "read", "execute"} <= {entry["action"] for entry in looked}
        assert "Ada Byron" in {entry["who"] for entry in looked}

    async def test_every_table_that_names_people_is_read_or_left_out_for_a_reason(
        self, auditor: asyncpg.Connection
    ) -> None:
        there = {row["name"] for row in await auditor.fetch(PEOPLE_OF_TABLES)} | {"users"}
        assert set(record.tables()) | set(record.LEFT_OUT) == there
        assert not set(record.tables()) & set(record.LEFT_OUT)

    @pytest.mark.parametrize("role", [RoleName.RESEARCHER, RoleName.PATIENT])
    async def test_is_for_whoever_reaches_the_person(self, clinic: Clinic, role: RoleName) -> None:
        async with clinic.client(RoleName.CLINICIAN) as client:
            person = await add(client, "Byron")
        async with clinic.client(role) as client:
            refused = await client.get(f"{PEOPLE}/{person}/export")
        assert refused.status_code in {403, 404}

    async def test_without_a_storage_what_is_too_large_is_refused(
        self, clinic: Clinic, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(service, "ANSWER_BYTES", 0)
        monkeypatch.setattr(service, "load", lambda _: SimpleNamespace(storage_bucket=None))
        async with clinic.client(RoleName.CLINICIAN) as client:
            refused = await client.get(f"{PEOPLE}/{await add(client, 'Byron')}/export")
        assert (refused.status_code, refused.json()["code"]) == (501, "uploads-not-offered")


@pytest.mark.usefixtures("aws")
class TestArchives:
    async def test_of_any_size_hold_the_same_with_every_byte_of_recordings_and_pictures(
        self, clinic: Clinic, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        async with clinic.client(RoleName.CLINICIAN) as client:
            person = await add(client, "Canaria")
            uploads = await upload_recording(clinic, recording(), subject_id=person)
            analyzed = await analyze(clinic, data={"upload_id": uploads})
            assert analyzed.status_code == 201, analyzed.text
            whole = await handed_over(client, person)
            monkeypatch.setattr(service, "ANSWER_BYTES", 0)
            monkeypatch.setattr(slices, "ARCHIVE_BYTES", 1)
            monkeypatch.setattr(contents, "ROWS_AT_ONCE", {})
            monkeypatch.setattr(contents, "MOST_ROWS_AT_ONCE", 7)
            monkeypatch.setattr(contents, "SLICE_BYTES", 20_000)
            parts = await handed_over(client, person)
        uploaded = sorted(file.content for file in recording())
        for files in (whole, parts):
            recordings = [files[name] for name in files if name.startswith("recordings/")]
            assert sorted(recordings) == uploaded
        assert len([name for name in parts if name.startswith("manifest")]) > len(uploaded)
        pictures = {name: whole[name] for name in whole if name.startswith("pictures/")}
        assert nonempty(pictures)
        assert pictures == {name: parts[name] for name in parts if name.startswith("pictures/")}
        for table in nonempty(record.tables()):
            assert rows(parts, table) == rows(whole, table), table

    async def test_tell_of_recordings_that_are_altered_or_too_large_for_the_disk(
        self, clinic: Clinic, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        async with clinic.client(RoleName.CLINICIAN) as client:
            person = await add(client, "Canaria")
            altered = await uploaded(clinic, WAV, subject_id=person)
            whole = await uploaded(clinic, WAV + b"!", subject_id=person)
            large = await uploaded(clinic, WAV + b"!!", subject_id=person)
            read, disk = storage.read, SimpleNamespace(free=len(WAV) + 1)
            monkeypatch.setattr(archives, "disk_usage", lambda _: disk)
            monkeypatch.setattr(
                storage,
                "read",
                lambda key: iter([WAV[::-1]]) if key.endswith(altered) else read(key),
            )
            files = await handed_over(client, person)
        told = json.loads(files["manifest.json"])
        assert [entry["id"] for entry in told["recordings_altered"]] == [altered]
        assert [entry["id"] for entry in told["recordings_left_out"]] == [large]
        assert files[f"recordings/{altered}"] == WAV[::-1]
        assert files[f"recordings/{whole}"] == WAV + b"!"

    async def test_are_fetched_by_whoever_asked_and_by_nobody_else(
        self, clinic: Clinic, elsewhere: Clinic, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        async with clinic.client(RoleName.CLINICIAN) as client:
            person = await add(client, "Canaria")
            place = await begun(client, monkeypatch, person)
            assert await begun(client, monkeypatch, person) == place
            other = place.replace(person, await add(client, "Papagena"))
            assert (await client.get(other)).status_code == 404
        for somewhere, role in ((clinic, RoleName.ADMIN), (elsewhere, RoleName.CLINICIAN)):
            async with somewhere.client(role) as stranger:
                assert (await stranger.get(place)).status_code == 404
                assert (await stranger.delete(place)).status_code == 404

    async def test_are_out_of_reach_once_their_person_is(
        self, clinic: Clinic, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        person = str(clinic.person_id(RoleName.PATIENT))
        async with clinic.client(RoleName.CLINICIAN) as client:
            place = await begun(client, monkeypatch, person)
            await finished(client, place)
            await ask_for_care_teams(clinic)
            assert (await client.get(place)).status_code == 404
            await assign(clinic)
            assert (await client.get(place)).status_code == 200

    async def test_are_read_by_one_request_at_a_time(
        self, clinic: Clinic, monkeypatch: pytest.MonkeyPatch, auditor: asyncpg.Connection
    ) -> None:
        lease = "UPDATE person_exports SET leased_until = now() + $2 * interval '1 minute'"
        async with clinic.client(RoleName.CLINICIAN) as client:
            place = await begun(client, monkeypatch, await add(client, "Canaria"))
            key = UUID(place.rpartition("/")[2])
            await auditor.execute(f"{lease} WHERE id = $1", key, 1)
            looked_on = await client.get(place)
            assert (looked_on.status_code, looked_on.json()["archives"]) == (202, [])
            await auditor.execute(f"{lease} WHERE id = $1", key, -1)
            assert (await client.get(place)).status_code == 200

    async def test_of_a_poll_that_outlives_its_lease_are_written_over_nothing(
        self, clinic: Clinic, monkeypatch: pytest.MonkeyPatch, auditor: asyncpg.Connection
    ) -> None:
        store = slices._store
        over = "UPDATE person_exports SET leased_until = now() - interval '1 minute' WHERE id = $1"
        async with clinic.client(RoleName.CLINICIAN) as client:
            place = await begun(client, monkeypatch, await add(client, "Canaria"))
            mine = await storage_key_of(auditor, place)
            theirs = f"{mine.removesuffix('0')}1"

            async def late(*asked: Any) -> Any:
                monkeypatch.setattr(slices, "_store", store)
                await auditor.execute(over, UUID(place.rpartition("/")[2]))
                await finished(client, place)
                archive = await store(*asked)
                assert in_storage(mine)
                return archive

            monkeypatch.setattr(slices, "_store", late)
            answer = await client.get(place)
            told = answer.json()
            assert answer.status_code == 200
            assert len(told["archives"]) == 1
        assert (in_storage(mine), in_storage(theirs)) == (False, True)
        archive = told["archives"][0]
        assert sha256(sent(archive["address"])).hexdigest() == archive["sha256"]

    async def test_go_when_they_are_cancelled(
        self, clinic: Clinic, monkeypatch: pytest.MonkeyPatch, auditor: asyncpg.Connection
    ) -> None:
        async with clinic.client(RoleName.CLINICIAN) as client:
            place = await begun(client, monkeypatch, await add(client, "Canaria"))
            await finished(client, place)
            archive = await storage_key_of(auditor, place)
            assert in_storage(archive)
            assert (await client.delete(place)).status_code == 204
            assert not in_storage(archive)
            assert (await client.get(place)).status_code == 404

    async def test_are_not_left_behind_when_they_are_cancelled_while_they_are_read(
        self, clinic: Clinic, monkeypatch: pytest.MonkeyPatch, auditor: asyncpg.Connection
    ) -> None:
        read = contents.read
        async with clinic.client(RoleName.CLINICIAN) as client:
            place = await begun(client, monkeypatch, await add(client, "Canaria"))

            async def cancelling(*asked: Any) -> contents.Slice:
                assert (await client.delete(place)).status_code == 204
                return await read(*asked)

            monkeypatch.setattr(contents, "read", cancelling)
            assert (await client.get(place)).status_code == 404
        assert not in_storage(await storage_key_of(auditor, place))

    async def test_go_when_their_person_is_erased_or_their_time_is_over(
        self, clinic: Clinic, monkeypatch: pytest.MonkeyPatch, auditor: asyncpg.Connection
    ) -> None:
        async with clinic.client(RoleName.ADMIN) as admin:
            person = await add(admin, "Canaria")
            erased = await begun(admin, monkeypatch, person)
            over = await begun(admin, monkeypatch, await add(admin, "Papagena"))
            for place in (erased, over):
                await finished(admin, place)
            assert (await erase(admin, person)).status_code == 200
            await auditor.execute(
                "UPDATE person_exports SET expires_at = now() - interval '1 minute' WHERE id = $1",
                UUID(over.rpartition("/")[2]),
            )
            for place in (erased, over):
                archive = await storage_key_of(auditor, place)
                assert (await admin.get(place)).status_code == 410
                assert in_storage(archive)
            for _ in range(20):  # a run takes a few, and others' exports are due as well
                if not (await maintenance.run(Job.UPLOADS)).changed:
                    break
            for place in (erased, over):
                assert not in_storage(await storage_key_of(auditor, place))

    async def test_of_whom_was_erased_in_between_is_read_no_further(
        self, clinic: Clinic, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(slices, "ARCHIVE_BYTES", 1)
        monkeypatch.setattr(contents, "SLICE_BYTES", 1)
        async with clinic.client(RoleName.ADMIN) as admin:
            person = await add(admin, "Canaria")
            place = await begun(admin, monkeypatch, person)
            assert (await admin.get(place)).status_code == 202
            assert (await erase(admin, person)).status_code == 200
            assert (await admin.get(place)).status_code == 410
            assert (await admin.get(f"{PEOPLE}/{person}/export")).status_code == 404


async def storage_key_of(auditor: asyncpg.Connection, place: str) -> str:
    key = UUID(place.rpartition("/")[2])
    query = "SELECT 'exports/' || organization_id || '/' || id || '/0' FROM person_exports"
    told: str = await auditor.fetchval(f"{query} WHERE id = $1", key)
    return told
