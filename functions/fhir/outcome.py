"""Refusals as FHIR tells them: an OperationOutcome that carries the same stable code."""

from collections.abc import Mapping
from http import HTTPStatus
from types import MappingProxyType
from typing import Any

from fastapi import Request
from fastapi.responses import JSONResponse

from shared.http.problems import PROBLEM
from shared.schemas import Problem

FHIR_JSON = "application/fhir+json"
PROBLEMS = "urn:medilens:problem"
# What lies beside FHIR's resources under the same path.
OTHERS = frozenset({"", "reports", "cohorts", "pushes", "jobs", "health", "docs", "openapi.json"})
# What the status means among the issue types of R4.
ISSUES: Mapping[int, str] = MappingProxyType(
    {
        HTTPStatus.BAD_REQUEST: "structure",
        HTTPStatus.UNAUTHORIZED: "login",
        HTTPStatus.FORBIDDEN: "forbidden",
        HTTPStatus.NOT_FOUND: "not-found",
        HTTPStatus.METHOD_NOT_ALLOWED: "not-supported",
        HTTPStatus.CONFLICT: "conflict",
        HTTPStatus.GONE: "deleted",
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "too-long",
        HTTPStatus.UNSUPPORTED_MEDIA_TYPE: "not-supported",
        HTTPStatus.UNPROCESSABLE_ENTITY: "invalid",
        HTTPStatus.TOO_MANY_REQUESTS: "throttled",
        HTTPStatus.BAD_GATEWAY: "transient",
        HTTPStatus.SERVICE_UNAVAILABLE: "transient",
    }
)


def outcome(problem: Problem) -> dict[str, Any]:
    """Say a problem as an OperationOutcome."""
    coding = {"system": PROBLEMS, "code": problem.code, "display": problem.title}
    return {
        "resourceType": "OperationOutcome",
        "id": problem.instance,
        "issue": [
            {
                "severity": "error",
                "code": ISSUES.get(problem.status, "exception"),
                "details": {"coding": [coding], "text": problem.title},
                "diagnostics": problem.detail,
            }
        ],
    }


def as_outcome(request: Request, problem: Problem) -> JSONResponse | None:
    """Refuse as FHIR does on routes of FHIR; reports and health are none."""
    if not is_fhir(request.url.path):
        return None
    return JSONResponse(outcome(problem), status_code=problem.status, media_type=FHIR_JSON)


def is_lenient(request: Request) -> bool:
    """Whether a client asks to have parameters passed over that are not known here."""
    told = ",".join(request.headers.getlist("prefer"))
    wishes = {wish.strip().lower() for part in told.split(",") for wish in part.split(";")}
    return is_fhir(request.url.path) and "handling=lenient" in wishes


def is_fhir(path: str) -> bool:
    """Whether a path is one of FHIR's."""
    _, is_below, rest = path.partition("/api/fhir/")
    return bool(is_below) and rest.partition("/")[0] not in OTHERS


def tell_outcomes(document: dict[str, Any]) -> dict[str, Any]:
    """Describe the refusals of FHIR's routes as they are answered."""
    for path, operations in document["paths"].items():
        if not is_fhir(path):
            continue
        for operation in operations.values():
            for response in operation["responses"].values():
                _retell(response, document["components"]["examples"])
    return document


def _retell(response: dict[str, Any], shown: Mapping[str, Any]) -> None:
    content = response.get("content", {})
    told = content.pop(PROBLEM, None)
    if told is None:
        return
    examples = {
        code: {
            "summary": shown[code]["summary"],
            "value": outcome(Problem.model_validate(shown[code]["value"])),
        }
        for code in told["examples"]
    }
    content[FHIR_JSON] = {"schema": {"type": "object"}, "examples": examples}
