"""What the database refuses, in terms of whoever asked."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from uuid import UUID

from sqlalchemy.exc import TimeoutError as PoolExhausted

from shared.database import retry
from shared.errors import Forbidden, MediLensError, Unavailable
from shared.limits_reached import QuotaUsedUp, TooManyRequests
from shared.person_conflicts import PersonErased, PersonMerged

# SQLSTATEs that `medilens.enter` raises, and those of whatever is sealed.
NOT_A_MEMBER, NOT_PERMITTED, NOT_IN_SCOPES = "ML401", "ML403", "ML405"
NOT_SEALED, NOT_SEALED_NOW = "ML498", "ML499"
TOO_OFTEN = "ML429"
# What `medilens.check_standing` raises, with the survivor as its detail.
MERGED = "ML409"
# What it and `medilens.check_there` raise of whom was erased.
ERASED = "ML410"
# What `medilens.require_quota` raises, with what the quota is as its detail.
QUOTA_USED_UP = "ML430"
# Refusals that say more in their detail.
TOLD: dict[str, Callable[[str], MediLensError]] = {
    TOO_OFTEN: lambda detail: TooManyRequests(int(detail or 1)),
    MERGED: lambda detail: PersonMerged(UUID(detail)),
    ERASED: lambda _: PersonErased(),
    QUOTA_USED_UP: lambda detail: QuotaUsedUp(**json.loads(detail)),
}
# Where the database says that it was, when it writes the trail.
RECORDING = "function medilens.record("
NOT_LET_IN = {
    NOT_A_MEMBER: "This account is not an active member of the organization.",
    NOT_PERMITTED: "None of your roles allows this.",
    NOT_IN_SCOPES: "The service key's scopes do not allow this.",
}
KEY_REFUSED = {
    NOT_SEALED: "the database does not take requests sealed with this MEDILENS_IDENTITY_KEY:"
    " the migration job has to be run with the same",
    NOT_SEALED_NOW: "the clocks of this function and of the database differ by over 20 seconds",
}


class KeyRefused(Unavailable):
    """The database lets nobody in whom this function names."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"Nothing was stored: {reason}.")
        self.reason = reason


@contextmanager
def in_the_callers_terms() -> Iterator[None]:
    """Say what the database refused as a problem; what is our own mistake stays one."""
    try:
        yield
    except retry.DATABASE_FAILURES as failure:
        problem = _as_problem(failure)
        if problem is None:
            raise
        raise problem from failure


def _as_problem(failure: BaseException) -> MediLensError | None:
    cause = getattr(failure, "driver_exception", None) or failure
    state = state_of(failure)
    if state in KEY_REFUSED:
        return KeyRefused(KEY_REFUSED[state])
    if state in TOLD:
        return TOLD[state](getattr(cause, "detail", None) or "")
    if state in NOT_LET_IN:
        return Forbidden(NOT_LET_IN[state])
    if RECORDING in (getattr(cause, "context", None) or ""):
        return Unavailable("The audit trail cannot be written. Nothing was stored; try again.")
    if state[:2] in retry.UNAVAILABLE_CLASSES or isinstance(cause, (PoolExhausted, *retry.LOST)):
        return Unavailable("The database does not answer. Nothing was stored; try again.")
    return None


def state_of(failure: BaseException) -> str:
    """Return the SQLSTATE of a failure of the database; empty where it has none."""
    cause = getattr(failure, "driver_exception", None) or failure
    return getattr(cause, "sqlstate", None) or ""
