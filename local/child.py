"""Child processes that end when MediLens ends, whatever ended it."""

import fcntl
import os
import socket
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from local.trouble import Trouble

LOOPBACK = "127.0.0.1"

# `nobody` on every Unix we know. The number is what counts: it needs no entry in /etc/passwd.
UNPRIVILEGED_ID = 65534

STOP_PATIENCE_S = 30.0

# PGDATA, PGPORT or an odd locale of the user must not reach a server.
CLEAN_ENVIRONMENT = {"PATH": "/usr/local/bin:/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"}

# The watcher reads a pipe whose only writer is MediLens: the end of file means that MediLens
# closed it or is gone, even by `kill -9`. `$$` is the shell itself, and so the program that
# takes its place; the extra parentheses make the watcher nobody's child, for Postgres counts its.
_TIED = """
exec 3<&0 </dev/null
( { read -r _ <&3; kill -s "$0" $$; } 2>/dev/null & )
exec 3<&-
exec "$@"
"""


def is_root() -> bool:
    return os.geteuid() == 0


def identity(folder: Path) -> dict[str, Any]:
    """Whose rights a child gets that works in `folder`, as arguments of `subprocess`.

    Postgres and PgBouncer refuse to run as root, so root starts them as the folder's owner.
    """
    if not is_root():
        return {}
    owner = folder.stat()
    return {"user": owner.st_uid, "group": owner.st_gid, "extra_groups": []}


def own_folder(folder: Path) -> None:
    """Make `folder` a private one that an unprivileged child may use.

    Raises
    ------
    FolderUnusable
        If it belongs to somebody else, or to root and holds something already.
    """
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise FolderUnusable(f"{folder} cannot be created ({error.strerror}).") from error
    owner = folder.stat().st_uid
    if not is_root() and owner != os.geteuid():
        raise FolderUnusable(f"{folder} belongs to user {owner}. Name a folder of your own.")
    if is_root() and owner == 0:
        if any(folder.iterdir()):
            raise FolderUnusable(
                f"{folder} belongs to root and is not empty. Root's server runs as user "
                f"{UNPRIVILEGED_ID}, so name an empty folder or one that does not exist yet."
            )
        os.chown(folder, UNPRIVILEGED_ID, UNPRIVILEGED_ID)


def open_folder(folder: Path) -> int:
    """Open `folder` for a child to inherit, above the one digit that the watcher's shell uses."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    moved = fcntl.fcntl(descriptor, fcntl.F_DUPFD_CLOEXEC, 10)
    os.close(descriptor)
    return moved


def seen_by_child(folder: Path, descriptor: int) -> str:
    """How a child that inherits `descriptor` names its folder.

    Root's child may not walk through a private home above the folder, but it may go through a
    descriptor.
    """
    return f"/proc/self/fd/{descriptor}" if is_root() else str(folder.absolute())


def free_port(wanted: int | None = None) -> int:
    """Return a port of 127.0.0.1 that nobody uses: the wanted one, or any.

    Nobody holds it when this returns: another program may take it before it is bound.

    Raises
    ------
    PortTaken
    """
    with closing(socket.socket()) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, wanted or 0))
        except OSError as error:
            raise PortTaken(
                f"Port {wanted} of {LOOPBACK} cannot be used ({error.strerror})."
                " Choose another, such as PORT=8001 make run."
            ) from error
        return int(probe.getsockname()[1])


def start_tied(
    command: Sequence[str],
    *,
    stop_signal: str,
    log: Path,
    run_as: Mapping[str, Any],
    keep_open: Sequence[int] = (),
) -> subprocess.Popen[bytes]:
    """Start a program that gets `stop_signal` (such as "INT") as soon as MediLens is gone.

    It runs in a session of its own: a Ctrl-C in the terminal reaches MediLens, not it.
    It inherits the descriptors `keep_open`, made by `open_folder`. Its environment is
    `CLEAN_ENVIRONMENT`: no secret of this process reaches it.
    """
    with log.open("ab") as output:
        if run_as:
            os.chown(log, run_as["user"], run_as["group"])  # whoever reads it next is not root
        return subprocess.Popen(
            ["/bin/sh", "-c", _TIED, stop_signal, *command],
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd="/",
            env=CLEAN_ENVIRONMENT,
            start_new_session=True,
            pass_fds=keep_open,
            **run_as,
        )


def stop_tied(process: subprocess.Popen[bytes]) -> None:
    """Let the watcher send the stop signal; after `STOP_PATIENCE_S` kill the program."""
    assert process.stdin is not None
    process.stdin.close()
    try:
        process.wait(STOP_PATIENCE_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


class PortTaken(Trouble):
    """Something else listens on the port, or it may not be used."""


class FolderUnusable(Trouble):
    """The folder cannot hold a server's files."""
