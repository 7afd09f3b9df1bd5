"""Emergencies: opened, ended and reviewed, each by whom the policies let."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

import asyncpg
from sqlalchemy import Select, and_, func, insert, select, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from functions.accounts.break_glass.schemas import ReviewState
from shared.database.models.base import table_of
from shared.database.models.break_glass import BreakGlassGrant
from shared.database.refusals import state_of
from shared.database.repositories import keys
from shared.database.repositories.audit import audited
from shared.database.repositories.tables import CALLER, ORGANIZATION
from shared.errors import Conflict, MediLensError, NotFound
from shared.identifiers import uuid7

GRANTS = table_of(BreakGlassGrant)
TABLE = GRANTS.name
REVIEW_WITHIN = timedelta(days=3)
MAX_LISTED = 100

UNREVIEWED = "ck_break_glass_grants_unreviewed"


type Grant = Mapping[str, Any]


class NotNeeded(Conflict):
    """The caller reaches the person without an emergency."""

    code = "break-glass-not-needed"
    title = "Nothing to break"


class GrantOpen(Conflict):
    """The caller has another emergency open."""

    code = "break-glass-open"
    title = "One emergency at a time"


class ReviewsMissing(Conflict):
    """The caller's emergencies of the last day wait for a review."""

    code = "break-glass-unreviewed"
    title = "Have the earlier ones reviewed"


async def add_grant(
    connection: AsyncConnection, person_id: UUID, reason: str, minutes: int
) -> UUID:
    """Let the caller reach a person from now on.

    Raises
    ------
    NotFound, NotNeeded, GrantOpen, ReviewsMissing
    """
    key, texts = uuid7(), (await keys.get_organization_keys(connection)).texts
    statement = insert(GRANTS).values(
        id=key,
        organization_id=ORGANIZATION,
        user_id=person_id,
        opened_by=CALLER,
        reason=texts.sealed(TABLE, "reason", key, reason),
        created_at=func.now(),
        expires_at=func.now() + timedelta(minutes=minutes),
    )
    try:
        await connection.execute(statement)
    except DBAPIError as failure:
        if (problem := _as_problem(failure, person_id)) is None:
            raise
        raise problem from failure
    return key


def _as_problem(failure: DBAPIError, person_id: UUID) -> MediLensError | None:
    cause = getattr(failure, "driver_exception", None)
    constraint = cause.constraint_name if isinstance(cause, asyncpg.PostgresError) else None
    # No such person; another one open; what `medilens.check_break_glass` refuses.
    match state_of(failure):
        case "23503":
            return NotFound(
                "There is no such person.", resource_type="users", resource_id=person_id
            )
        case "23505":
            return GrantOpen("You have another emergency open. End it first.")
        case "23514" if constraint == UNREVIEWED:
            return ReviewsMissing(
                "Five of your emergencies within a day wait for a review, or were found without"
                " reason. Have them reviewed, or be assigned to the person."
            )
        case "23514":
            return NotNeeded("You reach this person without breaking any glass.")
    return None


async def get_own(connection: AsyncConnection) -> Sequence[Grant]:
    """Return what the caller opened, the latest first."""
    return await _listed(
        connection,
        _grants().where(GRANTS.c.opened_by == CALLER).order_by(GRANTS.c.created_at.desc()),
    )


async def get_reviews(connection: AsyncConnection, state: ReviewState) -> Sequence[Grant]:
    """Return what is to be reviewed, the longest open first, or what was, the latest first."""
    if state is ReviewState.DUE:
        statement = _grants().where(GRANTS.c.reviewed_at.is_(None)).order_by(GRANTS.c.created_at)
    else:
        reviewed = _grants().where(GRANTS.c.reviewed_at.is_not(None))
        statement = reviewed.order_by(GRANTS.c.reviewed_at.desc())
    return await _listed(connection, statement)


async def get_grant(connection: AsyncConnection, grant_id: UUID) -> Grant | None:
    """Return one emergency, for the answer to a change of it, which is in the trail itself."""
    return next(iter(await _opened(connection, _grants().where(GRANTS.c.id == grant_id))), None)


async def _listed(connection: AsyncConnection, statement: Select[Any]) -> Sequence[Grant]:
    return await _opened(connection, audited(statement.limit(MAX_LISTED), TABLE))


async def _opened(connection: AsyncConnection, statement: Select[Any]) -> Sequence[Grant]:
    """Open reasons and notes, which the organization's key holds: nobody reaches the person yet."""
    rows = (await connection.execute(statement)).mappings().all()
    if not rows:
        return []
    texts = (await keys.get_organization_keys(connection)).texts
    return [texts.opened_columns(TABLE, row["id"], row) for row in rows]


def _grants() -> Select[Any]:
    is_open = and_(GRANTS.c.ended_at.is_(None), GRANTS.c.expires_at > func.now())
    return select(
        *(GRANTS.c[name] for name in ("id", "user_id", "opened_by", "reason", "expires_at")),
        *(GRANTS.c[name] for name in ("ended_at", "reviewed_at", "reviewed_by")),
        *(GRANTS.c[name] for name in ("is_justified", "review_note")),
        GRANTS.c.created_at.label("opened_at"),
        (GRANTS.c.created_at + REVIEW_WITHIN).label("review_due_at"),
        is_open.label("is_open"),
    ).where(GRANTS.c.organization_id == ORGANIZATION)


async def end(connection: AsyncConnection, grant_id: UUID) -> None:
    """End an emergency of the caller's, as of now; one that is over stays as it was."""
    await connection.execute(
        update(GRANTS)
        .where(
            GRANTS.c.organization_id == ORGANIZATION,
            GRANTS.c.id == grant_id,
            GRANTS.c.opened_by == CALLER,
            GRANTS.c.ended_at.is_(None),
        )
        .values(ended_at=func.now(), ended_by=CALLER)
    )


async def review(
    connection: AsyncConnection, grant_id: UUID, *, is_justified: bool, note: str | None
) -> bool:
    """Write down what the caller says of another's emergency; False where it is theirs, or done."""
    texts = (await keys.get_organization_keys(connection)).texts
    sealed = texts.sealed(TABLE, "review_note", grant_id, note)
    reviewed = await connection.execute(
        update(GRANTS)
        .where(
            GRANTS.c.organization_id == ORGANIZATION,
            GRANTS.c.id == grant_id,
            GRANTS.c.opened_by != CALLER,
            GRANTS.c.reviewed_at.is_(None),
        )
        .values(
            reviewed_at=func.now(),
            reviewed_by=CALLER,
            is_justified=is_justified,
            review_note=sealed,
        )
    )
    return bool(reviewed.rowcount)
