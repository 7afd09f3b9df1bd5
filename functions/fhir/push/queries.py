"""What is on its way to an organization's FHIR server, and where that is, which no member reads."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from pydantic import BaseModel
from sqlalchemy import ColumnElement, RowMapping, Select, and_, case, func, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from functions.fhir.push.schemas import PushQuery, PushState
from shared.database.encryption.texts import Texts
from shared.database.models.base import table_of
from shared.database.models.fhir_push import FhirPush
from shared.database.repositories import schedule
from shared.database.repositories.outbox import Attempt
from shared.database.repositories.tables import CALLER, ORGANIZATION
from shared.identifiers import uuid7

PUSHES = table_of(FhirPush)
MAX_LISTED = 100
# As long as an assessment is tried, and when the request that asked for it has had its own try.
KEEP_TRYING = timedelta(days=3)
AFTER_THE_REQUEST = timedelta(seconds=30)

_pending = and_(PUSHES.c.delivered_at.is_(None), PUSHES.c.dead_at.is_(None))
STATES: dict[PushState, ColumnElement[bool]] = {
    PushState.PENDING: _pending,
    PushState.DELIVERED: PUSHES.c.delivered_at.is_not(None),
    PushState.DEAD: PUSHES.c.dead_at.is_not(None),
}


class ToSend(BaseModel):
    """An assessment to be sent, and who asked for it: nobody any more, where `subject` is None."""

    id: UUID
    assessment_id: UUID
    base: str
    attempts: int
    subject: str | None
    organization: str


@dataclass(frozen=True)
class FhirServer:
    """An address, and what is signed in with there; an empty secret is none."""

    url: str
    secret: str


async def add_push(
    connection: AsyncConnection, assessment_id: UUID, base: str, key_id: UUID | None
) -> UUID:
    """Write that an assessment is to be sent, and nothing of what is in it."""
    key = uuid7()
    await connection.execute(
        insert(PUSHES).values(
            id=key,
            organization_id=ORGANIZATION,
            assessment_id=assessment_id,
            created_by=CALLER,
            key_id=key_id,
            base=base,
            next_at=func.now() + AFTER_THE_REQUEST,
            give_up_at=func.now() + KEEP_TRYING,
        )
    )
    return key


async def get_pushes(connection: AsyncConnection, wanted: PushQuery) -> Sequence[RowMapping]:
    statement = _pushes().order_by(PUSHES.c.created_at.desc(), PUSHES.c.id.desc())
    if wanted.state:
        statement = statement.where(STATES[wanted.state])
    if wanted.before:
        statement = statement.where(PUSHES.c.created_at < wanted.before)
    if wanted.assessment_id:
        statement = statement.where(PUSHES.c.assessment_id == wanted.assessment_id)
    return list((await connection.execute(statement.limit(MAX_LISTED))).mappings())


async def get_push(connection: AsyncConnection, push_id: UUID) -> RowMapping | None:
    rows = await connection.execute(_pushes().where(PUSHES.c.id == push_id))
    return next(iter(rows.mappings()), None)


def _pushes() -> Select[tuple[object, ...]]:
    names = ("id", "assessment_id", "created_at", "give_up_at", "delivered_at", "dead_at")
    return select(
        *(PUSHES.c[name] for name in names),
        case(*((condition, name.value) for name, condition in STATES.items())).label("state"),
        case((_pending, PUSHES.c.next_at)).label("next_at"),
        PUSHES.c.history.label("attempts"),
    ).where(PUSHES.c.organization_id == ORGANIZATION)


async def get_just_written(connection: AsyncConnection, push_id: UUID) -> list[ToSend]:
    """Return what a request has just asked for, unless its server failed the last time."""
    told = await schedule.work(connection, "just_written_pushes", pushes=[str(push_id)])
    return [ToSend.model_validate(row) for row in told]


async def lease(connection: AsyncConnection, most: int) -> list[ToSend]:
    """Return what is due, which nobody else is given for two minutes."""
    told = await schedule.work(connection, "lease_pushes", most=most)
    return [ToSend.model_validate(row) for row in told]


async def settle(connection: AsyncConnection, attempts: Sequence[Attempt]) -> None:
    """Write down how attempts ended."""
    outcomes = [attempt.model_dump(mode="json") for attempt in attempts]
    await schedule.work(connection, "settle_pushes", outcomes=outcomes)


async def forget(connection: AsyncConnection, *, older_than: timedelta, most: int) -> int:
    """Give up what has waited too long, remove the oldest, and return how many were removed."""
    seconds = f"{older_than.total_seconds()} s"
    (forgotten,) = await schedule.work(connection, "forget_pushes", older_than=seconds, most=most)
    return int(forgotten)


async def get_fhir_server(
    connection: AsyncConnection, organization_id: UUID, texts: Texts
) -> FhirServer | None:
    """Return the server of an organization, in a transaction of `transaction.unattended`.

    `texts` opens what is encrypted with the organization's key.
    """
    rows = await schedule.work(connection, "fhir_server", organization_id=str(organization_id))
    for row in rows:
        key = UUID(row["secret_id"])
        secret = texts.opened("outgoing_secrets", "secret", key, row["secret"])
        return FhirServer(row["url"], secret or "")
    return None
