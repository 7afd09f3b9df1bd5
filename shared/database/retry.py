"""Which failures of the database may pass, and how long a request waits for that."""

import random
import ssl

import asyncpg
from sqlalchemy.exc import DBAPIError, InterfaceError
from sqlalchemy.exc import TimeoutError as PoolExhausted

# First retry at once for a person, then slower for a database that wakes up; never a stampede.
RETRY_DELAYS_S = (0.025, 0.05, 0.1, 0.4, 1.0)
# Asks the system, so that sandboxes restored from one snapshot do not retry in step.
JITTER = random.SystemRandom()
LEAST_PART = 0.5
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


def may_retry(failure: BaseException) -> bool:
    """Whether a failure to connect or to begin may pass if tried again.

    Class 08 is the wrong test: a pooler reports a wrong password with the same code as a full
    pool, so the text decides there.
    """
    cause = _cause(failure)
    if isinstance(cause, ssl.SSLCertVerificationError):
        return False
    if isinstance(cause, asyncpg.ProtocolViolationError):
        return "max_client_conn" in str(cause) or "no more connections" in str(cause)
    return isinstance(failure, InterfaceError) or isinstance(cause, PASSING)


def is_refused_password(failure: BaseException) -> bool:
    """Whether the server, or a pooler before it, does not take the password that it was given."""
    cause = _cause(failure)
    if isinstance(cause, asyncpg.ProtocolViolationError):
        return "authentication failed" in str(cause)
    return isinstance(cause, asyncpg.InvalidPasswordError)


def _cause(failure: BaseException) -> BaseException:
    return getattr(failure, "driver_exception", None) or failure
