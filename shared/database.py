"""The engine, and the one place where a transaction begins, commits or is given up.

One request is one transaction. `BEGIN` and the caller's identity travel in one round trip; the
database itself decides, in `medilens.enter`, whether the caller may do what the request asks for
and whose rows it reaches. SQLAlchemy runs in autocommit here, so that nothing else ever begins
or ends a transaction.
"""

import asyncio
import json
import random
import ssl
import time
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import asdict, dataclass
from functools import cache
from ipaddress import ip_address
from typing import Any
from urllib.parse import parse_qsl, urlsplit
from weakref import WeakKeyDictionary

import asyncpg
from sqlalchemy import URL, event, make_url
from sqlalchemy.exc import DBAPIError, DisconnectionError, InterfaceError
from sqlalchemy.exc import TimeoutError as PoolExhausted
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import AsyncAdaptedQueuePool, NullPool

from shared.errors import Denied, Forbidden, Unavailable
from shared.permissions import Permission
from shared.settings import DatabasePool, DatabaseSettings, load

LOOPBACK_NAMES = {"localhost", "127.0.0.1", "::1"}

# First retry at once for a person, then slower for a database that wakes up; never a stampede.
RETRY_DELAYS_S = (0.025, 0.05, 0.1, 0.4, 1.0)
# Asks the system, so that sandboxes restored from one snapshot do not retry in step.
JITTER = random.SystemRandom()
# A try that took so long has used up what the caller, and the gateway before us, will wait.
RETRY_WITHIN_S = 5

# What a connection that is lost says, at whatever it is asked next. The last one is what asyncpg
# calls a server's goodbye that came between two statements.
LOST = (
    OSError,
    asyncpg.PostgresConnectionError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
)
# What may be over in a moment; what else a server refuses with class 08, it refuses for good.
PASSING = (
    OSError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    asyncpg.ConnectionDoesNotExistError,
    asyncpg.CannotConnectNowError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.TooManyConnectionsError,
)
DATABASE_FAILURES = (DBAPIError, asyncpg.PostgresError, PoolExhausted, *LOST)

# Connection lost, refused, or given up; transaction rolled back; out of resources; server ending.
UNAVAILABLE_CLASSES = {"08", "28", "40", "53", "55", "57"}

# SQLSTATEs that `medilens.enter` raises.
NOT_A_MEMBER, NOT_PERMITTED = "ML401", "ML403"

# A kept connection that is older is replaced when it is next asked for, so that it does not outlive
# a move of the server or a changed password by much. One that the server closed is never used.
SANDBOX_MAX_AGE_S = 30 * 60


class UnknownDatabaseParameter(ValueError):
    """The database address carries a parameter that would be lost in silence."""


class CommitFailed(Unavailable):
    """The database did not confirm the commit."""

    code = "commit-failed"


# Right behind any pooler: nothing outlives its statement.
UNNAMED_STATEMENTS: Mapping[str, Any] = {
    "statement_cache_size": 0,
    "prepared_statement_cache_size": 0,
    "prepared_statement_name_func": lambda: "",
}


@dataclass(frozen=True)
class Caller:
    """Who asks, as the verified token and the request tell it."""

    subject: str
    organization: str
    request_id: str
    session_id: str | None = None
    ip: str | None = None
    user_agent: str | None = None


def connect_options(url: str) -> tuple[URL, dict[str, Any]]:
    """Split an address as it was pasted into what SQLAlchemy and asyncpg take.

    `postgres://` and `postgresql://` are the same. `sslmode` becomes a verifying context, except
    on the loopback interface or where it is `disable`. `channel_binding` is dropped: asyncpg has
    none, and a verified certificate protects as well.

    Raises
    ------
    UnknownDatabaseParameter
    """
    parts = urlsplit(url)
    query = dict(parse_qsl(parts.query))
    address = make_url(parts._replace(scheme="postgresql+asyncpg", query="").geturl())
    mode = query.pop("sslmode", None)
    query.pop("channel_binding", None)
    root_certificate = query.pop("sslrootcert", None)
    if query:
        raise UnknownDatabaseParameter(
            f"The database address carries {', '.join(sorted(query))}, which MediLens does not pass"
            " on. Remove it; set server settings with ALTER ROLE instead."
        )
    plain = mode == "disable" or (mode is None and address.host in LOOPBACK_NAMES)
    return address, {
        "ssl": False if plain else _tls_context(root_certificate),
        **UNNAMED_STATEMENTS,
    }


