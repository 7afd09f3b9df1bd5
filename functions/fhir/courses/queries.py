"""All that was measured of one person, in the order of time."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import Integer, Select, Uuid, bindparam, select
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.biomarkers import BiomarkerStatus
from shared.database.repositories.audit import audited
from shared.database.repositories.tables import (
    ASSESSMENTS,
    CATALOG,
    ORGANIZATION,
    TIMESTAMP,
    VALUES,
)
from shared.examination.change import Point


@dataclass(frozen=True)
class Sample:
    """A value at its time, as it was judged then."""

    number: int
    name: str
    pipeline: str
    category: str
    unit: str
    assessment_id: UUID
    measured_at: datetime
    value: float
    normal_range_min: float | None
    normal_range_max: float | None
    status: BiomarkerStatus
    source: str | None
    method: str | None
    pipeline_version: str

    @property
    def point(self) -> Point:
        return Point(self.value, self.measured_at, self.method)


async def get_samples(
    connection: AsyncConnection, person_id: UUID, since: datetime, until: datetime, *, most: int
) -> Sequence[Sample]:
    """Return the newest values of a person in that time, those of one biomarker oldest first."""
    parameters = {"person_id": person_id, "since": since, "until": until, "most": most}
    rows = await connection.execute(_samples(), parameters)
    samples = [
        Sample(**{field.name: row[field.name] for field in fields(Sample)})
        for row in rows.mappings()
    ]
    return sorted(samples, key=lambda sample: (sample.number, sample.measured_at))


@cache
def _samples() -> Select[Any]:
    rows = (
        select(
            CATALOG.c.id.label("number"),
            *(CATALOG.c[name] for name in ("name", "pipeline", "category", "unit")),
            *(VALUES.c[name] for name in ("user_id", "assessment_id", "measured_at", "value")),
            *(VALUES.c[name] for name in ("normal_range_min", "normal_range_max", "status")),
            *(VALUES.c[name] for name in ("source", "method")),
            ASSESSMENTS.c.pipeline_version,
        )
        .select_from(VALUES)
        .join(CATALOG, VALUES.c.biomarker_id == CATALOG.c.id)
        .join(
            ASSESSMENTS,
            (ASSESSMENTS.c.organization_id == VALUES.c.organization_id)
            & (ASSESSMENTS.c.user_id == VALUES.c.user_id)
            & (ASSESSMENTS.c.id == VALUES.c.assessment_id),
        )
        .where(
            VALUES.c.organization_id == ORGANIZATION,
            VALUES.c.user_id == bindparam("person_id", type_=Uuid),
            VALUES.c.measured_at >= bindparam("since", type_=TIMESTAMP),
            VALUES.c.measured_at < bindparam("until", type_=TIMESTAMP),
            ASSESSMENTS.c.deleted_at.is_(None),
        )
        .order_by(VALUES.c.measured_at.desc())
        .limit(bindparam("most", type_=Integer))
    )
    return audited(rows, "biomarker_values")
