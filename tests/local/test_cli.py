"""The command as a person types it: what it cannot do is a sentence, never a traceback."""

import os
import re
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit

import pytest

from local import cli
from local.postgres import EmbeddedPostgres
from tests.conftest import ROOT, Addresses, variables
from tests.medilens import Laptop

NEVER = re.compile(r"Traceback|python -m|Warning:|^make: \*\*\*", re.MULTILINE)

as_user = pytest.mark.skipif(os.geteuid() == 0, reason="root may read and write everything")


class Medilens(Protocol):
    """The command's own way in, with settings of the environment."""

    def __call__(self, *words: str, **settings: str) -> subprocess.CompletedProcess[str]: ...


@pytest.fixture
def medilens(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> Medilens:
    """Run in this process, which spares a second of imports a test."""

    def run(*words: str, **settings: str) -> subprocess.CompletedProcess[str]:
        for name in variables():
            monkeypatch.delenv(name, raising=False)
        for name, value in {"MEDILENS_HOME": str(tmp_path / "home"), **settings}.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setenv("COLUMNS", "200")
        monkeypatch.setattr(cli, "load_dotenv", lambda _: None)
        monkeypatch.setattr(sys, "argv", ["medilens", *words])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        said = capsys.readouterr()
        return subprocess.CompletedProcess(words, int(ended.value.code or 0), said.out, said.err)

    return run


@pytest.fixture
def recording(tmp_path: Path) -> str:
    file = tmp_path / "strip.csv"
    file.write_text("time_s,II (mV)\n0.000,0.1\n")
    return str(file)


def sentence(done: subprocess.CompletedProcess[str], status: int = 1) -> str:
    """What it says in one line, whatever frame the shell's help draws around it."""
    assert done.returncode == status, done.stdout + done.stderr
    assert not NEVER.search(done.stdout + done.stderr), done.stderr
    return " ".join(re.sub(r"[│╭╮╰╯─]", " ", done.stderr).split())


class TestUsage:
    def test_version(self, medilens: Medilens) -> None:
        done = medilens("--version")
        assert (done.returncode, done.stderr) == (0, "")
        assert re.fullmatch(r"medilens \d+\.\d+\.\d+\n", done.stdout)

    @pytest.mark.parametrize(
        "words", [["--help"], ["analyze", "--help"], ["db", "--help"], ["db", "upgrade", "--help"]]
    )
    def test_help_calls_it_by_its_name(self, words: Sequence[str], medilens: Medilens) -> None:
        done = medilens(*words)
        assert done.returncode == 0
        assert "Usage: medilens" in done.stdout
        assert "python -m" not in done.stdout

    @pytest.mark.parametrize(
        ("words", "told"),
        [
            (["analyse"], "No such command 'analyse'"),
            (["analyze", "cardiology"], "argument 'files'"),
            (["analyze", "kidney", "x"], "'kidney' is not one of"),
            (["analyze", "cardiology", "missing.csv"], "'missing.csv' does not exist"),
            (["token", "--role", "king"], "'king' is not one of"),
            (["db", "downgrade"], "argument 'revision'"),
            (["db", "current", "abc"], "abc"),
            (["dev", "--port", "http"], "'--port'"),
            (["dev", "--port", "70000"], "65535"),
        ],
    )
    def test_mistyped_command_is_explained(
        self, words: Sequence[str], told: str, medilens: Medilens
    ) -> None:
        assert told in sentence(medilens(*words), status=2)


class TestFields:
    @pytest.mark.parametrize("pair", ["age_years", "age_years=", "=61", ""])
    def test_field_without_name_or_value_is_named(
        self, pair: str, medilens: Medilens, recording: str
    ) -> None:
        done = medilens("analyze", "cardiology", "--field", pair, recording)
        assert f"'{pair}' is no NAME=VALUE" in sentence(done, status=2)

    def test_field_given_twice_is_named(self, medilens: Medilens, recording: str) -> None:
        fields = ["--field", "sex=male", "--field", "sex=female"]
        done = medilens("analyze", "cardiology", *fields, recording)
        assert "'sex' is given twice" in sentence(done, status=2)


class TestFolders:
    def test_empty_folder_of_recordings_is_named(self, medilens: Medilens, tmp_path: Path) -> None:
        empty = tmp_path / "no recordings"
        empty.mkdir()
        (empty / "notes.txt").write_text("nothing here")
        told = sentence(medilens("analyze", "cardiology", str(empty)))
        assert f"There is no recording in {empty}" in told

    def test_pictures_where_nothing_can_be_written(
        self, medilens: Medilens, recording: str
    ) -> None:
        done = medilens("analyze", "cardiology", "--pictures", "/proc/pictures", recording)
        assert "/proc/pictures cannot be written" in sentence(done)

    def test_samples_where_nothing_can_be_written(self, medilens: Medilens) -> None:
        assert "cannot be written" in sentence(medilens("samples", "/proc/samples"))

    @pytest.mark.parametrize("words", [["token"], ["seed"], ["db", "current"]])
    def test_home_where_nothing_can_be_written(
        self, words: Sequence[str], medilens: Medilens
    ) -> None:
        told = sentence(medilens(*words, MEDILENS_HOME="/proc/medilens"))
        assert "/proc/medilens, which cannot be written" in told
        assert "Set MEDILENS_HOME" in told

    def test_home_that_is_a_file(self, tmp_path: Path, medilens: Medilens) -> None:
        (tmp_path / "file").touch()
        told = sentence(medilens("token", MEDILENS_HOME=str(tmp_path / "file")))
        assert "which cannot be written (File exists)" in told

    @as_user
    def test_read_only_home(self, tmp_path: Path, medilens: Medilens) -> None:
        tmp_path.chmod(0o500)
        told = sentence(medilens("token", MEDILENS_HOME=str(tmp_path / "home")))
        assert "cannot be written (Permission denied)" in told

    @as_user
    def test_unreadable_recording(self, recording: str, medilens: Medilens) -> None:
        Path(recording).chmod(0)
        told = sentence(medilens("analyze", "cardiology", str(Path(recording).parent)))
        assert f"{recording} cannot be read (Permission denied)" in told


class TestProcess:
    """What only a process of its own shows."""

    @pytest.fixture
    def laptop(self, tmp_path: Path) -> Laptop:
        return Laptop(tmp_path / "a folder")

    def test_version_from_any_folder(self, laptop: Laptop) -> None:
        done = laptop.medilens("--version")
        assert (done.returncode, done.stderr) == (0, "")
        assert done.stdout.startswith("medilens ")

    def test_taken_port_is_named(self, postgres: EmbeddedPostgres, laptop: Laptop) -> None:
        laptop.port = postgres.port
        told = sentence(laptop.medilens("dev"))
        assert f"Port {postgres.port} of 127.0.0.1 cannot be used" in told


def changed(owner: str, change: dict[str, str]) -> str:
    """The owner's address with one part of it changed; a password that must not be told."""
    is_let_in = not change or change.keys() & {"password", "database"}
    parts = {
        "scheme": "postgresql",
        "user": "medilens_owner",
        "password": "owner" if is_let_in else "s3cret",
        "host": "127.0.0.1",
        "port": str(urlsplit(owner).port),
        "database": "medilens",
        "query": "",
    }
    return "{scheme}://{user}:{password}@{host}:{port}/{database}{query}".format(**parts | change)


class TestDatabase:
    @pytest.mark.parametrize(
        ("change", "told"),
        [
            ({"password": "wrong"}, "refuses the password of medilens_owner"),
            ({"user": "stranger"}, "refuses the password of stranger"),
            ({"port": "1"}, "127.0.0.1:1 does not answer: nothing listens there"),
            ({"host": "nowhere.invalid"}, "nowhere.invalid:.* cannot be found"),
            ({"database": "another"}, "has no database another"),
            ({"port": "postgres"}, "is no address"),
            ({"scheme": "mysql"}, "is no address"),
            ({"query": "?application_name=me"}, "carries application_name"),
        ],
    )
    @pytest.mark.parametrize("setting", ["MEDILENS_DATABASE_URL", "MEDILENS_DIRECT_DATABASE_URL"])
    def test_wrong_address_is_told_without_the_password(
        self,
        change: dict[str, str],
        told: str,
        setting: str,
        addresses: Addresses,
        medilens: Medilens,
    ) -> None:
        url = changed(addresses.owner, change)
        both = {"MEDILENS_DATABASE_URL": addresses.app, "MEDILENS_IDENTITY_KEY": "k" * 32}
        functions = both if "DIRECT" in setting else {}

        said = sentence(medilens("db", "upgrade", **functions, **{setting: url}))

        assert re.search(told, said), said
        assert setting in said
        assert "s3cret" not in said

    @pytest.mark.parametrize(
        "words", [["downgrade", "nonsense"], ["upgrade", "nonsense"], ["downgrade", "--", "-99"]]
    )
    def test_unknown_revision_is_named(
        self, words: Sequence[str], addresses: Addresses, medilens: Medilens
    ) -> None:
        said = sentence(medilens("db", *words, MEDILENS_DATABASE_URL=addresses.owner))

        assert words[-1].removeprefix("-") in said
        assert "migrations/versions" in said


class TestMakefile:
    @pytest.fixture
    def clone(self, tmp_path: Path) -> Path:
        """A checkout without uv, in a folder whose name has a space."""
        clone = tmp_path / "medi lens"
        clone.mkdir()
        for name in ("Makefile", "medilens"):
            (clone / name).write_bytes((ROOT / name).read_bytes())
        return clone

    @pytest.fixture
    def programs(self, tmp_path: Path) -> Path:
        """An installer that only writes down what it was asked."""
        fake = tmp_path / "bin" / "python3"
        fake.parent.mkdir()
        fake.write_text(f'#!/bin/sh\nprintf "%s\\n" "$@" >"{tmp_path}/asked"\n')
        fake.chmod(0o755)
        return fake.parent

    def make(self, clone: Path, programs: Path, *words: str) -> None:
        done = subprocess.run(
            ["make", ".uv/bin/uv", *words],
            cwd=clone,
            env={"PATH": f"{programs}:/usr/bin:/bin"},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr

    def test_uv_is_installed_into_a_folder_whose_name_has_a_space(
        self, clone: Path, programs: Path, tmp_path: Path
    ) -> None:
        self.make(clone, programs)
        assert str(clone / ".uv") in (tmp_path / "asked").read_text().splitlines()

    def test_dry_run_in_such_a_folder_installs_nothing(
        self, clone: Path, programs: Path, tmp_path: Path
    ) -> None:
        self.make(clone, programs, "sync", "--dry-run")
        assert not (tmp_path / "asked").exists()

    @as_user
    def test_read_only_checkout_is_explained(self, tmp_path: Path) -> None:
        (tmp_path / "Makefile").write_bytes((ROOT / "Makefile").read_bytes())
        tmp_path.chmod(0o500)
        done = subprocess.run(
            ["make", "sync"], cwd=tmp_path, capture_output=True, text=True, check=False
        )
        assert done.returncode != 0
        assert "This folder cannot be written" in done.stderr