@cache
def _tls_context(root_certificate: str | None) -> ssl.SSLContext:
    """Building a context costs 25 ms of CPU, so there is one a process."""
    return ssl.create_default_context(cafile=root_certificate)


def engine() -> AsyncEngine:
    """The one engine of the running loop: a kept connection belongs to the loop that made it."""
    loop = asyncio.get_running_loop()
    if loop not in _engines:
        _engines[loop] = _configured_engine()
    return _engines[loop]


_engines: WeakKeyDictionary[asyncio.AbstractEventLoop, AsyncEngine] = WeakKeyDictionary()


def forget_connections() -> None:
    """Leave connections to whom they belong: the sandbox of which this one is a copy."""
    _engines.clear()


def _configured_engine() -> AsyncEngine:
    """A connection a request, or one kept warm by the sandbox."""
    settings = load(DatabaseSettings)
    address, options = connect_options(settings.database_url.get_secret_value())
    options |= {
        "timeout": settings.database_connect_timeout_s,
        "command_timeout": settings.database_command_timeout_s,
        "server_settings": {"application_name": "medilens"},
    }
    if settings.database_prepared_statements:
        for option in UNNAMED_STATEMENTS:
            del options[option]
    if settings.database_pool is DatabasePool.NONE:
        return _engine(address, options, poolclass=NullPool)
    return _engine(
        address,
        options,
        poolclass=AsyncAdaptedQueuePool,
        pool_size=1,
        max_overflow=9,  # a sandbox that serves several requests at once (Vercel)
        pool_timeout=RETRY_WITHIN_S,
        pool_recycle=SANDBOX_MAX_AGE_S,
    )


def _engine(address: URL, options: Mapping[str, Any], **pool: Any) -> AsyncEngine:
    made = create_async_engine(
        address,
        connect_args=dict(options),
        isolation_level="AUTOCOMMIT",
        hide_parameters=True,  # what a row holds is never part of a message
        **pool,
    )
    event.listen(made.sync_engine, "checkout", _replace_if_closed)
    return made


def _replace_if_closed(dbapi_connection: Any, _record: object, _proxy: object) -> None:
    """A warm connection that the server closed meanwhile is known without asking it."""
    if dbapi_connection.driver_connection.is_closed():
        raise DisconnectionError


@asynccontextmanager
async def transaction(
    caller: Caller, permission: Permission, *, read_only: bool = False
) -> AsyncIterator[AsyncConnection]:
    """Run the body in the caller's name and commit, or store nothing at all.

    A refusal that a record was asked for and not given is written to the audit trail in a
    transaction of its own, after the body's was rolled back.

    Raises
    ------
    Forbidden
        The caller is no member of the organization, or holds no role with `permission`.
    Unavailable
        The database cannot be reached, or lost the connection.
    """
    request = _literal(**asdict(caller), permission=permission, read_only=read_only)
    try:
        with _in_the_callers_terms():
            async with _begun(f"BEGIN; SELECT medilens.enter({request})") as connection:
                yield connection
    except Denied as refusal:
        with _in_the_callers_terms():
            await _audit_denial(caller, permission, refusal, read_only=read_only)
        raise


@asynccontextmanager
async def unattended() -> AsyncIterator[AsyncConnection]:
    """Run the body in nobody's name, as schedules do: no tenant's row is visible to it.

    Raises
    ------
    Unavailable
    """
    with _in_the_callers_terms():
        async with _begun("BEGIN") as connection:
            yield connection


@asynccontextmanager
async def _begun(opening: str) -> AsyncIterator[AsyncConnection]:
    connection, driver = await _open(opening)
    try:
        yield connection
        await _commit(driver)
    except BaseException:
        # Whatever state the transaction is in, the next request must not inherit it.
        await _give_up(connection, driver)
        raise
    await _close(connection)


async def _commit(driver: asyncpg.Connection) -> None:
    """Postgres answers the COMMIT of a failed transaction with a quiet ROLLBACK."""
    try:
        answer = await driver.execute("COMMIT")
    except LOST as failure:
        raise CommitFailed(
            "The database did not say whether it stored this. Send it again with the same"
            " Idempotency-Key, or look for it first."
        ) from failure
    if answer != "COMMIT":
        raise CommitFailed("The database gave the transaction up. Nothing was stored.")


