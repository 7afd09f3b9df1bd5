"""`medilens export`: what is stored of a person, written to files."""

import asyncio
import csv
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import UUID, uuid4
from zipfile import ZipFile

import httpx
import pytest
from typer.testing import CliRunner, Result

from functions.accounts.exports.schemas import ARCHIVE, ArchiveRead
from local import leaving
from local.cli import app
from local.client import Refused
from local.leaving import NothingAsked, OtherBytes
from local.trouble import Unwritable
from shared.permissions import RoleName
from tests.conftest import Clinic
from tests.factories.examinations import stored
from tests.functions.fhir.judges import complaints
from tests.nonempty import nonempty


@pytest.fixture(autouse=True)
def running(url: str, clinic: Clinic, monkeypatch: pytest.MonkeyPatch) -> None:
    """The server of the tests in the place of a stack."""

    @contextmanager
    def found() -> Iterator[Any]:
        yield SimpleNamespace(url=url, token=clinic.token)

    monkeypatch.setattr(leaving, "found_or_started", found)


async def exported(person: UUID, *words: str) -> Result:
    return await asyncio.to_thread(CliRunner().invoke, app, ["export", str(person), *words])


class TestExport:
    async def test_all_three_hold_everything(self, clinic: Clinic, tmp_path: Path) -> None:
        keys = [await stored(clinic, heart_rate=60 + number) for number in range(3)]
        person = clinic.person_id(RoleName.PATIENT)
        done = await exported(person, "--fhir", "--pdf", "--csv", "--to", str(tmp_path / "new"))
        assert done.exit_code == 0, done.output
        written = {path.name: path.read_bytes() for path in (tmp_path / "new").iterdir()}
        reports = {f"{key}.pdf" for key in (person, *keys)}
        assert written.keys() == {f"{person}.fhir.json", f"{person}.csv", *reports}
        bundle = json.loads(written[f"{person}.fhir.json"])
        assert complaints(bundle) == []
        kinds = [entry["resource"]["resourceType"] for entry in bundle["entry"]]
        assert (kinds.count("DiagnosticReport"), kinds.count("Patient")) == (3, 1)
        for name in nonempty(reports):
            assert written[name].startswith(b"%PDF")
        rows = list(csv.DictReader(written[f"{person}.csv"].decode().splitlines()))
        assert [row["value"] for row in rows] == ["62.0", "61.0", "60.0"]

    @pytest.mark.usefixtures("aws")
    @pytest.mark.parametrize("most_bytes", [4_000_000, 0])
    async def test_whole_is_one_zip_or_those_of_an_export(
        self, clinic: Clinic, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, most_bytes: int
    ) -> None:
        monkeypatch.setattr("functions.accounts.exports.service.ANSWER_BYTES", most_bytes)
        monkeypatch.setattr("local.leaving.time.sleep", lambda _seconds: None)
        key, person = await stored(clinic), clinic.person_id(RoleName.PATIENT)
        done = await exported(person, "--whole", "--to", str(tmp_path))
        assert done.exit_code == 0, done.output
        name = f"{person}.zip" if most_bytes else f"{person}-record-1.zip"
        with ZipFile(tmp_path / name) as archive:
            (listed,) = json.loads(archive.read("tables/assessments.json"))
        assert listed["id"] == str(key)

    async def test_what_cannot_be_done_is_a_sentence(self, clinic: Clinic, tmp_path: Path) -> None:
        person = clinic.person_id(RoleName.PATIENT)
        file = tmp_path / "file"
        file.write_text("")
        for key, words, trouble in (
            (person, (), NothingAsked),
            (uuid4(), ("--pdf",), Refused),
            (person, ("--pdf", "--to", str(file / "below")), Unwritable),
        ):
            done = await exported(key, *words)
            assert done.exit_code == 1
            assert isinstance(done.exception, trouble), done.output


class TestDownload:
    """An archive of an export lies in storage, which knows nothing of MediLens."""

    @pytest.fixture
    def archive(self) -> ArchiveRead:
        return ArchiveRead.model_validate({**ARCHIVE, "address": "https://store.test/archive"})

    def answered(self, monkeypatch: pytest.MonkeyPatch, status: int, content: bytes) -> None:
        request = httpx.Request("GET", "https://store.test/archive")

        @contextmanager
        def stream(*_: object, **__: object) -> Iterator[httpx.Response]:
            yield httpx.Response(status, content=content, request=request)

        monkeypatch.setattr(httpx, "stream", stream)

    def test_address_that_has_expired_is_told(
        self, archive: ArchiveRead, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        self.answered(monkeypatch, 403, b"<Error/>")
        with pytest.raises(Refused, match=r"store\.test answered 403"):
            leaving._download(archive, tmp_path / "a.zip")
        assert not (tmp_path / "a.zip").exists()

    def test_other_bytes_are_told(
        self, archive: ArchiveRead, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        self.answered(monkeypatch, 200, b"other")
        with pytest.raises(OtherBytes, match=r"a\.zip has another SHA-256"):
            leaving._download(archive, tmp_path / "a.zip")

    def test_folder_that_cannot_be_made_is_told(
        self, archive: ArchiveRead, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        self.answered(monkeypatch, 200, b"any")
        (tmp_path / "file").touch()
        with pytest.raises(Unwritable):
            leaving._download(archive, tmp_path / "file" / "a.zip")
