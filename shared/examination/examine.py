"""One recording through one pipeline: asked for, analyzed, then stored in one transaction.

No connection is held while a recording is analyzed: a short transaction asks whether the caller may
have it analyzed, and another begins when there is something to store.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from functools import partial
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, cast

from fastapi import Request
from fastapi.responses import Response
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.aws import queue
from shared.caller import Caller
from shared.database import transaction
from shared.database.repositories import assessment_parts, assessments, stored_assessments, uploads
from shared.database.repositories.terms import Terms, get_terms
from shared.errors import UnusableRecording
from shared.examination import deferred, processes
from shared.examination.idempotency import replay
from shared.examination.method_card import MethodCard
from shared.examination.person import from_person, identified
from shared.examination.provenance import provenance_of
from shared.examination.received import input_sha256
from shared.examination.recording_time import Clock, Timed, timed
from shared.examination.request import AnalysisRequest
from shared.examination.run import Analyze, Run
from shared.examination.uploads import (
    complete_uploads,
    fetch_uploads,
    find_uploads,
    permitted,
)
from shared.examination.values import cited, in_order
from shared.http.preconditions import entity_tag
from shared.http.problems import problem
from shared.identifiers import uuid7
from shared.permissions import Permission
from shared.record import (
    Created,
    Examination,
    Findings,
    Json,
    StoredPicture,
)
from shared.recording import RecordingFile
from shared.runtime.observability import log_analysis
from shared.schemas import AssessmentRead
from shared.settings import public_path
from shared.vocabulary import AssessmentStatus

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

# What `answer` may say instead of 201, for the routes' documents.
ACCEPTED: dict[int | str, dict[str, Any]] = {
    202: {
        "model": AssessmentRead,
        "description": "Asked for with `Prefer: respond-async`: pending, to be read at `Location`",
    }
}

# An analysis that knows what the database has beside the recording; `subject_id` is the person's.
type Informed[Fields: DataclassInstance] = Callable[
    [AsyncConnection, AnalysisRequest, Fields], Awaitable[Analyze[Fields]]
]


class ExaminationFailed(UnusableRecording):
    """What a failed assessment answers, now and when it is asked for again."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code = code  # type: ignore[misc]  # the refusal that was stored has its own


async def examine[Fields: DataclassInstance](
    caller: Caller,
    requested: AnalysisRequest,
    card: MethodCard,
    files: tuple[RecordingFile, ...],
    fields: Fields,
    analyze: Analyze[Fields],
    informed: Informed[Fields] | None = None,
    clock: Clock | None = None,
) -> AssessmentRead:
    """Analyze the recording and store the assessment; a failed one is stored too.

    Raises
    ------
    IdempotencyKeyReused, NotFound, Forbidden, QuotaUsedUp, Unavailable, UploadNotComplete
    """
    requested = await identified(caller, requested)
    if requested.respond_async and queue.offered():
        pipeline = (card.pipeline, card.version)
        return await deferred.accept(caller, requested, pipeline, files, asdict(fields))
    coming = 0 if requested.assessment_id else 1
    known = await get_known(caller, requested, files, clock, coming=coming)
    requested, files = known.requested, known.files
    if informed:
        async with transaction.begin(caller, Permission.CREATE_ASSESSMENT) as connection:
            analyze = await informed(connection, requested, fields)
    if card.takes_operator_model:
        analyze = partial(cast("Any", analyze), models_allowed=known.terms.models_allowed)
    of_person = from_person(known.terms, requested.recorded_at, fields)
    run = await processes.run(analyze, files, replace(fields, **of_person))
    source = _source(known, asdict(fields), of_person)
    examination = examination_of(requested, card, run, source, known.time.warnings)
    async with transaction.begin(caller, Permission.CREATE_ASSESSMENT) as connection:
        created = await _store(connection, requested, examination)
        if created is None:
            return await _stored_before(connection, requested, examination)
        await assessment_parts.save_parts(connection, created, examination, run.pictures)
        await uploads.use_uploads(connection, requested.upload_ids, created.id)
    log_analysis(caller.request_id, examination)
    return AssessmentRead.of(created.examination(examination))


@dataclass(frozen=True)
class Known:
    """What is known before a recording is analyzed, its files and its moment with the rest."""

    requested: AnalysisRequest
    files: tuple[RecordingFile, ...]
    terms: Terms
    time: Timed


