"""One log line a request and one an analysis, as JSON, without anything that identifies a patient.

The same lines carry the metrics: CloudWatch reads them out of the log (its embedded metric format),
elsewhere they are fields like the others. Every line is made whole from its own arguments and
nothing is kept between two, so requests that run at once cannot mix.
"""

import os
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from functools import cache
from http import HTTPStatus
from types import TracebackType
from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.metrics import EphemeralMetrics, MetricUnit

from shared.record import Examination
from shared.runtime.causes import causes
from shared.vocabulary import AssessmentStatus

# Where several deployments share an account, the variable of Powertools names each its own.
NAMESPACE = "MediLens"

# The first request of a process has waited for its start.
_cold_starts = iter([1])


@cache
def logger() -> Logger:
    # The place of the call would always be the one below.
    return Logger(service="medilens", location=None, log_uncaught_exceptions=False)


def log_request(
    request_id: str, function: str, method: str, route: str, status: int | None, duration_ms: float
) -> None:
    """Say how a request was answered; without a status the caller did not wait for it."""
    told = {
        "request_id": request_id,
        "function": function,
        "method": method,
        "route": route,
        "status": status,
    }
    refused = status is not None and HTTPStatus(status).is_client_error
    failed = status is not None and HTTPStatus(status).is_server_error
    measured = {
        "duration_ms": duration_ms,
        "cold_start": next(_cold_starts, 0),
        "client_error": int(refused),
        "server_error": int(failed),
    }
    _log("request", told, measured, [["function"], ["function", "route"]])


def log_analysis(request_id: str, examination: Examination) -> None:
    """Say how an analysis went: how long each stage took, how good the recording was."""
    failed = examination.status == AssessmentStatus.FAILED
    told = {
        "request_id": request_id,
        "pipeline": examination.pipeline,
        "pipeline_version": examination.pipeline_version,
        "error_code": examination.stages[-1].error_code if failed else None,
    }
    measured: dict[str, float] = {
        "processing_time_ms": examination.processing_time_ms or 0,
        "failed": int(failed),
        **{f"{stage.stage_name}_ms": stage.duration_ms for stage in examination.stages},
    }
    if not failed:
        measured["review"] = int(examination.requires_review)
    if examination.quality_score is not None:
        measured["quality"] = examination.quality_score
    _log("analysis", told, measured, [["pipeline"]])


def log_job(
    job: str, duration_ms: float, late_jobs: int, unsealed_ms: float, altered_records: int
) -> None:
    """Say that a job of the schedule is done, and how the others, the trail's seals and the records
    that are held against it stand.
    """
    measured = {
        "duration_ms": duration_ms,
        "late_jobs": late_jobs,
        "unsealed_ms": unsealed_ms,
        "altered_records": altered_records,
    }
    _log("job", {"job": job}, measured, [["job"]])


def log_failure(error: BaseException, **where: str) -> None:
    """Say what went wrong, once, by types and places."""
    logger().error("failure", extra={**where, "causes": causes(error)})


class FailuresLogged(AbstractContextManager[None, bool]):
    """Logs what goes wrong inside, and goes on after it: for work that others must not pay for."""

    def __init__(self, **where: str) -> None:
        self.where = where

    def __exit__(
        self, _kind: object, failure: BaseException | None, _traceback: TracebackType | None, /
    ) -> bool:
        if not isinstance(failure, Exception):
            return False
        log_failure(failure, **self.where)
        return True


def _log(
    message: str,
    told: Mapping[str, Any],
    measured: Mapping[str, float],
    dimensions: Sequence[Sequence[str]],
) -> None:
    metrics = EphemeralMetrics(
        namespace=os.environ.get("POWERTOOLS_METRICS_NAMESPACE", NAMESPACE),
        default_dimensions={name: told[name] for name in dimensions[0]},
    )
    for more in dimensions[1:]:
        metrics.add_dimensions(**{name: told[name] for name in more})
    for name, value in measured.items():
        metrics.add_metric(name, _unit(name), value)
    header = metrics.serialize_metric_set()["_aws"]
    logger().info(message, extra={**told, **measured, "_aws": header})


def _unit(name: str) -> MetricUnit:
    if name == "quality":
        return MetricUnit.NoUnit  # from 0 to 1
    return MetricUnit.Milliseconds if name.endswith("_ms") else MetricUnit.Count
