"""The one place where a transaction begins, commits or is given up.

One request is one transaction. `BEGIN` and the caller's identity travel in one round trip; the
database itself decides, in `medilens.enter`, whether the caller may do what the request asks for
and whose rows it reaches. SQLAlchemy runs in autocommit here, so that nothing else ever begins
or ends a transaction.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import asdict, dataclass
from functools import partial
from typing import Any

import asyncpg
from sqlalchemy.ext.asyncio import AsyncConnection

from shared import notices, rates
from shared.caller import Caller, Resource
from shared.database import engine, identity, retry, session
from shared.database.refusals import (
    NOT_A_MEMBER,
    NOT_SEALED,
    in_the_callers_terms,
    state_of,
)
from shared.errors import Denied, MediLensError, Unavailable
from shared.identifiers import uuid7
from shared.permissions import Permission

COMMIT, ROLLBACK = "COMMIT", "ROLLBACK"
# The row that all of a person's requests change is locked for no longer than this takes.
PAYING = "SELECT medilens.spend(); COMMIT"

# Written anew for each try, because what is sealed grows old.
type Opening = Callable[[], str]
type Opened = tuple[AsyncConnection, asyncpg.Connection]


@dataclass(frozen=True)
class Endings:
    """The last message of a transaction: where it is committed, and where it is given up."""

    commit: str = COMMIT
    give_up: Opening = lambda: ROLLBACK


UNPAID = Endings()


class CommitFailed(Unavailable):
    """The database did not confirm the commit."""

    code = "commit-failed"


@asynccontextmanager
async def begin(
    caller: Caller,
    permission: Permission,
    *,
    read_only: bool = False,
    about: Resource | None = None,
) -> AsyncIterator[AsyncConnection]:
    """Run the body in the caller's name and commit, or store nothing at all.

    A refusal that a record was asked for and not given is written to the audit trail in a
    transaction of its own, after the body's was rolled back. `about` is the record that the request
    names, for a refusal that comes before anybody has looked for it.

    Raises
    ------
    Forbidden
        The caller is no member of the organization, or holds no role with `permission`.
    Unavailable
        The database cannot be reached, or lost the connection.
    """
    asked = {
        **asdict(caller),
        **rates.limit(),
        "permission": permission,
        "read_only": read_only,
    }
    try:
        with in_the_callers_terms():
            opening = partial(entering, "enter", "request", **asked)
            async with _begun(opening, _endings(caller), newcomer=caller) as connection:
                yield connection
    except Denied as refusal:
        await audit_denial(caller, permission, refusal, read_only=read_only, about=about)
        raise


def _endings(caller: Caller) -> Endings:
    """Whoever was let in pays for it, whether what they asked for is stored or rolled back."""
    if rates.current() is None:
        return UNPAID

    def roll_back_and_pay() -> str:
        told = identity.sealed("charge", **asdict(caller), **rates.limit())
        return f"{identity.BLANK}{ROLLBACK}; SELECT medilens.charge({told})"

    return Endings(PAYING, roll_back_and_pay)


@asynccontextmanager
async def unattended() -> AsyncIterator[AsyncConnection]:
    """Run the body in nobody's name, as schedules do: no tenant's row is visible to it.

    Raises
    ------
    Unavailable
    """
    with in_the_callers_terms():
        async with _begun(partial(entering, "enter_schedule", "upkeep")) as connection:
            yield connection


@asynccontextmanager
async def nobody() -> AsyncIterator[AsyncConnection]:
    """Run the body without any identity, for what is asked before anybody is known.

    Raises
    ------
    Unavailable
    """
    with in_the_callers_terms():
        async with _begun(lambda: session.BEGIN) as connection:
            yield connection


async def announce(way_in: str, purpose: str, **request: Any) -> None:
    """Have a function of the database take note of something, in a transaction of its own.

    Raises
    ------
    Unavailable
    """
    with in_the_callers_terms():
        connection, _ = await _open(lambda: f"{entering(way_in, purpose, **request)}; COMMIT")
        await _close(connection)


def entering(way_in: str, purpose: str, **request: Any) -> str:
    """Return the message that begins a transaction by a way in, out of other sessions' sight."""
    told = identity.sealed(purpose, **request)
    return f"{identity.BLANK}{session.BEGIN}, medilens.{way_in}({told})"


