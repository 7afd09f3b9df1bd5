"""How FHIR's routes answer: their media type, their addresses, their documents."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal

from fastapi import Query, Request
from fastapi.responses import JSONResponse

from functions.fhir.addresses import absolute
from functions.fhir.outcome import FHIR_JSON
from functions.fhir.paging import written
from functions.fhir.resources.elements import Resource
from shared.errors import Gone, MediLensError, NotFound
from shared.http.cursor import InvalidCursor
from shared.http.documents import refusals
from shared.record import Json

BASE = "/api/fhir"
READ = (NotFound, Gone)
FOUND = (InvalidCursor,)

Format = Annotated[
    Literal["json", "application/json", "application/fhir+json"] | None,
    Query(alias="_format", description="JSON, whatever is said"),
]
Count = Annotated[
    int, Query(alias="_count", ge=1, le=100, description="At most so many matches a page")
]
Cursor = Annotated[
    str | None, Query(max_length=512, description="Where the `next` link of a page goes on")
]


class FhirResponse(JSONResponse):
    """A resource as FHIR's JSON."""

    media_type = FHIR_JSON


def answers(example: Mapping[str, Any], *errors: type[MediLensError]) -> dict[int | str, Any]:
    """Describe an answer of a resource, and what may be refused in its place."""
    content = {FHIR_JSON: {"schema": {"type": "object"}, "example": example}}
    return {200: {"content": content}, **refusals(*errors)}


def bundle() -> Mapping[str, Any]:
    return {"resourceType": "Bundle", "type": "searchset", "link": []}


def base_of(request: Request) -> str:
    return absolute(request, BASE)


def links(request: Request, more: Sequence[Json] | None = None) -> Mapping[str, str]:
    """Return the links of a page: itself as it was understood, and where the next one begins."""
    path = request.url.path[request.url.path.index(BASE) :]
    here = absolute(request, path)
    url = request.url.remove_query_params(list(getattr(request.state, "ignored", ())))
    told = {"self": f"{here}?{url.query}" if url.query else here}
    if more:
        url = url.include_query_params(cursor=written(more))
        told["next"] = f"{here}?{url.query}"
    return told


def answer(resource: Resource) -> FhirResponse:
    return FhirResponse(resource)
