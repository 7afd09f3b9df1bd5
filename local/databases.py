"""The Postgres of one laptop: an embedded one that is watched, or the one that settings name."""

import logging
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from urllib.parse import SplitResult, quote, unquote, urlsplit

import asyncpg

from local.home import secret
from local.postgres import EmbeddedPostgres
from local.trouble import Trouble
from local.unusable_database import NoAddress
from shared import settings

log = logging.getLogger(__name__)

DATABASE = "medilens"
OWNER = "medilens_owner"
APP = "medilens_app"
SCHEMES = {"postgres", "postgresql"}

# How soon it is noticed that Postgres has ended, and how soon a failed start is tried again.
WATCH_PAUSE_S = 0.2
RETRY_PAUSE_S = 5.0


@dataclass(frozen=True)
class Databases:
    """The owner's address, for migrations alone, and the functions' own."""

    direct_url: str
    app_url: str
    app_password: str
    identity_key: str


@contextmanager
def watched(postgres: EmbeddedPostgres) -> Iterator[None]:
    """Start the server again whenever something else than MediLens ends it."""
    leaving = threading.Event()

    def watch() -> None:
        pause_s = WATCH_PAUSE_S
        while not leaving.wait(pause_s):
            pause_s = WATCH_PAUSE_S
            if not postgres.has_ended:
                continue
            log.warning("Postgres was ended from outside. It is started again.")
            try:
                postgres.start_again()
            except Trouble as trouble:
                log.warning("%s", trouble)
                pause_s = RETRY_PAUSE_S
            else:
                log.warning("Postgres is back; what was stored is there.")

    thread = threading.Thread(target=watch, name="postgres", daemon=True)
    thread.start()
    try:
        yield
    finally:
        leaving.set()
        thread.join()


def named_databases(url: str) -> Databases:
    """One address is the owner's; of two, the owner's is the direct one, for migrations alone."""
    direct = os.environ.get("MEDILENS_DIRECT_DATABASE_URL")
    parts = _address(url)
    if direct:
        _address(direct)
    if parts.username == APP and direct:
        return Databases(direct, url, unquote(parts.password or ""), stated_identity_key())
    if parts.username == APP:
        raise settings.SettingsMissing(
            "MEDILENS_DATABASE_URL names the functions' own role. Set MEDILENS_DIRECT_DATABASE_URL"
            " to the owner's direct address too, so that the schema can be migrated."
        )
    if direct:
        raise settings.SettingsMissing(
            f"MEDILENS_DATABASE_URL names {parts.username or 'no role'}. Beside"
            f" MEDILENS_DIRECT_DATABASE_URL it has to be the functions' own address, with {APP}"
            " and its password; the owner's stands alone."
        )
    # A database for one laptop: the functions never connect as its owner.
    password = secret("app-password")
    address = parts.netloc.rpartition("@")[2]
    app = parts._replace(netloc=f"{APP}:{quote(password)}@{address}").geturl()
    return Databases(url.replace("-pooler.", ".", 1), app, password, identity_key())


def stated_identity_key() -> str:
    """The key of a database that others use too: it cannot be one of this laptop's.

    Raises
    ------
    SettingsMissing
    """
    key = os.environ.get("MEDILENS_IDENTITY_KEY")
    if not key:
        raise settings.SettingsMissing(
            "MEDILENS_IDENTITY_KEY is not set. Beside both addresses it has to be the key that"
            " the functions of this database have, or the database would refuse them."
        )
    return key


def identity_key() -> str:
    """The functions' key for the database: the one that is set, or one of this laptop's."""
    return os.environ.get("MEDILENS_IDENTITY_KEY") or secret("identity-key")


def state_master_key() -> None:
    """Set the functions' master key, one of this laptop's where none is set.

    Raises
    ------
    SettingsMissing
        The database is one that others use too, so the key cannot be one of this laptop's.
    """
    if os.environ.keys() & {"MEDILENS_MASTER_KEY", "MEDILENS_MASTER_KMS_KEY"}:
        return
    if "MEDILENS_DIRECT_DATABASE_URL" in os.environ:
        raise settings.SettingsMissing(
            "MEDILENS_MASTER_KEY is not set. Beside both addresses it has to be the key that the"
            " functions of this database have, or names would be encrypted that they cannot read."
        )
    os.environ["MEDILENS_MASTER_KEY"] = sha256(secret("master-key").encode()).hexdigest()


def _address(url: str) -> SplitResult:
    """Take an address apart.

    Raises
    ------
    NoAddress
    """
    try:
        parts = urlsplit(url)
        usable = parts.scheme in SCHEMES and parts.hostname and parts.port != 0
    except ValueError as error:  # of a port or host that is none
        raise NoAddress(url) from error
    if not usable:
        raise NoAddress(url)
    return parts


async def create_database(superuser_url: str, owner_password: str) -> None:
    """The owner is no superuser here either: what works on a laptop works on Neon."""
    connection = await asyncpg.connect(superuser_url)
    try:
        if not await connection.fetchval("SELECT 1 FROM pg_roles WHERE rolname = $1", OWNER):
            await connection.execute(
                f"CREATE ROLE {OWNER} LOGIN CREATEROLE PASSWORD '{owner_password}'"
            )
        if not await connection.fetchval("SELECT 1 FROM pg_database WHERE datname = $1", DATABASE):
            await connection.execute(f"CREATE DATABASE {DATABASE} OWNER {OWNER}")
    finally:
        await connection.close()
