"""Examinations as a pipeline makes them, and one stored as the cardiology function would."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from shared.biomarkers import BiomarkerStatus
from shared.database import transaction
from shared.database.repositories import assessment_parts, assessments
from shared.identifiers import uuid7
from shared.permissions import Permission, RoleName
from shared.record import Examination, Stage, Value
from shared.vocabulary import AssessmentStatus, StageStatus
from tests.conftest import Clinic

NOW = datetime.now(UTC)


def examination(**columns: Any) -> Examination:
    """A completed electrocardiogram of this moment, without parts, unless `columns` say else."""
    key = uuid7()
    given: dict[str, Any] = {
        "id": key,
        "session_id": str(key),
        "pipeline": "cardiology",
        "pipeline_version": "1.0.0",
        "status": AssessmentStatus.COMPLETED,
        "recorded_at": NOW,
        "provenance": {},
    }
    return Examination(**given | columns)


def value(name: str, number: float, *, method: str = "1.0.0") -> Value:
    """A value within the range that somebody published."""
    return Value(
        name=name,
        value=number,
        unit="/min",
        category="rhythm",
        confidence=None,
        normal_range_min=60,
        normal_range_max=100,
        status=BiomarkerStatus.NORMAL,
        source="somebody-1996",
        population="adults",
        citation="Somebody (1996). A range.",
        method=method,
    )


def decoded(started_at: datetime) -> Stage:
    return Stage("decode", 0, StageStatus.COMPLETED, 3, started_at)


async def stored(
    clinic: Clinic,
    biomarker: str = "heart_rate",
    *,
    heart_rate: float = 70,
    days_ago: float = 0,
    method: str = "1.0.0",
    idempotency_key: str | None = None,
    **columns: Any,
) -> UUID:
    """Store an assessment of the clinic's patient as the cardiology function would."""
    recorded_at = NOW - timedelta(days=days_ago)
    made = examination(
        recorded_at=recorded_at,
        biomarkers=(value(biomarker, heart_rate, method=method),),
        stages=(decoded(recorded_at),),
        result={"heart_rate_bpm": heart_rate},
        **columns,
    )
    caller = clinic.caller(RoleName.CLINICIAN)
    async with transaction.begin(caller, Permission.CREATE_ASSESSMENT) as connection:
        created = await assessments.create_assessment(
            connection,
            made,
            subject_id=clinic.person_id(RoleName.PATIENT),
            idempotency_key=idempotency_key,
        )
        assert created is not None
        await assessment_parts.save_parts(connection, created, made)
    return made.id
