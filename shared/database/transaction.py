"""The one place where a transaction begins, commits or is given up.

One request is one transaction. `BEGIN` and the caller's identity travel in one round trip; the
database itself decides, in `medilens.enter`, whether the caller may do what the request asks for
and whose rows it reaches. SQLAlchemy runs in autocommit here, so that nothing else ever begins
or ends a transaction.
"""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import asdict
from typing import Any

import asyncpg
from sqlalchemy.exc import TimeoutError as PoolExhausted
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.caller import Caller
from shared.database import engine, retry
from shared.errors import Denied, Forbidden, Unavailable
from shared.permissions import Permission

# SQLSTATEs that `medilens.enter` raises.
NOT_A_MEMBER, NOT_PERMITTED = "ML401", "ML403"


class CommitFailed(Unavailable):
    """The database did not confirm the commit."""

    code = "commit-failed"


@asynccontextmanager
async def begin(
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
    except retry.LOST as failure:
        raise CommitFailed(
            "The database did not confirm the commit: the request may be stored or not. Send it"
            " again with the same Idempotency-Key, or look for the record first."
        ) from failure
    if answer != "COMMIT":
        raise CommitFailed(
            "The database rolled the transaction back. Nothing was stored; send the request again."
        )


async def _give_up(connection: AsyncConnection, driver: asyncpg.Connection) -> None:
    try:
        if not driver.is_closed():
            await asyncio.shield(driver.execute("ROLLBACK"))
    except (asyncpg.PostgresError, *retry.LOST, asyncio.CancelledError):
        await connection.invalidate()
    finally:
        await _close(connection)


async def _close(connection: AsyncConnection) -> None:
    """Give a connection back, even if nobody waits for the answer any more."""
    await asyncio.shield(connection.close())


async def _open(opening: str) -> tuple[AsyncConnection, asyncpg.Connection]:
    """Connect and begin, again while nothing has run that a second try could repeat."""
    deadline = time.monotonic() + retry.RETRY_WITHIN_S
    for delay_s in (*retry.RETRY_DELAYS_S, None):
        try:
            return await _try_open(opening)
        except retry.DATABASE_FAILURES as failure:
            if delay_s is None or time.monotonic() > deadline:
                raise
            if retry.is_refused_password(failure) and await engine.renew():
                continue
            if not retry.may_retry(failure):
                raise
        await asyncio.sleep(delay_s * retry.JITTER.uniform(0.5, 1))
    raise AssertionError("the last try raises")


async def _try_open(opening: str) -> tuple[AsyncConnection, asyncpg.Connection]:
    connection = await engine.current().connect()
    try:
        raw = await connection.get_raw_connection()
        driver: asyncpg.Connection = raw.driver_connection
        # A pooler without a free connection keeps its clients waiting without a word.
        await driver.execute(opening, timeout=retry.RETRY_WITHIN_S)
    except BaseException:
        await connection.invalidate()
        await _close(connection)
        raise
    return connection, driver


def _literal(**request: Any) -> str:
    """Write a request as a literal of nothing but hexadecimal digits, which cannot be escaped."""
    return f"convert_from('\\x{json.dumps(request).encode().hex()}'::bytea, 'UTF8')::jsonb"


@contextmanager
def _in_the_callers_terms() -> Iterator[None]:
    """Say what the database refused as a problem; what is our own mistake stays one."""
    try:
        yield
    except retry.DATABASE_FAILURES as failure:
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
    if state[:2] in retry.UNAVAILABLE_CLASSES or isinstance(cause, (PoolExhausted, *retry.LOST)):
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
