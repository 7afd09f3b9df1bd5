"""The OpenAPI document of a function, with every refusal that its operations may answer."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from copy import deepcopy
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI

from shared.database.transaction import CommitFailed
from shared.errors import (
    BadRequest,
    Forbidden,
    InvalidRequest,
    MediLensError,
    MethodNotAllowed,
    OurMistake,
    RequestTooLarge,
    Unauthenticated,
    Unavailable,
    UploadTooLarge,
)
from shared.http.content_types import UnsupportedMediaType
from shared.http.problems import PROBLEM, PROBLEM_TYPES
from shared.limits_reached import TooManyRequests
from shared.schemas import Answer, Problem

type Errors = Iterable[type[MediLensError]]

ANY_OPERATION: Errors = (InvalidRequest, MethodNotAllowed, OurMistake, Unavailable)
WITH_TOKEN: Errors = (Unauthenticated, Forbidden, TooManyRequests, CommitFailed)
WITH_BODY: Errors = (BadRequest, RequestTooLarge, UnsupportedMediaType)
WITH_FILES: Errors = (UploadTooLarge,)

# What FastAPI says a refusal looks like where it is not told.
NOT_OURS = ("HTTPValidationError", "ValidationError")
SCHEMAS = "#/components/schemas/"
EXAMPLE_REQUEST_ID = "0199b0f4-8a6e-7c35-9d1e-2f6a40c8b712"


class Application(FastAPI):
    """An application whose document says what every operation may answer."""

    retell: Callable[[dict[str, Any]], object] | None = None

    def described_by(self, retell: Callable[[dict[str, Any]], object]) -> None:
        """Have the finished document changed where a function answers in a format of its own."""
        self.retell = retell

    def openapi(self) -> dict[str, Any]:
        if self.openapi_schema is None:
            document = super().openapi()
            complete(document)
            if self.retell:
                self.retell(document)
            self.openapi_schema = document
        return self.openapi_schema


def refusals(*errors: type[MediLensError]) -> dict[int | str, dict[str, Any]]:
    """Return the `responses` of an operation that may be refused so."""
    by_status: dict[int | str, list[type[MediLensError]]] = defaultdict(list)
    for error in errors:
        by_status[int(error.status)].append(error)
    return {
        status: {
            "description": HTTPStatus(int(status)).phrase,
            "content": {
                PROBLEM: {
                    "schema": {"$ref": f"{SCHEMAS}Problem"},
                    "examples": {error.code: _example(error) for error in listed},
                }
            },
        }
        for status, listed in by_status.items()
    }


def meaning(error: type[MediLensError]) -> str:
    """Return the first sentence of an error's description, on one line."""
    words = " ".join((error.__doc__ or error.title).split("\n\n")[0].split())
    return words if words.endswith(".") else f"{words}."


def _example(error: type[MediLensError]) -> dict[str, Any]:
    value = Problem(
        type=PROBLEM_TYPES + error.code,
        title=error.title,
        status=int(error.status),
        code=error.code,
        detail=meaning(error),
        instance=EXAMPLE_REQUEST_ID,
    )
    return {"summary": error.title, "value": value.model_dump(mode="json", exclude_none=True)}


def complete(document: dict[str, Any]) -> None:
    """Add to every operation what it may answer because of its token and its body."""
    components = document.setdefault("components", {})
    schemas = components.setdefault("schemas", {})
    shown: dict[str, Any] = {}
    for name in NOT_OURS:
        schemas.pop(name, None)
    for kind in _answers(Answer):
        _show_nulls(schemas.get(kind.__name__, {}), kind)
    schemas["Problem"] = Problem.model_json_schema(ref_template=f"{SCHEMAS}{{model}}")
    for operation in _operations(document):
        operation["responses"] = deepcopy(operation["responses"])
        responses = operation["responses"]
        if _is_frameworks(responses.get("422")):
            del responses["422"]
        for status, response in refusals(*_errors_of(operation)).items():
            _add(responses, str(status), response)
        operation["responses"] = dict(sorted(responses.items()))
        _share_examples(operation["responses"], shown)
    components["examples"] = dict(sorted(shown.items()))


def _answers(kind: type[Answer]) -> Iterator[type[Answer]]:
    for child in kind.__subclasses__():
        yield child
        yield from _answers(child)


def _show_nulls(schema: dict[str, Any], kind: type[Answer]) -> None:
    """Put back what is null in an example, which FastAPI leaves out.

    Another function's answer may bear the same name, where one process has both.
    """
    extra = kind.model_config.get("json_schema_extra")
    example = extra.get("example") if isinstance(extra, dict) else None
    is_its_own = schema.get("properties", {}).keys() == kind.model_fields.keys()
    if isinstance(example, dict) and is_its_own:
        schema["example"] = deepcopy(example)


def _share_examples(responses: Mapping[str, Any], shown: dict[str, Any]) -> None:
    """Keep each refusal once and name it where it may come."""
    for response in responses.values():
        answer = response.get("content", {}).get(PROBLEM)
        if answer is not None:
            shown |= answer["examples"]
            answer["examples"] = {
                code: {"$ref": f"#/components/examples/{code}"} for code in answer["examples"]
            }


def _operations(document: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for operations in document["paths"].values():
        yield from operations.values()


def _errors_of(operation: Mapping[str, Any]) -> Iterator[type[MediLensError]]:
    yield from ANY_OPERATION
    if "security" in operation:
        yield from WITH_TOKEN
    if "requestBody" in operation:
        yield from WITH_BODY
        if "multipart/form-data" in operation["requestBody"]["content"]:
            yield from WITH_FILES


def _is_frameworks(response: Mapping[str, Any] | None) -> bool:
    return response is not None and PROBLEM not in response.get("content", {})


def _add(responses: dict[str, Any], status: str, response: dict[str, Any]) -> None:
    if status not in responses:
        responses[status] = response
        return
    examples = responses[status]["content"][PROBLEM]["examples"]
    examples |= response["content"][PROBLEM]["examples"]