async def get_known(
    caller: Caller,
    requested: AnalysisRequest,
    files: tuple[RecordingFile, ...],
    clock: Clock | None,
    *,
    coming: int,
) -> Known:
    """Ask whether the caller may, and on which terms; then fetch the files that lie in storage.

    `coming` assessments more will be stored.

    Raises
    ------
    NotFound, PersonMerged, Forbidden, QuotaUsedUp, Unavailable, UploadNotComplete
    """
    async with permitted(caller, requested) as connection:
        announced = await find_uploads(connection, requested)
        person = requested.subject_id or next((file.user_id for file in announced.values()), None)
        key = requested.idempotency_key
        terms = await get_terms(connection, person, coming=coming, idempotency_key=key)
    if requested.upload_ids:
        requested, stored = complete_uploads(requested, announced)
        files = await fetch_uploads(stored)
    time = await timed(requested, files, clock, terms)
    return Known(replace(requested, recorded_at=time.moment), files, terms, time)


def _source(known: Known, fields: Json, of_person: Mapping[str, Json]) -> Mapping[str, Json]:
    """Return what an examination was made from; nothing is said of what there was none of."""
    source: dict[str, Json] = {
        "input_sha256": input_sha256(file.sha256 for file in known.files),
        "fields": fields,
        "recorded_at": known.time.told,
    }
    if of_person:
        source["from_person"] = of_person
    if known.requested.upload_ids:
        source["upload_ids"] = list(map(str, known.requested.upload_ids))
    if known.requested.order_reference:
        source["order_reference"] = known.requested.order_reference
    return source


def answer(request: Request, assessment: AssessmentRead) -> Response:
    """Answer 201 with the assessment, 202 with a pending one, or with what ended a failed one."""
    if assessment.status in {AssessmentStatus.PENDING, AssessmentStatus.PROCESSING}:
        headers = {
            "Location": public_path(f"/api/records/assessments/{assessment.id}"),
            "Preference-Applied": "respond-async",
        }
        return _json(assessment, HTTPStatus.ACCEPTED, headers)
    if assessment.status != AssessmentStatus.FAILED:
        return _json(assessment, HTTPStatus.CREATED)
    stage = assessment.stages[-1]
    failure = ExaminationFailed(stage.error_code or "internal", stage.error_message or "")
    return problem(request, failure, assessment_id=assessment.id, stage=stage.stage_name)


def _json(
    assessment: AssessmentRead, status: HTTPStatus, headers: Mapping[str, str] | None = None
) -> Response:
    body = assessment.model_dump_json()
    tag = {"ETag": entity_tag(assessment.revision)}
    return Response(body, status, tag | dict(headers or {}), media_type="application/json")


async def _store(
    connection: AsyncConnection, requested: AnalysisRequest, examination: Examination
) -> Created | None:
    """Add the assessment, or finish the pending one; None where that was done before."""
    if requested.assessment_id:
        return await assessments.finish_assessment(connection, examination)
    return await assessments.create_assessment(
        connection,
        examination,
        subject_id=requested.subject_id,
        idempotency_key=requested.idempotency_key,
    )


async def _stored_before(
    connection: AsyncConnection, requested: AnalysisRequest, examination: Examination
) -> AssessmentRead:
    if requested.assessment_id is None:
        return await replay(connection, requested, examination)
    stored = await stored_assessments.get_assessment(connection, requested.assessment_id)
    assert stored is not None
    return AssessmentRead.of(stored)


def examination_of(
    requested: AnalysisRequest,
    card: MethodCard,
    run: Run,
    source: Mapping[str, Json],
    warnings: tuple[str, ...] = (),
) -> Examination:
    """Put together what is stored: what was asked for and what came of it.

    `warnings` are those that the analysis itself could not know of.
    """
    key = requested.assessment_id or uuid7()
    examination = Examination(
        id=key,
        session_id=requested.session_id or str(key),
        pipeline=card.pipeline,
        pipeline_version=card.version,
        status=AssessmentStatus.FAILED,
        provenance=provenance_of(card, run.findings, source),
        processing_time_ms=run.processing_time_ms,
        predecessor_id=requested.predecessor_id,
        recorded_at=requested.recorded_at,
        completed_at=datetime.now(UTC),
        stages=run.stages,
        warnings=warnings,
    )
    return _completed(examination, card, run.findings) if run.findings else examination


def _completed(examination: Examination, card: MethodCard, findings: Findings) -> Examination:
    risk = findings.risk
    return replace(
        examination,
        status=AssessmentStatus.COMPLETED,
        risk_score=risk.score if risk else None,
        risk_level=risk.level if risk else None,
        risk_points=tuple(cited(card, point) for point in risk.points) if risk else (),
        confidence=findings.confidence,
        quality_score=findings.quality_score,
        requires_review=bool(findings.review_reason),
        review_reason=findings.review_reason,
        absent=findings.absent,
        warnings=(*findings.warnings, *examination.warnings),
        result=findings.result,
        biomarkers=in_order(card, findings.biomarkers),
        pictures=tuple(
            StoredPicture(picture.name, picture.media_type, picture.alt)
            for picture in findings.pictures
        ),
    )
