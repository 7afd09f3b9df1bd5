"""What an auditor is told: by the route, and by one file that knows nothing of MediLens."""

import asyncio
import json
import sys
from base64 import b64encode
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from subprocess import run
from typing import Any

import asyncpg
import pytest

from functions.audit import verifier
from shared import settings
from shared.aws import checkpoints
from shared.permissions import RoleName
from tests.conftest import ROOT, Clinic
from tests.factories.examinations import stored
from tests.factories.trail import AS_OWNER, organization_id, seal_all

VERIFY, EXPORT = "/api/audit/verify", "/api/audit/export"
type Lines = list[dict[str, Any]]
LAST_ACT = "SELECT details FROM audit_events WHERE organization_id = $1 ORDER BY id DESC LIMIT 1"
ROLE_CHANGED = (
    "UPDATE audit_events SET actor_role = 'nobody' WHERE id = (SELECT event_id"
    " FROM medilens.audit_seals WHERE organization_id = $1 AND seq = 2)"
)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    place = tmp_path / "checkpoints"
    monkeypatch.setenv("MEDILENS_CHECKPOINT_FOLDER", str(place))
    monkeypatch.setenv("MEDILENS_CHECKPOINT_KEY", "5e" * 32)
    settings.load.cache_clear()
    return place


async def exported(clinic: Clinic) -> Lines:
    async with clinic.client(RoleName.ADMIN) as client:
        answer = await client.get(EXPORT)
    assert answer.headers["content-type"] == "application/x-ndjson"
    return [json.loads(line) for line in answer.text.splitlines()]


def envelope(folder: Path) -> dict[str, str]:
    told: dict[str, str] = json.loads((folder / "latest.json").read_text())
    return told


def key() -> str:
    told = checkpoints.signing_key().public()
    assert told is not None
    return b64encode(told).decode()


def found(lines: Lines, *envelopes: dict[str, str]) -> list[str]:
    _, findings = verifier.verify(map(json.dumps, lines), envelopes, key())
    return [finding.code for finding in findings]


class TestRoute:
    @pytest.mark.usefixtures("folder")
    async def test_an_intact_trail(self, clinic: Clinic) -> None:
        await stored(clinic)
        await seal_all()
        async with clinic.client(RoleName.ADMIN) as client:
            told = (await client.get(VERIFY)).json()
        assert told["is_intact"], told
        assert told["is_complete"]
        assert told["checkpoint"]["is_signed"]
        assert told["checkpoint"]["seq"] == told["verified_to"] > 3
        async with clinic.client(RoleName.ADMIN) as client:
            later = (await client.get(VERIFY)).json()
        assert later["unsealed"] == 1  # that it was verified
        assert later["unsealed_since"] is not None

    async def test_the_first_bad_row(self, clinic: Clinic, auditor: asyncpg.Connection) -> None:
        await stored(clinic)
        await seal_all()
        ours = await organization_id(auditor, clinic)
        async with auditor.transaction():
            await auditor.execute(AS_OWNER)
            await auditor.execute(ROLE_CHANGED, ours)
        async with clinic.client(RoleName.ADMIN) as client:
            told = (await client.get(VERIFY)).json()
        assert not told["is_intact"]
        assert told["fault"].items() >= {"code": "row-changed", "seq": 2, "rows": 1}.items()
        assert told["fault"]["event_at"] is not None

    async def test_a_checkpoint_that_somebody_else_signed(
        self, clinic: Clinic, folder: Path
    ) -> None:
        await stored(clinic)
        await seal_all()
        told = envelope(folder)
        forged = json.loads(told["checkpoint"]) | {"number": 9}
        replace(folder, {**told, "checkpoint": json.dumps(forged)})
        async with clinic.client(RoleName.ADMIN) as client:
            answer = (await client.get(VERIFY)).json()
        assert not answer["is_intact"]
        assert answer["checkpoint"]["fault"] == "checkpoint-not-signed"

    async def test_an_export_is_of_ones_own_organization_and_in_the_trail(
        self, clinic: Clinic, elsewhere: Clinic, auditor: asyncpg.Connection
    ) -> None:
        await stored(clinic)
        await stored(elsewhere)
        await seal_all()
        ours = await organization_id(auditor, clinic)
        lines = await exported(clinic)
        assert {line["fields"]["organization_id"] for line in lines} == {str(ours)}
        assert [line["seq"] for line in lines] == list(range(1, len(lines) + 1))
        row = await auditor.fetchrow(LAST_ACT, ours)
        assert row is not None
        assert json.loads(row["details"]) == {"exported_after": 0}


def replace(folder: Path, told: dict[str, str]) -> None:
    (folder / "latest.json").write_text(json.dumps(told))


@pytest.fixture
async def trail(clinic: Clinic, folder: Path) -> Lines:
    """An export of a sealed trail, and the checkpoint of its end in `folder`."""
    await stored(clinic)
    await stored(clinic)
    await seal_all()
    return await exported(clinic)


