"""Pages of a search with what goes along, and a single part of an assessment."""

from collections.abc import Callable, Iterable, Sequence

from fastapi import Request
from fastapi.responses import Response
from sqlalchemy.ext.asyncio import AsyncConnection

from functions.fhir import bundles, paging
from functions.fhir.answering import answer, base_of, links
from functions.fhir.examinations import service
from functions.fhir.examinations.asked import Asked, assessment_of
from functions.fhir.paging import Kind, Matches
from functions.fhir.people.queries import get_people
from functions.fhir.resources.dossier import Dossier
from functions.fhir.resources.elements import Resource
from functions.fhir.resources.patient import patient as patient_of
from functions.fhir.resources.provenance import device as device_of
from shared.errors import NotFound

type Derived = Callable[[Dossier], Iterable[Resource]]


async def page(
    request: Request,
    connection: AsyncConnection,
    kind: Kind,
    wanted: Asked,
    more: Sequence[str],
) -> Response:
    base = base_of(request)
    matches = await paging.find(
        connection, base, kind, wanted.wanted, count=wanted.count, place=wanted.place
    )
    included = await _included(connection, matches, more)
    resources = [resource for _, resource in matches.entries]
    return answer(bundles.searchset(base, resources, included, links(request, matches.more)))


async def _included(
    connection: AsyncConnection, matches: Matches, more: Sequence[str]
) -> Sequence[Resource]:
    """Return what goes along with the matches: each once, whatever it goes along with."""
    wanted = {word.partition(":")[2] for word in more}
    included: list[Resource] = []
    dossiers = {dossier.examination.id: dossier for dossier, _ in matches.entries}
    if wanted & {"patient", "subject"}:
        ids = {dossier.person.id: dossier for dossier in dossiers.values()}
        people = await get_people(connection, list(ids))
        included += [
            patient_of(people.get(key, dossier.person), dossier.issuer)
            for key, dossier in ids.items()
        ]
    for dossier in dossiers.values():
        examination = dossier.examination
        if "result" in wanted:
            included += service.results(dossier)
        if "device" in wanted:
            included.append(device_of(examination.pipeline, examination.pipeline_version))
        if "target" in wanted:
            included += service.lineage(dossier)
    return included


async def part_named(
    request: Request, connection: AsyncConnection, part: str, derive: Derived
) -> Response:
    """Answer with the part of an assessment that an id names.

    Raises
    ------
    NotFound, Gone
    """
    key = assessment_of(part)
    if key:
        dossier = await service.get_dossier(connection, base_of(request), key)
        for resource in derive(dossier):
            if resource["id"] == part:
                return answer(resource)
    raise NotFound("There is no such resource.", resource_type="assessments", resource_id=key)
