"""A real PgBouncer in transaction mode, which is what stands before Postgres at Neon.

The strict old version of Debian is welcome: what works behind it works behind any.
"""

import os
import shutil
import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from local.child import (
    LOOPBACK,
    free_port,
    identity,
    open_folder,
    own_folder,
    seen_by_child,
    start_tied,
    stop_tied,
)
from local.tls import write_certificates

START_PATIENCE_S = 20.0
POLL_S = 0.02

CONFIGURATION = """\
[databases]
* = host={loopback} port={postgres_port}
[pgbouncer]
listen_addr = {loopback}
listen_port = {port}
listen_backlog = 4096
unix_socket_dir =
auth_type = scram-sha-256
auth_file = {folder}/users.txt
pool_mode = transaction
; As at Neon: whatever else a client asks for at connecting is refused.
ignore_startup_parameters = extra_float_digits
"""


@dataclass
class PgBouncer:
    """A running pooler; leaving the `with` block stops it.

    `authority` is the certificate that clients must trust, or None without TLS.
    """

    port: int
    users: Mapping[str, str] = field(repr=False)
    authority: Path | None
    process: subprocess.Popen[bytes] = field(repr=False)

    @classmethod
    def start(
        cls,
        folder: Path,
        postgres_port: int,
        users: Mapping[str, str],
        *,
        pool_size: int = 20,
        max_client_conn: int = 1000,
        tls: bool = False,
        settings: Mapping[str, str] | None = None,
    ) -> Self:
        """Start a pooler before the Postgres on this machine.

        Parameters
        ----------
        folder : Path
            For its few files; they are written anew each time.
        users : mapping of str to str
            Passwords of those who may connect, as Postgres knows them too.
        pool_size : int
            Connections to Postgres for each pair of user and database.
        settings : mapping of str to str
            Anything else in PgBouncer's configuration, such as `max_prepared_statements`, which
            versions before 1.21 do not know.

        Raises
        ------
        PgBouncerMissing, PgBouncerFailed, FolderUnusable
        """
        program = find_pgbouncer()
        if program is None:
            raise PgBouncerMissing("PgBouncer is not installed: `apt install pgbouncer`.")
        own_folder(folder)
        port = free_port()
        log = folder / "pgbouncer.log"
        log.unlink(missing_ok=True)
        authority = write_certificates(folder).authority if tls else None
        descriptor = open_folder(folder)
        try:
            folder_of_child = seen_by_child(folder, descriptor)
            configuration = CONFIGURATION.format(
                loopback=LOOPBACK, port=port, postgres_port=postgres_port, folder=folder_of_child
            ) + _lines(
                {"default_pool_size": pool_size, "max_client_conn": max_client_conn}
                | (_tls_settings(folder_of_child) if tls else {})
                | dict(settings or {})
            )
            _write_files(folder, configuration, users)
            process = start_tied(
                [program, f"{folder_of_child}/pgbouncer.ini"],
                stop_signal="KILL",  # it keeps nothing, and its polite signals changed in 1.23
                log=log,
                run_as=identity(folder),
                keep_open=[descriptor],
            )
        finally:
            os.close(descriptor)
        _wait_until_ready(log, process)
        return cls(port, users, authority, process)

    def url(self, database: str, user: str) -> str:
        return f"postgresql://{user}:{self.users[user]}@{LOOPBACK}:{self.port}/{database}"

    def stop(self) -> None:
        stop_tied(self.process)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


def find_pgbouncer() -> str | None:
    """Return the program's path; Debian keeps it in a folder that only root searches."""
    return shutil.which("pgbouncer") or shutil.which("pgbouncer", path="/usr/sbin:/usr/local/sbin")


def _write_files(folder: Path, configuration: str, users: Mapping[str, str]) -> None:
    """Write what PgBouncer reads, and let whoever owns the folder own it all."""
    (folder / "pgbouncer.ini").write_text(configuration)
    users_file = folder / "users.txt"
    users_file.touch(mode=0o600)
    users_file.write_text(
        "".join(f"{_quoted(name)} {_quoted(secret)}\n" for name, secret in users.items())
    )
    owner = folder.stat()
    for path in folder.iterdir():
        os.chown(path, owner.st_uid, owner.st_gid)


def _quoted(word: str) -> str:
    return '"' + word.replace('"', '""') + '"'


def _tls_settings(folder: str) -> dict[str, str]:
    return {
        "client_tls_sslmode": "require",
        "client_tls_cert_file": f"{folder}/server.pem",
        "client_tls_key_file": f"{folder}/server.key",
    }


def _lines(settings: Mapping[str, str | int]) -> str:
    return "".join(f"{name} = {value}\n" for name, value in settings.items())


def _wait_until_ready(log: Path, process: subprocess.Popen[bytes]) -> None:
    """Wait for its word; a connection to try it would count as a client."""
    deadline = time.monotonic() + START_PATIENCE_S
    while "process up" not in (said := log.read_text(errors="replace")):
        if process.poll() is not None or time.monotonic() > deadline:
            stop_tied(process)
            raise PgBouncerFailed(f"PgBouncer did not start:\n{said.strip()}")
        time.sleep(POLL_S)


class PgBouncerMissing(RuntimeError):
    """There is no PgBouncer on this machine."""


class PgBouncerFailed(RuntimeError):
    """PgBouncer did not start; the message ends with what it said."""