async def _give_up(connection: AsyncConnection, driver: asyncpg.Connection) -> None:
    try:
        if not driver.is_closed():
            await asyncio.shield(driver.execute("ROLLBACK"))
    except (asyncpg.PostgresError, *LOST, asyncio.CancelledError):
        await connection.invalidate()
    finally:
        await _close(connection)


async def _close(connection: AsyncConnection) -> None:
    """Give a connection back, even if nobody waits for the answer any more."""
    await asyncio.shield(connection.close())


async def _open(opening: str) -> tuple[AsyncConnection, asyncpg.Connection]:
    """Connect and begin, again while nothing has run that a second try could repeat."""
    deadline = time.monotonic() + RETRY_WITHIN_S
    for delay_s in (*RETRY_DELAYS_S, None):
        try:
            return await _try_open(opening)
        except DATABASE_FAILURES as failure:
            if delay_s is None or not may_retry(failure) or time.monotonic() > deadline:
                raise
        await asyncio.sleep(delay_s * JITTER.uniform(0.5, 1))
    raise AssertionError("the last try raises")


async def _try_open(opening: str) -> tuple[AsyncConnection, asyncpg.Connection]:
    connection = await engine().connect()
    try:
        raw = await connection.get_raw_connection()
        driver: asyncpg.Connection = raw.driver_connection
        # A pooler without a free connection keeps its clients waiting without a word.
        await driver.execute(opening, timeout=RETRY_WITHIN_S)
    except BaseException:
        await connection.invalidate()
        await _close(connection)
        raise
    return connection, driver


def may_retry(failure: BaseException) -> bool:
    """Whether a failure to connect or to begin may pass if tried again.

    Class 08 is the wrong test: a pooler reports a wrong password with the same code as a full
    pool, so the text decides there.
    """
    cause = getattr(failure, "driver_exception", failure) or failure
    if isinstance(cause, ssl.SSLCertVerificationError):
        return False
    if isinstance(cause, asyncpg.ProtocolViolationError):
        return "max_client_conn" in str(cause) or "no more connections" in str(cause)
    return isinstance(failure, InterfaceError) or isinstance(cause, PASSING)


def _literal(**request: Any) -> str:
    """Write a request as a literal of nothing but hexadecimal digits, which cannot be escaped."""
    return f"convert_from('\\x{json.dumps(request).encode().hex()}'::bytea, 'UTF8')::jsonb"


@contextmanager
def _in_the_callers_terms() -> Iterator[None]:
    """Say what the database refused as a problem; what is our own mistake stays one."""
    try:
        yield
    except DATABASE_FAILURES as failure:
        problem = _as_problem(failure)
        if problem is None:
            raise
        raise problem from failure


def _as_problem(failure: BaseException) -> Forbidden | Unavailable | None:
    cause = getattr(failure, "driver_exception", None) or failure
    state = getattr(cause, "sqlstate", None) or ""
    if state == NOT_A_MEMBER:
        return Forbidden("This account is not an active member of the organization.")
    if state == NOT_PERMITTED:
        return Forbidden("None of your roles allows this.")
    if state[:2] in UNAVAILABLE_CLASSES or isinstance(cause, (PoolExhausted, *LOST)):
        return Unavailable("The database does not answer. Nothing was stored; try again.")
    return None


async def _audit_denial(
    caller: Caller, permission: Permission, refusal: Denied, *, read_only: bool
) -> None:
    """Keep who was refused what; a refusal that cannot be recorded is answered 503."""
    request = _literal(
        **asdict(caller),
        permission=permission,
        read_only=read_only,
        resource_type=refusal.resource_type,
        resource_id=str(refusal.resource_id) if refusal.resource_id else None,
    )
    connection, _ = await _open(f"SELECT medilens.audit_denial({request})")
    await _close(connection)


async def ping() -> None:
    """Ask the database for a sign of life.

    Raises
    ------
    Unavailable
    """
    with _in_the_callers_terms():
        connection, _ = await _open("SELECT 1")
        await _close(connection)


def client_address(host: str | None) -> str | None:
    """Return `host` if it is an address that the audit trail can store."""
    try:
        return str(ip_address(host)) if host else None
    except ValueError:
        return None
