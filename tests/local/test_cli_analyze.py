"""`medilens analyze` and its neighbors, before a server that answers as each test says."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
from typer.testing import CliRunner, Result

from local import cli, demo
from local.client import Client
from shared import examples
from shared.permissions import RoleName

PROBLEM = {
    "type": "urn:medilens:problem:no-signal",
    "title": "No signal",
    "status": 422,
    "code": "no-signal",
    "detail": "Lead II [red] is flat.",
    "instance": "r-1",
}
PICTURE = {**examples.WHOLE["pictures"][0], "name": "leads", "media_type": "image/svg+xml"}
WHOLE = {**examples.WHOLE, "pictures": [PICTURE]}


@pytest.fixture
def sent() -> list[httpx.Request]:
    """What the server was asked to analyze."""
    return []


@pytest.fixture
def answers() -> Callable[[str], httpx.Response]:
    """How a recording is answered, by the text of the request; a test may replace it."""
    return lambda body: (
        httpx.Response(422, json=PROBLEM) if "flat" in body else httpx.Response(201, json=WHOLE)
    )


@pytest.fixture(autouse=True)
def running(
    monkeypatch: pytest.MonkeyPatch,
    sent: list[httpx.Request],
    answers: Callable[[str], httpx.Response],
) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        if request.method == "POST":
            sent.append(request)
            return answers(request.read().decode())
        if request.url.path.endswith("/info"):
            return httpx.Response(200, json=examples.PIPELINE)
        return httpx.Response(200, text="<svg/>")

    @contextmanager
    def of(*_: object) -> Iterator[Client]:
        yield Client(httpx.Client(base_url="http://test", transport=httpx.MockTransport(answer)))

    issuer = SimpleNamespace(issue=lambda subject, organization: f"{subject} in {organization}")

    @contextmanager
    def stack() -> Iterator[Any]:
        yield SimpleNamespace(url="http://test", issuer=issuer)

    monkeypatch.setattr(Client, "of", of)
    monkeypatch.setattr(cli, "found_or_started", stack)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two recordings that are measured, and between them one that is refused."""
    (tmp_path / "recordings" / "ward").mkdir(parents=True)
    for name, text in (("a.csv", "good"), ("b.csv", "flat"), ("ward/c.csv", "better")):
        (tmp_path / "recordings" / name).write_text(text)
    return tmp_path / "recordings"


def run(*words: object) -> Result:
    return CliRunner().invoke(cli.app, [str(word) for word in words])


def key_of(request: httpx.Request) -> str:
    return str(request.headers.get("idempotency-key", ""))


class TestAnalyze:
    def test_table_is_printed_for_a_person(self, folder: Path) -> None:
        done = run("analyze", "cardiology", folder / "a.csv")
        assert done.exit_code == 0
        assert f"Assessment {WHOLE['id']}" in done.stdout

    def test_one_that_is_refused_keeps_no_other_from_being_measured(self, folder: Path) -> None:
        done = run("analyze", "cardiology", folder)
        assert done.exit_code == 1
        assert done.stdout.count(f"Assessment {WHOLE['id']}") == 2
        assert "b.csv: Lead II [red] is flat." in done.stderr.replace("\n", " ")

    def test_as_json_every_recording_has_a_line(self, folder: Path) -> None:
        done = run("analyze", "cardiology", folder, "--json")
        lines = [json.loads(line) for line in done.stdout.splitlines()]
        assert [line["recording"] for line in lines] == ["a.csv", "b.csv", "ward/c.csv"]
        assert [line.get("id") for line in lines] == [WHOLE["id"], None, WHOLE["id"]]
        assert lines[1]["problem"]["code"] == "no-signal"

    def test_fields_go_with_the_recording(self, folder: Path, sent: list[httpx.Request]) -> None:
        field = "note=a=b"
        run("analyze", "cardiology", folder / "a.csv", "--field", field, "--field", "sex=female")
        body = sent[0].read()
        assert b'name="note"\r\n\r\na=b\r\n' in body
        assert b'name="sex"\r\n\r\nfemale\r\n' in body

    def test_same_recording_has_the_same_key_and_anew_none(
        self, folder: Path, sent: list[httpx.Request]
    ) -> None:
        for words in ((), (), ("--again",)):
            run("analyze", "cardiology", folder / "a.csv", *words)
        first, second, anew = map(key_of, sent)
        assert first == second != ""
        assert anew == ""

    def test_pictures_are_written_by_the_name_of_the_recording(
        self, folder: Path, tmp_path: Path
    ) -> None:
        done = run("analyze", "cardiology", folder, "--pictures", tmp_path / "new" / "pictures")
        names = sorted(path.name for path in (tmp_path / "new" / "pictures").iterdir())
        assert names == ["a.csv-leads.svg", "ward-c.csv-leads.svg"]
        assert "wrote " in done.stderr

    @pytest.mark.parametrize(
        "answers", [lambda _: httpx.Response(410, json={**PROBLEM, "status": 410, "code": "gone"})]
    )
    def test_what_was_deleted_is_said_with_how_to_go_on(self, folder: Path) -> None:
        done = run("analyze", "cardiology", folder / "a.csv")
        assert "Analyze it anew with --again." in done.stderr.replace("\n", " ")

    @pytest.mark.parametrize("answers", [lambda _: httpx.Response(503, text="busy")])
    def test_refusal_of_a_proxy_is_told_too(self, folder: Path) -> None:
        done = run("analyze", "cardiology", folder / "a.csv", "--json")
        assert done.exit_code == 1
        assert json.loads(done.stdout)["problem"]["code"] == "service-unavailable"


class TestToken:
    @pytest.mark.parametrize("role", RoleName)
    def test_it_is_that_of_the_demo_person_of_a_role_and_nothing_else(self, role: RoleName) -> None:
        done = run("token", "--role", role)
        assert done.stdout == f"{demo.subject(role)} in {demo.ORGANIZATION}\n"

    def test_person_of_another_organization(self) -> None:
        done = run("token", "--role", "admin", "--organization", demo.OTHER_ORGANIZATION)
        assert done.stdout == "user_elsewhere_admin in org_elsewhere\n"

    def test_anybody_else(self) -> None:
        assert run("token", "--subject", "user_new").stdout == "user_new in org_demo\n"


class TestRestore:
    @pytest.mark.parametrize(("words", "are_kept"), [((), True), (("--no-lists",), False)])
    def test_lists_are_gone_through_unless_there_never_were_any(
        self, words: tuple[str, ...], are_kept: bool, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        asked: list[object] = []

        def restored(dump: Path | None, *, are_lists_kept: bool) -> int:
            asked.extend((dump, are_lists_kept))
            return 3

        monkeypatch.setattr("local.restoration.restore", restored)
        done = run("restore", *words)
        assert asked == [None, are_kept]
        assert done.stdout == "3 people erased again; the functions are let in.\n"

    def test_dump_that_is_not_there_is_named(self, tmp_path: Path) -> None:
        done = run("restore", tmp_path / "nothing.dump")
        assert done.exit_code == 2
        assert "does not exist" in done.stderr


def test_seed_says_where_the_clinic_is() -> None:
    done = run("seed")
    assert done.exit_code == 0
    assert "The demo clinic is there: http://test" in done.stderr


def test_samples_are_listed_as_they_are_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "local.samples.catalog.write", lambda folder: iter([folder / "a", folder / "b"])
    )
    done = run("samples", tmp_path)
    assert done.stdout.splitlines() == [f"{tmp_path}/a", f"{tmp_path}/b"]
