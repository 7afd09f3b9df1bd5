"""The trail, by definer functions that ask for the request's permission and leave their trace."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Integer,
    RowMapping,
    Uuid,
    bindparam,
    func,
    insert,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.database.models.audit_question import AuditQuestion
from shared.database.models.base import table_of
from shared.database.repositories import keys
from shared.database.repositories.audit import audited
from shared.database.repositories.tables import CALLER, ORGANIZATION
from shared.identifiers import uuid7

QUESTIONS = table_of(AuditQuestion)


@dataclass(frozen=True, kw_only=True)
class Filters:
    """Which events are asked for: who, whom, what, when, how it ended."""

    user_id: UUID | None = None
    subject_id: UUID | None = None
    action: str | None = None
    resource_type: str | None = None
    resource_id: UUID | None = None
    outcome: str | None = None
    request_id: str | None = None
    created_from: datetime | None = None
    created_to: datetime | None = None


async def get_log_person(connection: AsyncConnection, person_id: UUID | None) -> UUID | None:
    """Return whose log is meant, by default the caller's; None where it is out of reach."""
    statement = select(func.medilens.log_person(bindparam("person", type_=Uuid)))
    told = await connection.execute(statement, {"person": person_id})
    person: UUID | None = told.scalar_one()
    return person


async def verify(connection: AsyncConnection, *, after: int, most: int) -> dict[str, Any]:
    """Return the first fault of the organization's chain beyond a row, and what is not sealed."""
    statement = select(
        func.medilens.audit_verified(
            bindparam("after", type_=BigInteger), bindparam("most", type_=Integer)
        )
    )
    told: dict[str, Any] = (
        await connection.execute(statement, {"after": after, "most": most})
    ).scalar_one()
    return told


async def contradictions(
    connection: AsyncConnection, number: int, heads: Sequence[Any]
) -> Sequence[RowMapping]:
    """Return where the organization's chain is not as a checkpoint has it."""
    rows = func.medilens.audit_contradicted(
        bindparam("number", type_=BigInteger), bindparam("heads", type_=JSONB)
    ).table_valued("seq", "fault")
    told = await connection.execute(select(rows), {"number": number, "heads": list(heads)})
    return list(told.mappings())


async def export(connection: AsyncConnection, *, after: int, most: int) -> Sequence[RowMapping]:
    """Return rows as they are hashed, in the order of their seals."""
    rows = func.medilens.audit_exported(
        bindparam("after", type_=BigInteger), bindparam("most", type_=Integer)
    ).table_valued("seq", "form", "hash", "fields")
    told = await connection.execute(select(rows), {"after": after, "most": most})
    return list(told.mappings())


async def ask(connection: AsyncConnection, person_id: UUID, event_id: int, question: str) -> UUID:
    key, texts = uuid7(), (await keys.keys_of(connection, person_id)).texts
    await connection.execute(
        insert(QUESTIONS).values(
            id=key,
            organization_id=ORGANIZATION,
            user_id=person_id,
            asked_by=CALLER,
            event_id=event_id,
            question=texts.sealed("audit_questions", "question", key, question),
        )
    )
    return key


async def get_questions(
    connection: AsyncConnection, *, question_id: UUID | None = None, is_open: bool | None = None
) -> Sequence[Mapping[str, Any]]:
    """Return questions within the caller's reach, the newest first."""
    rows = select(QUESTIONS, keys.wrapped_key(QUESTIONS)).where(
        QUESTIONS.c.organization_id == ORGANIZATION
    )
    if question_id:
        rows = rows.where(QUESTIONS.c.id == question_id)
    if is_open is not None:
        condition = QUESTIONS.c.answered_at.is_(None)
        rows = rows.where(condition if is_open else ~condition)
    page = audited(rows.order_by(QUESTIONS.c.id.desc()).limit(MOST_QUESTIONS), "audit_questions")
    told = await connection.execute(page.order_by(page.selected_columns.id.desc()))
    rows_told = told.mappings().all()
    reader = await keys.reader(connection, rows_told)
    return [
        reader.texts(row).opened_columns("audit_questions", row["id"], row) for row in rows_told
    ]


MOST_QUESTIONS = 200


async def answer(connection: AsyncConnection, question_id: UUID, text: str) -> bool:
    """Answer a question that has no answer yet; False where there is none such."""
    person = select(QUESTIONS.c.user_id).where(QUESTIONS.c.id == question_id)
    person_id = (await connection.execute(person)).scalar_one_or_none()
    if person_id is None:
        return False
    texts = (await keys.keys_of(connection, person_id)).texts
    sealed = texts.sealed("audit_questions", "answer", question_id, text)
    answered = await connection.execute(
        update(QUESTIONS)
        .where(QUESTIONS.c.id == question_id, QUESTIONS.c.answered_at.is_(None))
        .values(answer=sealed, answered_by=CALLER, answered_at=func.now())
        .returning(QUESTIONS.c.id)
    )
    return answered.first() is not None
