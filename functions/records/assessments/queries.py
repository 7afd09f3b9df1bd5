"""Lists of assessments: the newest first, narrowed, a page at a time."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import (
    Boolean,
    ColumnElement,
    CompoundSelect,
    Integer,
    Select,
    Text,
    Uuid,
    and_,
    bindparam,
    column,
    func,
    select,
    true,
    tuple_,
    union_all,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.database.repositories.audit import audited
from shared.database.repositories.stored_assessments import shown
from shared.database.repositories.tables import ASSESSMENTS, CALLER, ORGANIZATION, SCOPE, TIMESTAMP
from shared.permissions import Scope
from shared.record import ListedExamination

LISTED_COLUMNS = tuple(field.name for field in fields(ListedExamination))


@dataclass(frozen=True)
class Filters:
    """What a list is narrowed to; None leaves a filter out."""

    subject_id: UUID | None = None
    pipeline: str | None = None
    status: str | None = None
    session_id: str | None = None
    requires_review: bool | None = None
    created_from: datetime | None = None
    created_to: datetime | None = None


async def get_user_assessments(
    connection: AsyncConnection,
    filters: Filters,
    *,
    limit: int,
    before: tuple[datetime, UUID] | None = None,
) -> Sequence[ListedExamination]:
    """Return the newest assessments first, from `before` (created_at, id) on, deleted left out."""
    given = {name: value for name, value in vars(filters).items() if value is not None}
    statement = _list(tuple(sorted(given)), continued=before is not None)
    created_at, assessment_id = before or (None, None)
    parameters = given | {"limit": limit}
    if before:
        parameters |= {"before_created_at": created_at, "before_id": assessment_id}
    page = await connection.execute(statement, parameters)
    return [ListedExamination(**row) for row in page.mappings()]


FILTER_CLAUSES: dict[str, ColumnElement[bool]] = {
    "subject_id": ASSESSMENTS.c.user_id == bindparam("subject_id", type_=Uuid),
    "pipeline": ASSESSMENTS.c.pipeline == bindparam("pipeline", type_=Text),
    "status": ASSESSMENTS.c.status == bindparam("status", type_=Text),
    "session_id": and_(
        SCOPE != Scope.RESEARCH, ASSESSMENTS.c.session_id == bindparam("session_id", type_=Text)
    ),
    "requires_review": and_(ASSESSMENTS.c.requires_review, ASSESSMENTS.c.reviewed_at.is_(None))
    == bindparam("requires_review", type_=Boolean),
    "created_from": ASSESSMENTS.c.created_at >= bindparam("created_from", type_=TIMESTAMP),
    "created_to": ASSESSMENTS.c.created_at < bindparam("created_to", type_=TIMESTAMP),
}


@cache
def _list(filters: tuple[str, ...], *, continued: bool) -> Select[Any]:
    order = (ASSESSMENTS.c.created_at, ASSESSMENTS.c.id)
    rows = select(*map(shown, LISTED_COLUMNS)).where(
        # The policy says the same; said here too, it can lead an index.
        ASSESSMENTS.c.organization_id == ORGANIZATION,
        ASSESSMENTS.c.deleted_at.is_(None),
        *(FILTER_CLAUSES[name] for name in filters),
    )
    if continued:
        rows = rows.where(
            tuple_(*order)
            < tuple_(
                bindparam("before_created_at", type_=TIMESTAMP), bindparam("before_id", type_=Uuid)
            )
        )
    listed = audited(
        _newest(rows) if "subject_id" in filters else _within_reach(rows), "assessments"
    )
    columns = listed.selected_columns
    return listed.order_by(columns.created_at.desc(), columns.id.desc())


def _newest[S: (Select[Any], CompoundSelect[Any])](rows: S) -> S:
    columns = rows.selected_columns
    newest = rows.order_by(columns.created_at.desc(), columns.id.desc())
    return newest.limit(bindparam("limit", type_=Integer))


def _within_reach(rows: Select[Any]) -> CompoundSelect[Any]:
    """The caller's own, everybody's, or each assigned person's: one walks its index, others rest.

    As one condition the policy would leave a patient, or a clinician with few people assigned, to
    look for these among all of the organization's.
    """
    own = select(SCOPE == Scope.OWN).scalar_subquery()
    everybody = select(SCOPE.not_in([Scope.OWN, Scope.CARE_TEAM])).scalar_subquery()
    branches = (
        _newest(rows.where(own, ASSESSMENTS.c.user_id == CALLER)),
        _newest(rows.where(everybody)),
        _newest(_person_by_person(rows)),
    )
    return _newest(union_all(*branches))


def _person_by_person(rows: Select[Any]) -> Select[Any]:
    """The newest of each person whom the caller cares for; nobody's in any other scope."""
    cared_for = func.medilens.cared_for().table_valued(column("user_id", Uuid), name="person")
    person = cared_for.render_derived()
    newest = _newest(rows.where(ASSESSMENTS.c.user_id == person.c.user_id)).lateral("newest")
    return select(newest).select_from(person.join(newest, true()))
