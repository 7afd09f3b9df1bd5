"""Why a database cannot be used, in a sentence that never holds its password."""

import os
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

import asyncpg
from alembic.util.exc import CommandError
from sqlalchemy.exc import ArgumentError, DBAPIError

from local.trouble import Trouble
from shared.database.address import UnknownDatabaseParameter


class DatabaseUnusable(Trouble):
    """The database that the settings name cannot be reached, entered or changed."""


class NoAddress(DatabaseUnusable):
    """What the setting holds is no address of a Postgres."""

    def __init__(self, url: str, error: Exception | None = None) -> None:
        known = isinstance(error, UnknownDatabaseParameter)
        super().__init__(
            f"{setting_of(url)} cannot be used: {error if known else 'it is no address.'} Write it"
            " as postgresql://USER:PASSWORD@HOST:5432/DATABASE."
        )


class NoSuchRevision(Trouble):
    """The schema has no such revision."""


# In this order: a kind of error stands before what it is a kind of.
REASONS: tuple[tuple[type[Exception], str], ...] = (
    (asyncpg.InvalidPasswordError, "refuses the password of {user}"),
    (asyncpg.InvalidAuthorizationSpecificationError, "does not let {user} in: {error}"),
    (asyncpg.InvalidCatalogNameError, "has no database {database}"),
    (asyncpg.InsufficientPrivilegeError, "lets only its owner do this, not {user}: {error}"),
    (asyncpg.PostgresError, "refused: {error}"),
    (asyncpg.InterfaceError, "ended the connection: {error}"),
    (socket.gaierror, "cannot be found: no such host is known"),
    (ConnectionRefusedError, "does not answer: nothing listens there"),
    (TimeoutError, "does not answer in time"),
    (ssl.SSLError, "shows a certificate that cannot be trusted: {error}"),
    (OSError, "cannot be reached: {error}"),
    (Exception, "failed: {error}"),
)
POSTGRES_PORT = 5432
NO_ADDRESS = (ArgumentError, UnknownDatabaseParameter, OverflowError)


@contextmanager
def explained(url: str) -> Iterator[None]:
    """Turn what using the database at `url` raises into a sentence.

    Raises
    ------
    DatabaseUnusable, NoSuchRevision
    """
    try:
        yield
    except CommandError as error:
        raise NoSuchRevision(
            f"{error}. The revisions are the files of migrations/versions; head, base and -1 are"
            " names of some, and medilens db current says which one the schema has."
        ) from error
    except NO_ADDRESS as error:
        raise NoAddress(url, error) from error
    except DBAPIError as error:
        raise _unusable(url, getattr(error.orig, "__cause__", None) or error) from error
    except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError) as error:
        raise _unusable(url, error) from error


def setting_of(url: str) -> str:
    """Return the name of the setting that an address comes from."""
    direct = "MEDILENS_DIRECT_DATABASE_URL"
    return direct if os.environ.get(direct) == url else "MEDILENS_DATABASE_URL"


def _unusable(url: str, error: BaseException) -> DatabaseUnusable:
    parts = urlsplit(url)
    reason = next(words for kind, words in REASONS if isinstance(error, kind)).format(
        user=parts.username or "its user",
        database=parts.path.removeprefix("/") or "of that name",
        error=(str(error).splitlines() or [type(error).__name__])[0].rstrip("."),
    )
    return DatabaseUnusable(
        f"The database at {parts.hostname}:{parts.port or POSTGRES_PORT} {reason}."
        f" Look at {setting_of(url)}."
    )
