"""One recording through one pipeline: measured in a thread, then stored in one transaction.

No connection is held while a recording is analyzed: the transaction begins when there is
something to store.
"""

import gzip
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from anyio.to_thread import run_sync
from fastapi import Request
from fastapi.responses import Response
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.aws import queue
from shared.caller import Caller
from shared.database import transaction
from shared.database.repositories import assessment_parts, assessments, uploads
from shared.errors import MediLensError, UnreadableUpload, UnusableRecording
from shared.examination import deferred
from shared.examination.idempotency import replay
from shared.examination.pipeline import Method
from shared.examination.request import Order, input_sha256
from shared.examination.uploads import fetch_uploads, find_uploads
from shared.http.problems import problem
from shared.identifiers import uuid7
from shared.permissions import Permission
from shared.recording import RecordingFile
from shared.runtime.observability import log_analysis
from shared.schemas import AssessmentRead
from shared.settings import ServiceSettings, load
from shared.vocabulary import (
    AssessmentStatus,
    BiomarkerKind,
    Findings,
    Measured,
    Picture,
    StageMarker,
    StageStatus,
)

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

# What `answer` may say instead of 201, for the routes' documents.
ACCEPTED: dict[int | str, dict[str, Any]] = {
    202: {
        "model": AssessmentRead,
        "description": "Asked for with `Prefer: respond-async`: pending, to be read at `Location`",
    }
}

# What a pipeline does with the files, the fields of its form and a clock for its steps.
type Measure[Fields: DataclassInstance] = Callable[
    [tuple[RecordingFile, ...], Fields, StageMarker], Findings
]


