"""Programs that MediLens starts: what is theirs, and how they end."""

import os
import signal
import socket
import stat
import subprocess
from contextlib import closing
from pathlib import Path

import pytest

from local import child
from local.child import (
    CLEAN_ENVIRONMENT,
    LOOPBACK,
    UNPRIVILEGED_ID,
    FolderUnusable,
    PortTaken,
    free_port,
    open_folder,
    own_folder,
    seen_by_child,
    start_tied,
    stop_tied,
)
from tests.waiting import PATIENCE_S, wait_until

as_user = pytest.mark.skipif(os.geteuid() == 0, reason="root may use what is anybody's")
# A shell that begins with it ignored cannot trap it (`nohup`).
hears_interrupts = pytest.mark.skipif(
    signal.getsignal(signal.SIGINT) == signal.SIG_IGN, reason="SIGINT is ignored here"
)
only_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root gives a folder away")

# Says that it is there, and how it was ended.
WORKER = "trap 'echo asked to end; exit 7' INT; echo ready; while :; do sleep 0.05; done"
# Hears no signal that can be ignored.
STUBBORN = "trap '' INT; echo ready; while :; do sleep 0.05; done"


def started(script: str, log: Path) -> subprocess.Popen[bytes]:
    process = start_tied(["/bin/sh", "-c", script], stop_signal="INT", log=log, run_as={})
    wait_until("the program runs", log.read_text)
    return process


class TestFreePort:
    def test_any_port_can_be_bound(self) -> None:
        with closing(socket.socket()) as server:
            server.bind((LOOPBACK, free_port()))

    def test_wanted_port_is_given(self) -> None:
        wanted = free_port()
        assert free_port(wanted) == wanted

    def test_taken_port_is_named_with_what_to_do(self) -> None:
        with closing(socket.socket()) as server:
            server.bind((LOOPBACK, 0))
            server.listen()
            port = server.getsockname()[1]
            with pytest.raises(PortTaken, match=rf"Port {port} .*PORT=8001"):
                free_port(port)


class TestOwnFolder:
    def test_new_folder_is_private(self, tmp_path: Path) -> None:
        own_folder(tmp_path / "new" / "data")
        assert stat.S_IMODE((tmp_path / "new" / "data").stat().st_mode) == 0o700

    @only_root
    def test_roots_new_folder_is_given_to_nobody(self, tmp_path: Path) -> None:
        own_folder(tmp_path / "data")
        assert (tmp_path / "data").stat().st_uid == UNPRIVILEGED_ID

    @as_user
    def test_folder_with_files_of_its_owner_is_taken(self, tmp_path: Path) -> None:
        (tmp_path / "file").touch()
        own_folder(tmp_path)
        assert (tmp_path / "file").exists()

    def test_folder_below_a_file_is_named(self, tmp_path: Path) -> None:
        (tmp_path / "file").touch()
        with pytest.raises(FolderUnusable, match=r"file/data cannot be created \(Not a directory"):
            own_folder(tmp_path / "file" / "data")

    def test_somebody_elses_folder_is_refused(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(os, "geteuid", lambda: tmp_path.stat().st_uid + 1)
        with pytest.raises(FolderUnusable, match=rf"belongs to user {tmp_path.stat().st_uid}"):
            own_folder(tmp_path)

    @only_root
    def test_root_takes_no_folder_of_its_own_that_holds_something(self, tmp_path: Path) -> None:
        (tmp_path / "file").touch()
        with pytest.raises(FolderUnusable, match="belongs to root and is not empty"):
            own_folder(tmp_path)


class TestIdentity:
    @as_user
    def test_child_of_a_user_is_the_user(self, tmp_path: Path) -> None:
        assert child.identity(tmp_path) == {}

    def test_child_of_root_is_whoever_owns_the_folder(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(child, "is_root", lambda: True)
        owner = tmp_path.stat()
        assert child.identity(tmp_path) == {
            "user": owner.st_uid,
            "group": owner.st_gid,
            "extra_groups": [],
        }


class TestOpenFolder:
    def test_descriptor_is_above_those_that_a_shell_names(self, tmp_path: Path) -> None:
        descriptor = open_folder(tmp_path)
        try:
            assert descriptor >= 10
            assert os.path.samestat(os.fstat(descriptor), tmp_path.stat())
        finally:
            os.close(descriptor)

    def test_file_is_no_folder(self, tmp_path: Path) -> None:
        (tmp_path / "file").touch()
        with pytest.raises(NotADirectoryError):
            open_folder(tmp_path / "file")

    @pytest.mark.parametrize(("is_root", "name"), [(True, "/proc/self/fd/12"), (False, "")])
    def test_roots_child_goes_through_the_descriptor(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, is_root: bool, name: str
    ) -> None:
        monkeypatch.setattr(child, "is_root", lambda: is_root)
        assert seen_by_child(tmp_path, 12) == (name or str(tmp_path))


class TestTied:
    @hears_interrupts
    def test_stopped_program_gets_the_signal_it_knows(self, tmp_path: Path) -> None:
        log = tmp_path / "log"
        process = started(WORKER, log)
        stop_tied(process)
        assert log.read_text() == "ready\nasked to end\n"
        assert process.returncode == 7

    def test_program_that_hears_nothing_is_killed(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(child, "STOP_PATIENCE_S", 0.2)
        process = started(STUBBORN, tmp_path / "log")
        stop_tied(process)
        assert process.returncode == -signal.SIGKILL

    @hears_interrupts
    def test_program_ends_with_the_pipe_it_is_tied_by(self, tmp_path: Path) -> None:
        """The end of the file is all that is left of somebody who was killed."""
        process = started(WORKER, tmp_path / "log")
        assert process.stdin is not None
        process.stdin.close()
        assert process.wait(PATIENCE_S) == 7

    def test_nothing_of_the_users_environment_reaches_it(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("PGDATA", "/elsewhere")
        process = started("env; pwd", tmp_path / "log")
        process.wait(PATIENCE_S)
        lines = (tmp_path / "log").read_text().splitlines()
        assert {f"{name}={value}" for name, value in CLEAN_ENVIRONMENT.items()} <= set(lines)
        assert not any(line.startswith("PGDATA") for line in lines)
        assert lines[-1] == "/"
        stop_tied(process)

    def test_log_of_an_earlier_run_is_left(self, tmp_path: Path) -> None:
        (tmp_path / "log").write_text("earlier\n")
        process = started("echo later", tmp_path / "log")
        process.wait(PATIENCE_S)
        stop_tied(process)
        assert (tmp_path / "log").read_text() == "earlier\nlater\n"
