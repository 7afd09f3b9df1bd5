"""A backup is not served from before it is known who was erased after it was made."""

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Self

import pytest

from local import restoration
from local.restoration import NotRestored, erase_again, restore
from shared import settings
from shared.aws import erasures
from shared.settings import SettingsMissing

OWNER = "postgresql://owner:s3cret@127.0.0.1:1/medilens"


@pytest.fixture(autouse=True)
def deployment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """The settings of an operator, whose lists lie in a folder."""
    for name, value in {
        "DIRECT_DATABASE_URL": OWNER,
        "IDENTITY_KEY": "k" * 32,
        "CHECKPOINT_FOLDER": str(tmp_path / "kept"),
        "CHECKPOINT_KEY": "ab" * 32,
    }.items():
        monkeypatch.setenv(f"MEDILENS_{name}", value)
    settings.load.cache_clear()
    return monkeypatch


@pytest.fixture
def steps(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was done, in its order, without a database."""
    done: list[str] = []

    class Connection:
        async def __aenter__(self) -> Self:
            return self

        async def __aexit__(self, *_: object) -> None:
            done.append("committed")

    async def migrated(_: str, request: object, **told: Any) -> None:
        keys = told.get("identity_keys")
        done.append(f"let in with {keys}" if told.get("erased_again") else "upgraded")

    async def erased(_: object) -> int:
        done.append("erased")
        return 2

    monkeypatch.setattr(restoration, "migrate", migrated)
    monkeypatch.setattr(restoration, "as_keeper", lambda _: Connection())
    monkeypatch.setattr(restoration, "erase_again", erased)
    return done


class TestOrder:
    def test_functions_are_let_in_last(self, steps: list[str]) -> None:
        assert restore(None, are_lists_kept=True) == 2
        assert steps == ["upgraded", "erased", "committed", f"let in with {['k' * 32]}"]

    def test_next_key_is_let_in_too(self, steps: list[str], deployment: pytest.MonkeyPatch) -> None:
        deployment.setenv("MEDILENS_IDENTITY_KEY_NEXT", "n" * 32)
        settings.load.cache_clear()
        restore(None, are_lists_kept=True)
        assert steps[-1] == f"let in with {['k' * 32, 'n' * 32]}"

    def test_without_lists_nobody_is_erased(self, steps: list[str]) -> None:
        assert restore(None, are_lists_kept=False) == 0
        assert steps == ["upgraded", f"let in with {['k' * 32]}"]

    def test_nobody_is_let_in_where_erasing_failed(
        self, steps: list[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        async def unread(_: object) -> int:
            raise ConnectionError

        monkeypatch.setattr(restoration, "erase_again", unread)
        with pytest.raises(ConnectionError):
            restore(None, are_lists_kept=True)
        assert not any(step.startswith("let in") for step in steps)


class TestRefusals:
    def test_lists_that_nobody_named_are_asked_for(self, deployment: pytest.MonkeyPatch) -> None:
        deployment.delenv("MEDILENS_CHECKPOINT_FOLDER")
        settings.load.cache_clear()
        with pytest.raises(NotRestored, match=r"MEDILENS_CHECKPOINT_BUCKET or .*--no-lists"):
            restore(None, are_lists_kept=True)

    def test_database_has_to_be_named(self, deployment: pytest.MonkeyPatch) -> None:
        deployment.delenv("MEDILENS_DIRECT_DATABASE_URL")
        settings.load.cache_clear()
        with pytest.raises(SettingsMissing, match="MEDILENS_DIRECT_DATABASE_URL"):
            restore(None, are_lists_kept=True)

    def test_file_that_is_no_dump_is_named_and_nothing_follows(
        self, tmp_path: Path, steps: list[str]
    ) -> None:
        (tmp_path / "notes.dump").write_text("no dump")
        with pytest.raises(NotRestored, match=r"pg_restore of notes\.dump failed: ") as refusal:
            restore(tmp_path / "notes.dump", are_lists_kept=True)
        assert "s3cret" not in str(refusal.value)
        assert steps == []


class TestDump:
    @pytest.mark.parametrize(
        ("given", "address", "password"),
        [
            ("postgresql://o:p%40ss@h:1/m?a=b", "postgresql://o@h:1/m?a=b", "p@ss"),
            ("postgresql://o@h/m", "postgresql://o@h/m", ""),
            ("postgresql://h/m", "postgresql://h/m", ""),
        ],
    )
    def test_password_stands_in_no_list_of_processes(
        self, given: str, address: str, password: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        asked: list[Any] = []

        def run(words: list[str], *, env: dict[str, str], **_: object) -> Any:
            asked.extend((words[2], env["PGPASSWORD"]))
            return SimpleNamespace(returncode=0)

        monkeypatch.setattr("local.restoration.subprocess.run", run)
        monkeypatch.setattr(restoration, "binary", lambda *_: "pg_restore")
        restoration._put_back(Path("medilens.dump"), given)
        assert asked == [f"--dbname={address}", password]


class TestEraseAgain:
    """A list after the other; those that the database knows of are not asked for."""

    class Database:
        def __init__(self, last: int | None, erased: list[int | None]) -> None:
            self.last, self.erased, self.repeated = last, iter(erased), list[dict[str, Any]]()

        async def scalar(self, statement: object, told: Any = None) -> int | None:
            if statement is restoration.LAST:
                return self.last
            self.repeated.append(told)
            return next(self.erased)

    @pytest.fixture
    def asked(self, monkeypatch: pytest.MonkeyPatch) -> list[int]:
        numbers: list[int] = []

        def after(number: int) -> Iterator[tuple[int, list[list[str]]]]:
            numbers.append(number)
            yield 8, [["org", "ada"]]
            yield 9, [["org", "eve"], ["org", "bob"]]

        monkeypatch.setattr(erasures, "after", after)
        return numbers

    @pytest.mark.parametrize(("last", "after"), [(7, 7), (None, 0)])
    async def test_lists_after_the_last_that_it_knows(
        self, last: int | None, after: int, asked: list[int]
    ) -> None:
        database = self.Database(last, [1, 2])
        assert await erase_again(database) == 3  # type: ignore[arg-type]
        assert asked == [after]
        assert [told["number"] for told in database.repeated] == [8, 9]

    @pytest.mark.usefixtures("asked")
    async def test_list_of_whom_nobody_is_there_counts_for_nothing(self) -> None:
        database = self.Database(7, [None, 2])
        assert await erase_again(database) == 2  # type: ignore[arg-type]
        assert database.repeated[1]["people"] == '[["org", "eve"], ["org", "bob"]]'
