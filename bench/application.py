"""Routes that no function has: the three ways to write, over the same web stack and repositories.

A pipeline writes only after it has measured. Here the findings are ready, so that what is timed is
the storing alone: `examine` is the code that every pipeline calls.
"""

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, FastAPI, Header
from pydantic import BaseModel
from sqlalchemy.ext.asyncio import AsyncConnection

from bench.records import CITATION, NAMES, RANGE, RESULT, STAGES, VERSION, accepted
from functions.cardiology.norms import BIOMARKERS
from shared.database.repositories import assessment_parts, assessments
from shared.examination.examine import examine
from shared.examination.method_card import MethodCard
from shared.examination.request import AnalysisRequest
from shared.http.application import create_app
from shared.http.dependencies import CurrentCaller, allowed
from shared.permissions import Permission
from shared.pipelines import PipelineName
from shared.record import Created, Findings, Measured, StageMarker, Value
from shared.recording import RecordingFile
from shared.schemas import AssessmentRead

RECORDING = (RecordingFile("ecg.csv", b"0.0,0.1\n" * 100),)
CARD = MethodCard(
    pipeline=PipelineName.CARDIOLOGY,
    version=VERSION,
    formats=[],
    limits={},
    biomarkers=BIOMARKERS,
    norms={},
    sources={RANGE.source: CITATION},
)

router = APIRouter(tags=["bench"])
Adding = Annotated[AsyncConnection, allowed(Permission.CREATE_ASSESSMENT)]


class NewAssessment(BaseModel):
    subject_id: UUID
    session_id: str


class NewValues(BaseModel):
    subject_id: UUID
    created_by: UUID
    measured_at: datetime
    values: list[Value]


class Kept(BaseModel):
    id: UUID
    created_at: datetime


class Saved(BaseModel):
    saved: int


@router.post("/assessments", status_code=201)
async def create(connection: Adding, new: NewAssessment) -> Kept:
    created = await assessments.create_assessment(
        connection, accepted(new.session_id), subject_id=new.subject_id
    )
    assert created is not None
    return Kept(id=created.id, created_at=created.created_at)


@router.post("/assessments/{assessment_id}/biomarkers", status_code=201)
async def save_biomarkers(connection: Adding, assessment_id: UUID, new: NewValues) -> Saved:
    known = Created(assessment_id, new.subject_id, new.created_by, new.measured_at)
    made = accepted(str(assessment_id))
    made = replace(made, recorded_at=new.measured_at, biomarkers=tuple(new.values))
    await assessment_parts.save_parts(connection, known, made)
    return Saved(saved=len(new.values))


@dataclass(frozen=True)
class NoFields:
    """A form that asks for nothing but the recording."""


@router.post("/examinations", status_code=201)
async def store(
    caller: CurrentCaller,
    new: NewAssessment,
    idempotency_key: Annotated[str | None, Header()] = None,
) -> AssessmentRead:
    requested = AnalysisRequest(new.subject_id, new.session_id, datetime.now(UTC), idempotency_key)
    return await examine(caller, requested, CARD, RECORDING, NoFields(), _findings)


def _findings(_files: tuple[RecordingFile, ...], _fields: NoFields, stage: StageMarker) -> Findings:
    for name in STAGES:
        with stage(name):
            pass
    return Findings(
        result=RESULT,
        biomarkers=tuple(Measured(name, 72.0, 0.9, RANGE) for name in NAMES),
        quality_score=0.95,
        confidence=0.9,
        risk=None,
    )


def create_bench_app() -> FastAPI:
    return create_app("bench", "Writes without an analysis", router)