@asynccontextmanager
async def _begun(
    opening: Opening, endings: Endings = UNPAID, *, newcomer: Caller | None = None
) -> AsyncIterator[AsyncConnection]:
    connection, driver = await (_let_in(newcomer, opening) if newcomer else _open(opening))
    try:
        with _hearing(driver):
            yield connection
            await _commit(driver, endings.commit)
    except BaseException as failure:
        # Whatever state the transaction is in, the next request must not inherit it. A denial is
        # paid by the row that tells of it.
        ending = ROLLBACK if isinstance(failure, Denied) else endings.give_up()
        await _give_up(connection, driver, ending)
        raise
    await _close(connection)


async def _commit(driver: asyncpg.Connection, closing: str) -> None:
    """Postgres answers the COMMIT of a failed transaction with a quiet ROLLBACK."""
    try:
        answer = await driver.execute(closing)
    except asyncpg.InFailedSQLTransactionError:
        answer = ROLLBACK
    except retry.LOST as failure:
        raise CommitFailed(
            "The database did not confirm the commit: the request may be stored or not. Send it"
            " again with the same Idempotency-Key, or look for the record first."
        ) from failure
    if answer != "COMMIT":
        raise CommitFailed(
            "The database rolled the transaction back. Nothing was stored; send the request again."
        )


async def _give_up(connection: AsyncConnection, driver: asyncpg.Connection, ending: str) -> None:
    try:
        if not driver.is_closed():
            await asyncio.shield(driver.execute(ending))
    except (asyncpg.PostgresError, *retry.LOST, asyncio.CancelledError):
        await connection.invalidate()
    finally:
        await _close(connection)


async def _close(connection: AsyncConnection) -> None:
    """Give a connection back, even if nobody waits for the answer any more."""
    await asyncio.shield(connection.close())


async def _let_in(caller: Caller, opening: Opening) -> Opened:
    """Begin in the caller's name; an invitation, or the organization, may let in who is new."""
    try:
        return await _open(opening)
    except asyncpg.PostgresError as failure:
        if state_of(failure) != NOT_A_MEMBER:
            raise
    await announce("provision", "provision", **asdict(caller), person_id=uuid7())
    return await _open(opening)


async def _open(opening: Opening) -> Opened:
    """Connect and begin, again while nothing has run that a second try could repeat."""
    deadline = time.monotonic() + retry.RETRY_WITHIN_S
    for delay_s in (*retry.RETRY_DELAYS_S, None):
        try:
            return await _try_open(opening)
        except retry.DATABASE_FAILURES as failure:
            if delay_s is None or time.monotonic() > deadline:
                raise
            if _is_of_another_secret(failure) and await engine.renew():
                continue
            if not retry.may_retry(failure):
                raise
        await asyncio.sleep(delay_s * retry.JITTER.uniform(retry.LEAST_PART, 1))
    raise AssertionError("the last try raises")


def _is_of_another_secret(failure: BaseException) -> bool:
    """Whether the password or the key that we have is refused: the secret may hold another."""
    return retry.is_refused_password(failure) or state_of(failure) == NOT_SEALED


@contextmanager
def _hearing(driver: asyncpg.Connection) -> Iterator[None]:
    """Take down what the database says beside its answers, where somebody listens."""
    listeners = [listener for listener in (rates.current(), notices.current()) if listener]
    if not listeners:
        yield
        return

    def hear(_connection: object, notice: asyncpg.PostgresLogMessage) -> None:
        for listener in listeners:
            listener.hear(str(notice))

    driver.add_log_listener(hear)
    try:
        yield
    finally:
        driver.remove_log_listener(hear)


async def _try_open(opening: Opening) -> Opened:
    connection = await engine.current().connect()
    try:
        raw = await connection.get_raw_connection()
        driver: asyncpg.Connection = raw.driver_connection
        # A pooler without a free connection keeps its clients waiting without a word.
        with _hearing(driver):
            await driver.execute(opening(), timeout=retry.RETRY_WITHIN_S)
    except BaseException:
        await connection.invalidate()
        await _close(connection)
        raise
    return connection, driver


async def audit_denial(
    caller: Caller,
    permission: Permission | None,
    refusal: MediLensError,
    *,
    read_only: bool,
    about: Resource | None = None,
) -> None:
    """Keep who was refused what, members or not.

    Raises
    ------
    Unavailable
        It cannot be kept; the refusal itself must not be answered then.
    """
    table, key = (about.type, about.id) if about else (None, None)
    if isinstance(refusal, Denied) and refusal.resource_type:
        table, key = refusal.resource_type, refusal.resource_id
    denied = {
        **asdict(caller),
        **rates.limit(),
        "permission": permission,
        "read_only": read_only,
        "code": refusal.code,
        "resource_type": table,
        "resource_id": key,
    }
    await announce("audit_denial", "denial", **denied)
