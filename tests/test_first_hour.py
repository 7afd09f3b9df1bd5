"""What a newcomer does in the first hour: two starts, and every command of the documents."""

import json
import os
import re
import shlex
import shutil
import signal
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Any

import httpx
import pytest

from local.samples.catalog import SAMPLES
from shared.pipelines import PipelineName
from tests.conftest import ROOT
from tests.documents import COMMANDS, DOCUMENTS, ELSEWHERE, Command, How
from tests.medilens import Laptop, MakeRun
from tests.nonempty import nonempty
from tests.waiting import PATIENCE_S, wait_until

TROUBLE = re.compile(r"Traceback|Internal Server Error|^make: \*\*\*|Warning:", re.MULTILINE)

MEASURED = re.compile(r"quality (?:\d\.\d\d|unknown), \d+ ms")

# What a pipeline cannot do without; fields that change what is measured of the same recording, of
# one pipeline that reads no file's name and of one that does.
REQUIRED = {PipelineName.SPEECH: ["--field", "task=sustained_vowel"]}
OPTIONAL = {
    PipelineName.CARDIOLOGY: ["--field", "sex=female"],
    PipelineName.COGNITIVE: ["--field", "age_years=61"],
}
# What `./medilens` is followed by in commands for an account.
PARTS = {"db", "analyze", "people", "organization", "restore", "token", "samples"}
# What a picture of each kind begins with.
PICTURES = {".svg": b"<svg", ".png": b"\x89PNG"}
type Recordings = dict[PipelineName, str]


@dataclass
class FirstHour:
    """Two starts of one laptop; the second one still serves."""

    laptop: Laptop
    first: MakeRun
    first_status: int
    survived: HTTPStatus
    stored_by_first: set[str]
    second: MakeRun
    stored_after_second: set[str]


@pytest.fixture(scope="module")
def hour(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FirstHour]:
    """Start, kill Postgres, delete an assessment of the demo, press Ctrl-C, start again."""
    laptop = Laptop(tmp_path_factory.mktemp("first") / "a laptop")
    first = laptop.make_run()
    second: MakeRun | None = None
    try:
        first.ready()
        survived = postgres_killed(laptop)
        with laptop.api() as api:
            oldest = stored(api)[-1]
            api.delete(f"/api/records/assessments/{oldest}").raise_for_status()
            by_first = set(stored(api))
        status = first.stop()
        second = laptop.make_run()
        second.ready()
        with laptop.api() as api:
            after_second = set(stored(api))
        laptop.settings["TOKEN"] = laptop.medilens("token").stdout.strip()
        assert laptop.medilens("samples").returncode == 0
        yield FirstHour(laptop, first, status, survived, by_first, second, after_second)
    finally:
        first.kill()
        if second is not None:
            second.stop()


def stored(api: httpx.Client) -> list[str]:
    """Return the identifiers of the clinic's assessments, the newest first."""
    answer = api.get("/api/records/assessments", params={"limit": 100})
    return [item["id"] for item in answer.json()["items"]]


def postgres_killed(laptop: Laptop) -> HTTPStatus:
    """Kill the database under a running stack, and return what its next answer is."""
    file = laptop.home / "postgres" / "data" / "postmaster.pid"
    pid = file.read_text().split()[0]
    os.kill(int(pid), signal.SIGKILL)

    def is_another() -> bool:
        lines = file.read_text().splitlines() if file.exists() else []
        return bool(lines) and lines[0] != pid and lines[-1].strip() == "ready"

    wait_until("Postgres is started again", is_another)
    url = f"http://127.0.0.1:{laptop.port}/api/cardiology/health?deep=1"
    return HTTPStatus(httpx.get(url, timeout=PATIENCE_S).status_code)


class TestMakeRun:
    def test_first_start_measures_every_sample(self, hour: FirstHour) -> None:
        assert not TROUBLE.search(hour.first.said), hour.first.said
        for sample in SAMPLES:
            assert sample.name in hour.first.said
        assert len(MEASURED.findall(hour.first.said)) == len(SAMPLES)

    def test_killed_postgres_is_started_again_and_said_so(self, hour: FirstHour) -> None:
        assert hour.survived == HTTPStatus.OK
        assert "Postgres is back" in hour.first.said

    def test_ctrl_c_ends_it_in_order(self, hour: FirstHour) -> None:
        assert hour.first_status in {0, -signal.SIGINT, 128 + signal.SIGINT}
        assert hour.first.said.rstrip().endswith("Stopped.")

    def test_second_start_finds_all_but_what_was_deleted(self, hour: FirstHour) -> None:
        assert not TROUBLE.search(hour.second.said), hour.second.said
        assert len(MEASURED.findall(hour.second.said)) == len(SAMPLES) - 1
        assert "The assessment was deleted." in hour.second.said

    def test_second_start_stores_nothing(self, hour: FirstHour) -> None:
        assert len(hour.stored_by_first) == len(SAMPLES) - 1
        assert hour.stored_after_second == hour.stored_by_first

    def test_printed_lines_work_when_pasted(self, hour: FirstHour) -> None:
        lines = hour.second.said.splitlines()
        export = next(line for line in lines if line.startswith("export TOKEN="))
        requests = [line for line in lines if line.startswith("curl ")]
        assert len(requests) == 2

        for line in requests:
            done = hour.laptop.shell(f"{export}\n{line}")
            assert done.returncode == 0, done.stdout + done.stderr
            assert json.loads(done.stdout)


