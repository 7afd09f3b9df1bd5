"""What an export is asked for with: types, a moment, a format, as a query or as Parameters."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Annotated, Literal

from fastapi import Query
from pydantic import BaseModel, ConfigDict, Field

from shared.errors import InvalidRequest, MediLensError
from shared.moment import parse_moment
from shared.text import Line

NDJSON = "application/fhir+ndjson"
FORMATS = frozenset({NDJSON, "application/ndjson", "ndjson"})
# In the order in which they are read: people, what they agreed to, what was measured of them.
TYPES = (
    *("Patient", "Consent", "DiagnosticReport", "Observation"),
    *("DocumentReference", "Provenance", "Device"),
)


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


class Parameter(BaseModel):
    """One of what is asked for, its value under the name of a data type."""

    model_config = ConfigDict(extra="forbid")

    name: Literal["_type", "_since", "_outputFormat"]
    value_string: Line | None = Field(default=None, alias="valueString", max_length=256)
    value_instant: Line | None = Field(default=None, alias="valueInstant", max_length=64)
    value_code: Line | None = Field(default=None, alias="valueCode", max_length=64)

    @property
    def value(self) -> str:
        return self.value_string or self.value_instant or self.value_code or ""


class Parameters(BaseModel):
    """A resource of Parameters that asks for an export."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "example": {
                "resourceType": "Parameters",
                "parameter": [{"name": "_type", "valueString": "Patient,Observation"}],
            }
        },
    )

    resource_type: Literal["Parameters"] = Field(alias="resourceType")
    parameter: list[Parameter] = Field(default=[], max_length=32)


EVERYTHING = Parameters(resourceType="Parameters")


def posted(parameters: Parameters = EVERYTHING) -> Order:
    """Read an order from a resource; without a body everything is meant.

    Raises
    ------
    NotExported, InvalidRequest
    """
    given: dict[str, list[str]] = {name: [] for name in ("_type", "_since", "_outputFormat")}
    for parameter in parameters.parameter:
        given[parameter.name].append(parameter.value)
    return order(given["_type"], _only(given, "_since"), _only(given, "_outputFormat"))


def _only(given: Mapping[str, Sequence[str]], name: str) -> str | None:
    if len(given[name]) > 1:
        raise InvalidRequest(f"{name}: sent more than once")
    return next(iter(given[name]), None)
