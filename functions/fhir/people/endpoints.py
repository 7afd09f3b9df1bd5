"""Patients, what they agreed to, and everything of one of them."""

from collections.abc import Mapping, Sequence
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import Response
from sqlalchemy.ext.asyncio import AsyncConnection

from functions.fhir import bundles, paging, search
from functions.fhir.answering import (
    FOUND,
    READ,
    Count,
    Cursor,
    FhirResponse,
    Format,
    answer,
    answers,
    base_of,
    bundle,
    links,
)
from functions.fhir.examinations import service
from functions.fhir.examinations.asked import Ids, PatientReference
from functions.fhir.paging import Kind
from functions.fhir.people import queries
from functions.fhir.people.queries import Identifier, Person, Sought
from functions.fhir.resources.consent import consent
from functions.fhir.resources.patient import patient, system_of
from functions.fhir.search import Wanted
from shared.database.repositories import people as reach
from shared.errors import InvalidRequest, NotFound
from shared.http.dependencies import allowed
from shared.permissions import Permission
from shared.text import Line

router = APIRouter(tags=["FHIR R4: people"], default_response_class=FhirResponse)

Reading = Annotated[AsyncConnection, allowed(Permission.VIEW_ASSESSMENTS, read_only=True)]
Consenting = Annotated[AsyncConnection, allowed(Permission.MANAGE_CONSENTS, read_only=True)]


@router.get("/Patient", responses=answers(bundle(), *FOUND))
async def find_patients(
    request: Request,
    connection: Reading,
    ids: Ids = None,
    count: Count = 20,
    after: Annotated[UUID | None, Query(description="Where the `next` link goes on")] = None,
    _format: Format = None,
) -> Response:
    """List the people examined here; researchers find nobody."""
    sought = Sought(ids=None if ids is None else _keys(ids))
    matches = await queries.find_patients(connection, sought, after=after, limit=count + 1)
    told = dict(links(request))
    if len(matches) > count:
        query = request.url.include_query_params(after=str(matches[count - 1])).query
        told["next"] = f"{told['self'].partition('?')[0]}?{query}"
    return await _patients(request, connection, matches[:count], told)


@router.post("/Patient/_search", responses=answers(bundle()))
async def search_patients(
    request: Request,
    connection: Reading,
    identifier: Annotated[
        Line, Form(max_length=301, description="system|value, or a value of any system")
    ],
) -> Response:
    """Search by what a system of the clinic calls a person: in a body, for addresses are logged."""
    sought = Sought(identifier=_identifier(identifier))
    matches = await queries.find_patients(connection, sought, after=None, limit=search.MOST_VALUES)
    return await _patients(request, connection, matches, links(request))


async def _patients(
    request: Request, connection: AsyncConnection, ids: Sequence[UUID], told: Mapping[str, str]
) -> Response:
    known = await queries.get_people(connection, ids) if ids else {}
    issuer = await queries.get_issuer(connection)
    matches = [patient(known[key], issuer) for key in ids if key in known]
    return answer(bundles.searchset(base_of(request), matches, links=told))


def _keys(ids: str) -> Sequence[UUID]:
    words = [word for word in ids.split(",") if word]
    if len(words) > search.MOST_VALUES:
        raise InvalidRequest(f"_id: at most {search.MOST_VALUES} ids make a search")
    return [key for key in map(search.uuid_or_none, words) if key]


def _identifier(written: str) -> Identifier:
    system, bar, value = written.rpartition("|")
    return Identifier(system_of(system) if bar else "", value)


@router.get("/Patient/{person_id}", responses=answers({"resourceType": "Patient"}, NotFound))
async def read_patient(connection: Reading, person_id: UUID, _format: Format = None) -> Response:
    """Read a person; of somebody who agreed to research, a researcher reads no more than the id."""
    person = await _person(connection, person_id)
    return answer(patient(person, await queries.get_issuer(connection)))


@router.get("/Patient/{person_id}/$everything", responses=answers(bundle(), NotFound, *FOUND))
async def everything(
    request: Request,
    connection: Reading,
    person_id: UUID,
    since: Annotated[
        str | None, Query(alias="_since", max_length=40, description="Changed from then on")
    ] = None,
    count: Count = 100,
    cursor: Cursor = None,
    _format: Format = None,
) -> Response:
    """Give a person and all that was measured, a page at a time."""
    person = await _person(connection, person_id)
    changed = search.period([f"ge{since}"] if since else [], "_since")
    wanted = Wanted(subject_id=person_id, changed=changed)
    base, place = base_of(request), paging.read(cursor)
    matches = await paging.find(
        connection, base, Kind(service.everything), wanted, count=count, place=place
    )
    told = [resource for _, resource in matches.entries]
    if place is None:
        issuer = await queries.get_issuer(connection)
        given = await queries.get_consents(connection, people=[person_id])
        told = [patient(person, issuer), *map(consent, given), *told]
    unique = {bundles.named(resource): resource for resource in told}
    return answer(bundles.searchset(base, unique.values(), links=links(request, matches.more)))


async def _person(connection: AsyncConnection, person_id: UUID) -> Person:
    """Return a person, or the id alone of somebody whose records may be read and no more.

    Raises
    ------
    NotFound
    """
    people = await queries.get_people(connection, [person_id])
    if person_id not in people and not await reach.is_within_reach(connection, person_id):
        raise NotFound("There is no such person.", resource_type="users", resource_id=person_id)
    return people.get(person_id, Person(person_id))


@router.get("/Consent", responses=answers(bundle(), NotFound))
async def find_consents(
    request: Request, connection: Consenting, patient: PatientReference, _format: Format = None
) -> Response:
    """Say what a person has agreed to, and what they have withdrawn."""
    key = search.subject(patient)
    assert key is not None
    given = await queries.get_consents(connection, people=[key])
    if not given and not await reach.is_within_reach(connection, key):
        raise NotFound("There is no such person.", resource_type="users", resource_id=key)
    matches = map(consent, given)
    return answer(bundles.searchset(base_of(request), matches, links=links(request)))


@router.get("/Consent/{consent_id}", responses=answers({"resourceType": "Consent"}, *READ))
async def read_consent(
    connection: Consenting, consent_id: UUID, _format: Format = None
) -> Response:
    """Read one consent."""
    given = await queries.get_consents(connection, consent_id=consent_id)
    if not given:
        raise NotFound(
            "There is no such consent.", resource_type="consents", resource_id=consent_id
        )
    return answer(consent(given[0]))