class TestDocuments:
    @pytest.mark.parametrize("command", [c for c in COMMANDS if c.how is How.HERE], ids=str)
    def test_command_succeeds_as_it_stands(self, command: Command, hour: FirstHour) -> None:
        if "jq " in command.script and not shutil.which("jq"):
            pytest.skip("jq is not installed")
        script = command.script
        if "downgrade" in script:
            script = f"{script}\n./medilens db upgrade"

        done = hour.laptop.shell(script)

        assert done.returncode == 0, done.stdout + done.stderr
        assert not TROUBLE.search(done.stdout + done.stderr), done.stderr
        if "organization create org_ward" in script:
            check_clinic(done.stdout)

    @pytest.mark.parametrize("command", [c for c in COMMANDS if c.how is How.ACCOUNT], ids=str)
    def test_command_for_an_account_is_sound_shell(self, command: Command) -> None:
        parsed = subprocess.run(
            ["bash", "-n"], input=command.script, capture_output=True, text=True, check=False
        )
        assert parsed.returncode == 0, parsed.stderr
        for line in command.script.replace("\\\n", " ").splitlines():
            for words in re.findall(r"\./medilens ([a-z]+)", line):
                assert words in PARTS

    def test_what_is_run_elsewhere_is_run_there(self) -> None:
        for command, place in nonempty((c, place) for c, place in ELSEWHERE.items() if place):
            assert command in (ROOT / place).read_text(), command
        for target in nonempty(re.findall(r"\bmake ([a-z-]+)", " ".join(ELSEWHERE))):
            assert re.search(rf"^{target}:", (ROOT / "Makefile").read_text(), re.MULTILINE)

    def test_every_document_is_looked_at(self) -> None:
        assert {command.document for command in COMMANDS} <= set(DOCUMENTS)
        assert {command.how for command in COMMANDS} == set(How)


def check_clinic(said: str) -> None:
    """A clinic from nothing: what its people saw, in the order in which they asked."""
    answers = [json.loads(line) for line in said.splitlines() if line.startswith("{")]
    ward, ben, eve, examined, before, consents, after, revoked, refused = answers
    assert ward["settings"]["time_zone"] == "Europe/Berlin"
    assert [ben["role"], eve["role"]] == ["clinician", "researcher"]
    assert examined["provenance"]["from_person"]["sex"] == "female"
    assert before["items"] == []
    assert [item["id"] for item in after["items"]] == [examined["id"]]
    assert [item["kind"] for item in consents["items"]] == ["research"]
    assert "Byron" not in json.dumps(after)
    assert revoked["roles"] == []
    assert (refused["status"], refused["code"]) == (403, "forbidden")


def assessments(done: subprocess.CompletedProcess[str]) -> list[dict[str, Any]]:
    assert done.returncode == 0, done.stdout + done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.fixture(scope="module")
def recordings(hour: FirstHour) -> Recordings:
    """A file of each pipeline, as `medilens samples` writes them."""
    first = {sample.pipeline: sample.slug for sample in reversed(SAMPLES)}
    return {
        pipeline: str(next((hour.laptop.folder / "samples" / pipeline).glob(f"{slug}.*")))
        for pipeline, slug in first.items()
    }


@pytest.mark.parametrize("pipeline", PipelineName)
class TestAnalyze:
    def test_report_is_for_a_person_and_pictures_alone_are_written(
        self, pipeline: PipelineName, hour: FirstHour, recordings: Recordings, tmp_path: Path
    ) -> None:
        folder, file = tmp_path / "some pictures", recordings[pipeline]
        required = REQUIRED.get(pipeline, [])
        done = hour.laptop.medilens("analyze", pipeline, *required, "--pictures", str(folder), file)

        assert done.returncode == 0, done.stderr
        assert Path(file).name in done.stdout
        assert "Biomarker" in done.stdout
        pictures = list(folder.iterdir())
        assert pictures
        for picture in pictures:
            assert picture.read_bytes().startswith(PICTURES[picture.suffix])
            assert shlex.quote(str(picture)).strip("'") in done.stderr

    def test_refusal_is_a_sentence(
        self, pipeline: PipelineName, hour: FirstHour, tmp_path: Path
    ) -> None:
        (tmp_path / "nothing.bin").write_bytes(b"\0" * 100)
        done = hour.laptop.medilens("analyze", pipeline, *REQUIRED.get(pipeline, []), str(tmp_path))

        assert done.returncode == 1
        assert done.stdout == ""
        assert done.stderr.startswith("nothing.bin: ")
        assert not TROUBLE.search(done.stderr)


@pytest.mark.parametrize("pipeline", OPTIONAL)
class TestAgain:
    def test_same_content_is_stored_once_unless_again(
        self, pipeline: PipelineName, hour: FirstHour, recordings: Recordings, tmp_path: Path
    ) -> None:
        (tmp_path / "elsewhere").mkdir()
        copy = Path(shutil.copy(recordings[pipeline], tmp_path / "elsewhere"))
        words = ["analyze", pipeline, "--json"]
        asked = [[recordings[pipeline]], [str(copy)], ["--again", str(copy)]]
        asked.append([*OPTIONAL[pipeline], str(copy)])

        answers = [assessments(hour.laptop.medilens(*words, *more))[0] for more in asked]

        first, second, again, other = (answer["id"] for answer in answers)
        assert first == second
        assert len({first, again, other}) == 3
        assert {answer["pipeline"] for answer in answers} == {pipeline}


class TestSpeech:
    def test_missing_field_is_named(self, hour: FirstHour, recordings: Recordings) -> None:
        done = hour.laptop.medilens("analyze", "speech", recordings[PipelineName.SPEECH])

        assert done.returncode == 1
        assert "task" in done.stderr
        assert not TROUBLE.search(done.stderr)
