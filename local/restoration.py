"""`medilens restore`: a backup becomes a database that functions may serve from.

Whoever was erased after the backup was made is in it, with the key that reads them. So the lists of
erased people, which lie beside the audit trail's checkpoints, are gone through before the functions
are let in.
"""

import asyncio
import json
import subprocess
from pathlib import Path
from urllib.parse import unquote, urlsplit

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from local.binaries import binary
from local.child import CLEAN_ENVIRONMENT
from local.encryption import as_keeper
from local.trouble import Trouble
from migrations.job import MigrationRequest, migrate, plain
from shared.aws import checkpoints, erasures, secrets
from shared.settings import IdentitySettings, MigrationSettings

LAST = text("SELECT medilens.last_erasure_list()")
REPEAT = text("SELECT medilens.repeat_erasures(:number, CAST(:people AS jsonb))")


class NotRestored(Trouble):
    """The dump cannot be put into the database, or nobody knows whom to erase again."""


def restore(dump: Path | None, *, are_lists_kept: bool) -> int:
    """Put a dump into an empty database, erase again, and let the functions in.

    Without a dump the database has been restored already. Returns how many people were erased.

    Raises
    ------
    NotRestored, SettingsMissing, Unavailable
    """
    if are_lists_kept and not checkpoints.are_kept():
        raise NotRestored(
            "Where the lists of erased people lie is not set: set MEDILENS_CHECKPOINT_BUCKET or"
            " MEDILENS_CHECKPOINT_FOLDER, and the key that signed them. If this deployment never"
            " kept any, say --no-lists."
        )
    settings = secrets.load(MigrationSettings)
    direct_url = settings.direct_database_url.get_secret_value()
    if dump:
        _put_back(dump, direct_url)
    return asyncio.run(_opened(direct_url, settings, are_lists_kept=are_lists_kept))


def _put_back(dump: Path, direct_url: str) -> None:
    """Run pg_restore; a password among its arguments would stand in the list of processes."""
    program = binary("pg_restore", dump.absolute().parent)
    parts = urlsplit(direct_url)
    user, _, place = parts.netloc.rpartition("@")
    address = parts._replace(netloc=f"{user.partition(':')[0]}@{place}".lstrip("@")).geturl()
    done = subprocess.run(
        [program, "--exit-on-error", f"--dbname={address}", str(dump.absolute())],
        env=CLEAN_ENVIRONMENT | {"PGPASSWORD": unquote(parts.password or "")},
        cwd="/",
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise NotRestored(f"pg_restore of {dump.name} failed: {done.stderr.strip()}")


async def _opened(direct_url: str, settings: MigrationSettings, *, are_lists_kept: bool) -> int:
    upgrade = MigrationRequest(command="upgrade")
    await migrate(direct_url, upgrade)  # a dump of an earlier release has no lists
    erased = 0
    if are_lists_kept:
        async with as_keeper(direct_url) as connection:
            erased = await erase_again(connection)
    keys = (secrets.load(IdentitySettings).identity_key, settings.identity_key_next)
    await migrate(
        direct_url,
        upgrade,
        app_password=plain(settings.app_password),
        reader_password=plain(settings.reader_password),
        identity_keys=[key for key in map(plain, keys) if key],
        erased_again=True,
    )
    return erased


async def erase_again(connection: AsyncConnection) -> int:
    """Erase whom the lists name that this database does not know of; return how many."""
    known = await connection.scalar(LAST)
    erased = 0
    for number, people in await asyncio.to_thread(erasures.after, known or 0):
        told = {"number": number, "people": json.dumps(people)}
        erased += await connection.scalar(REPEAT, told) or 0
    return erased