def edited(lines: Lines, place: int, **fields: str | None) -> Lines:
    changed = {**lines[place], "fields": lines[place]["fields"] | fields}
    return [*lines[:place], changed, *lines[place + 1 :]]


def swapped(lines: Lines) -> Lines:
    lines[2], lines[3] = lines[3], lines[2]
    return lines


def renumbered(lines: Lines) -> Lines:
    """Two rows have changed places, each under the number and hash of the other's."""
    lines[2]["fields"], lines[3]["fields"] = lines[3]["fields"], lines[2]["fields"]
    return lines


def without_a_day(lines: Lines) -> Lines:
    return [*lines[:1], *({**line, "fields": None} for line in lines[1:5]), *lines[5:]]


def rechained(lines: Lines) -> Lines:
    """A row was edited, and its owner made every hash anew."""
    lines = edited(lines, 2, user_agent="somebody else")
    before = verifier.genesis(lines[0]["fields"]["organization_id"])
    for line in lines:
        before = sha256(before + verifier.leaf(line["fields"])).digest()
        line["hash"] = before.hex()
    return lines


TAMPERED: dict[str, tuple[Callable[[Lines], Lines], str]] = {
    "an edited byte": (lambda lines: edited(lines, 4, actor_role="clinicien"), "row-changed"),
    "nothing made an empty text": (
        lambda lines: edited(lines, 4, user_agent=""),
        "row-changed",
    ),
    "a removed row": (lambda lines: [*lines[:3], *lines[4:]], "seals-missing"),
    "a removed day": (without_a_day, "rows-missing"),
    "a swapped pair": (swapped, "seals-missing"),
    "a swapped pair under each other's numbers": (renumbered, "rows-swapped"),
    "a removed tail": (lambda lines: lines[:-3], "tail-missing"),
    "a chain rewritten by the owner": (rechained, "chain-rewritten"),
    "a truncated partition": (
        lambda lines: [{**line, "fields": None} for line in lines],
        "rows-missing",
    ),
    "no chain at all": (lambda _: [], "chain-missing"),
}


class TestOffline:
    async def test_an_intact_export(self, trail: Lines, folder: Path) -> None:
        assert found(trail, envelope(folder)) == []

    @pytest.mark.parametrize("what", TAMPERED)
    async def test_what_was_tampered_with_is_named(
        self, trail: Lines, folder: Path, what: str
    ) -> None:
        tamper, code = TAMPERED[what]
        assert found(tamper(trail), envelope(folder))[0] == code

    async def test_an_old_backup_restored(self, clinic: Clinic, trail: Lines, folder: Path) -> None:
        """The export of the past lacks what a checkpoint knows, and later ones go back."""
        before = envelope(folder)
        await stored(clinic)
        await seal_all()
        after = envelope(folder)
        assert found(trail, before, after) == ["tail-missing"]
        restored = json.loads(before["checkpoint"])
        restored |= {"number": 99, "made_at": "2999-01-01T00:00:00+00:00"}
        again = {**before, "checkpoint": json.dumps(restored)}
        assert "backup-restored" in found(trail, before, after, again)

    async def test_a_checkpoint_of_another_hand(self, trail: Lines, folder: Path) -> None:
        told = envelope(folder)
        changed = json.loads(told["checkpoint"]) | {"number": 5}
        assert found(trail, {**told, "checkpoint": json.dumps(changed)}) == [
            "checkpoint-not-signed"
        ]

    async def test_definitions_that_changed_under_one_schema(
        self, trail: Lines, folder: Path
    ) -> None:
        told = envelope(folder)
        later = json.loads(told["checkpoint"]) | {
            "fingerprint": "0" * 64,
            "made_at": "2999-01-01T00:00:00+00:00",
        }
        findings = found(trail, told, {**told, "checkpoint": json.dumps(later)})
        assert "definitions-changed" in findings

    async def test_it_is_one_file_that_needs_nothing_of_ours(
        self, trail: Lines, folder: Path, tmp_path: Path
    ) -> None:
        write(tmp_path, trail)
        for lines, status in ((trail, 0), (edited(trail, 1, action="read!"), 1)):
            write(tmp_path, lines)
            words = [sys.executable, "-I", str(tmp_path / "verifier.py")]
            words += [str(tmp_path / "export.ndjson"), str(folder / "latest.json"), "--key", key()]
            outcome = await asyncio.to_thread(
                run, words, capture_output=True, text=True, check=False
            )
            assert outcome.returncode == status, outcome.stderr
        assert outcome.stdout.startswith("row-changed: row 2")


def write(place: Path, lines: Lines) -> None:
    source = ROOT / "functions" / "audit" / "verifier.py"
    (place / "verifier.py").write_bytes(source.read_bytes())
    (place / "export.ndjson").write_text("".join(f"{json.dumps(line)}\n" for line in lines))
