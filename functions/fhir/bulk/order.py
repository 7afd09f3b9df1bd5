"""What an export is asked for with: types, a moment, a format, as a query or as Parameters."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import Query, Request

from functions.fhir.outcome import FHIR_JSON
from shared.errors import InvalidRequest, MediLensError
from shared.http.names import UnsupportedMediaType, check_json, tell_unknown
from shared.moment import parse_moment
from shared.text import Line

NDJSON = "application/fhir+ndjson"
FORMATS = frozenset({NDJSON, "application/ndjson", "ndjson"})
# In the order in which they are read: people, what they agreed to, what was measured of them.
TYPES = (
    *("Patient", "Consent", "DiagnosticReport", "Observation"),
    *("DocumentReference", "Provenance", "Device"),
)
# Of a resource of Parameters, each has its value under the name of a data type.
NAMES = ("_type", "_since", "_outputFormat")
VALUES = ("valueString", "valueInstant", "valueCode")
MAX_PARAMETERS_BYTES = 8_192


class NotExported(MediLensError):
    """A type or a format was asked for that no export has."""

    status = HTTPStatus.BAD_REQUEST
    code = "not-exported"
    title = "Not exported"


@dataclass(frozen=True)
class Order:
    """What is to be exported: these types, changed since a moment, of a group's people."""

    types: tuple[str, ...] = TYPES
    since: datetime | None = None
    group: str | None = None


def order(
    type_: Sequence[str], since: str | None, output: str | None, group: str | None = None
) -> Order:
    """Read what is asked for.

    Raises
    ------
    NotExported, InvalidRequest
    """
    listed = [word for part in type_ for word in part.split(",") if word]
    unknown = [word for word in listed if word not in TYPES]
    if unknown:
        raise NotExported(f"_type: {len(unknown)} unknown; known here: {', '.join(TYPES)}")
    if output is not None and output not in FORMATS:
        raise NotExported(f"_outputFormat: expected {NDJSON}")
    try:
        moment = parse_moment(since) if since is not None else None
    except ValueError:
        raise InvalidRequest(
            "_since: expected a moment with its offset, such as 2026-11-01T00:00:00Z"
        ) from None
    types = tuple(name for name in TYPES if name in listed) or TYPES
    return Order(types, moment, group)


Types = Annotated[
    list[Line] | None, Query(alias="_type", max_length=16, description="Types, by commas")
]
Since = Annotated[
    Line | None,
    Query(alias="_since", max_length=64, description="What was changed at or after a moment"),
]
Output = Annotated[Line | None, Query(alias="_outputFormat", max_length=64, description=NDJSON)]


def queried(type_: Types = None, since: Since = None, output: Output = None) -> Order:
    """Read an order from a query.

    Raises
    ------
    NotExported, InvalidRequest
    """
    return order(type_ or (), since, output)


BODY: Mapping[str, Any] = {
    "requestBody": {
        "required": False,
        "content": {
            FHIR_JSON: {
                "schema": {"type": "object"},
                "example": {
                    "resourceType": "Parameters",
                    "parameter": [{"name": "_type", "valueString": "Patient,Observation"}],
                },
            }
        },
    }
}


async def posted(request: Request) -> Order:
    """Read an order from a resource of Parameters; without a body everything is meant.

    Raises
    ------
    NotExported, InvalidRequest, UnsupportedMediaType
    """
    body = await request.body()
    if not body:
        return Order()
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind not in {FHIR_JSON, "application/json"}:
        raise UnsupportedMediaType(f"Send Parameters as {FHIR_JSON}.", accepted=FHIR_JSON)
    if len(body) > MAX_PARAMETERS_BYTES:
        raise InvalidRequest(f"Parameters: at most {MAX_PARAMETERS_BYTES} bytes make an order")
    check_json(body)
    return ordered(json.loads(body))


def ordered(resource: Any) -> Order:
    """Read an order from a resource.

    Raises
    ------
    NotExported, InvalidRequest
    """
    parameters = resource.get("parameter", []) if isinstance(resource, dict) else None
    if not isinstance(parameters, list) or resource.get("resourceType") != "Parameters":
        raise InvalidRequest("Expected a resource of the type Parameters.")
    given: dict[str, list[str]] = {name: [] for name in NAMES}
    for name, value in map(_parameter, parameters):
        if name not in given:
            raise InvalidRequest(tell_unknown([name], NAMES, "Parameters"))
        given[name].append(value)
    return order(given["_type"], _only(given, "_since"), _only(given, "_outputFormat"))


def _parameter(told: Any) -> tuple[str, str]:
    members: Iterable[str] = told if isinstance(told, dict) else ()
    kinds = [kind for kind in members if kind in VALUES]
    if len(kinds) == 1 and isinstance(told.get("name"), str) and isinstance(told[kinds[0]], str):
        return told["name"], told[kinds[0]]
    raise InvalidRequest(f"Parameters: a parameter has a name and one of {', '.join(VALUES)}")


def _only(given: Mapping[str, Sequence[str]], name: str) -> str | None:
    if len(given[name]) > 1:
        raise InvalidRequest(f"{name}: sent more than once")
    return next(iter(given[name]), None)