class ExaminationFailed(UnusableRecording):
    """What a failed assessment answers, now and when it is asked for again."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code = code  # type: ignore[misc]  # the refusal that was stored has its own


@dataclass
class StageClock:
    """Times the steps of an analysis and keeps which one failed."""

    stages: list[dict[str, Any]] = field(default_factory=list)

    @contextmanager
    def __call__(self, name: str) -> Iterator[None]:
        started = time.perf_counter()
        started_at = datetime.now(UTC)
        failure: MediLensError | None = None
        try:
            yield
        except MediLensError as error:
            failure = error
            raise
        finally:
            self.stages.append(
                {
                    "id": str(uuid7()),
                    "stage_name": name,
                    "stage_index": len(self.stages),
                    "status": StageStatus.FAILED if failure else StageStatus.COMPLETED,
                    "started_at": started_at.isoformat(),
                    "duration_ms": round(1000 * (time.perf_counter() - started)),
                    "error_code": failure.code if failure else None,
                    "error_message": failure.detail if failure else None,
                }
            )


@dataclass(frozen=True)
class Run:
    """What one run of a pipeline left; without findings its last stage says why."""

    findings: Findings | None
    stages: list[dict[str, Any]]
    processing_time_ms: int


async def examine[Fields: DataclassInstance](
    caller: Caller,
    order: Order,
    method: Method,
    files: tuple[RecordingFile, ...],
    fields: Fields,
    measure: Measure[Fields],
) -> AssessmentRead:
    """Measure the recording and store the assessment; a failed one is stored too.

    Raises
    ------
    IdempotencyKeyReused, NotFound, Forbidden, Unavailable, UploadNotComplete
    """
    if order.respond_async and queue.offered():
        return await deferred.accept(caller, order, method, files, fields)
    if order.upload_ids:
        order, found = await find_uploads(caller, order)
        files = await fetch_uploads(found)
    run = await run_sync(_run, lambda stage: measure(files, fields, stage))
    source = {"input_sha256": input_sha256(file.sha256 for file in files), "fields": asdict(fields)}
    row = _assessment_row(order, method, run, source)
    parts = _parts(order, method, run)
    async with transaction.begin(caller, Permission.CREATE_ASSESSMENT) as connection:
        created = await _keep(connection, order, row)
        if created is None:
            return await _kept_before(connection, order, row)
        await assessment_parts.save_parts(connection, created.id, created.user_id, parts)
        await uploads.use_uploads(connection, order.upload_ids, created.id)
    log_analysis(caller.request_id, row, run.stages)
    return _stored(row, created, parts, method)


def answer(request: Request, assessment: AssessmentRead) -> Response:
    """Answer 201 with the assessment, 202 with a pending one, or with what ended a failed one."""
    if assessment.status in {AssessmentStatus.PENDING, AssessmentStatus.PROCESSING}:
        headers = {
            "Location": f"/api/records/assessments/{assessment.id}",
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
    return Response(body, status, headers, media_type="application/json")


async def _keep(
    connection: AsyncConnection, order: Order, row: dict[str, Any]
) -> assessments.Created | None:
    """Add the assessment, or finish the pending one; None where that was done before."""
    if order.assessment_id:
        return await assessments.finish_assessment(connection, row)
    return await assessments.create_assessment(connection, row, subject_id=order.subject_id)


async def _kept_before(
    connection: AsyncConnection, order: Order, row: dict[str, Any]
) -> AssessmentRead:
    if order.assessment_id is None:
        return await replay(connection, order, row)
    kept = await assessments.get_assessment(connection, order.assessment_id)
    assert kept is not None
    return AssessmentRead.from_row(dict(kept))


def _run(measure: Callable[[StageMarker], Findings]) -> Run:
    clock = StageClock()
    started = time.perf_counter()
    findings, failed = None, False
    try:
        findings = measure(clock)
    except (UnreadableUpload, UnusableRecording):
        # The clock has kept which step refused, and why.
        failed = True
    elapsed_ms = round(1000 * (time.perf_counter() - started))
    assert failed == (clock.stages[-1]["status"] == StageStatus.FAILED)
    return Run(findings, clock.stages, elapsed_ms)


def _assessment_row(
    order: Order, method: Method, run: Run, source: Mapping[str, Any]
) -> dict[str, Any]:
    found = run.findings
    risk = found.risk if found else None
    key = order.assessment_id or uuid7()
    return {
        "id": key,
        "session_id": order.session_id or str(key),
        "pipeline": method.pipeline,
        "pipeline_version": method.version,
        "status": AssessmentStatus.COMPLETED if found else AssessmentStatus.FAILED,
        "risk_score": risk.score if risk else None,
        "risk_level": risk.level if risk else None,
        "risk_points": [asdict(point) for point in risk.points] if risk else [],
        "confidence": found.confidence if found else None,
        "quality_score": found.quality_score if found else None,
        "requires_review": bool(found and found.review_reason),
        "review_reason": found.review_reason if found else None,
        "warnings": list(found.warnings) if found else [],
        "provenance": {
            **source,
            "pipeline_version": method.version,
            "code_version": load(ServiceSettings).code_version,
            "models": list(found.models) if found else [],
            "parameters": found.parameters if found else {},
        },
        "idempotency_key": order.idempotency_key,
        "processing_time_ms": run.processing_time_ms,
        "recorded_at": order.recorded_at,
        "completed_at": datetime.now(UTC),
    }


def _parts(order: Order, method: Method, run: Run) -> dict[str, list[dict[str, Any]]]:
    parts: dict[str, list[dict[str, Any]]] = {"pipeline_stages": run.stages}
    if found := run.findings:
        measured_at = order.recorded_at.isoformat()
        parts["biomarker_values"] = [
            _biomarker_row(one, method.version) | {"measured_at": measured_at}
            for one in found.biomarkers
        ]
        parts[f"{method.pipeline}_results"] = [{"id": str(uuid7()), **found.result}]
        parts["assessment_pictures"] = [_picture_row(one) for one in found.pictures]
    return parts


def _biomarker_row(measured: Measured, pipeline_version: str) -> dict[str, Any]:
    band = measured.range
    method = [pipeline_version] if measured.method is None else [pipeline_version, measured.method]
    return {
        "method": ", ".join(method),
        "name": measured.name,
        "value": measured.value,
        "confidence": measured.confidence,
        "normal_range_min": band.low if band else None,
        "normal_range_max": band.high if band else None,
        "status": measured.status,
        "source": band.source if band else None,
    }


def _picture_row(picture: Picture) -> dict[str, Any]:
    return {
        "id": str(uuid7()),
        "name": picture.name,
        "media_type": picture.media_type,
        "content_encoding": "gzip",
        "content": "\\x" + gzip.compress(picture.content, mtime=0).hex(),
    }


def _stored(
    row: dict[str, Any],
    created: assessments.Created,
    parts: dict[str, list[dict[str, Any]]],
    method: Method,
) -> AssessmentRead:
    """Say what was stored as a later reading will say it, without asking the database again."""
    results = parts.get(f"{method.pipeline}_results", [])
    order = {name: place for place, name in enumerate(method.biomarkers)}
    return AssessmentRead.from_row(
        {
            **row,
            **asdict(created),
            "reviewed_by": None,
            "reviewed_at": None,
            "review_note": None,
            "result": _without(results[0], "id") if results else None,
            "stages": [_without(one, "id", "started_at") for one in parts["pipeline_stages"]],
            "biomarkers": [
                _without(one, "measured_at", "method") | _kind(method.biomarkers[one["name"]])
                for one in sorted(
                    parts.get("biomarker_values", []), key=lambda one: order[one["name"]]
                )
            ],
            "pictures": [
                {"name": one["name"], "media_type": one["media_type"]}
                for one in parts.get("assessment_pictures", [])
            ],
        }
    )


def _without(row: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name not in names}


def _kind(kind: BiomarkerKind) -> dict[str, str]:
    return {"unit": kind.unit, "category": kind.category}
