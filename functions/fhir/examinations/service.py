"""Dossiers of the caller's, and everything that is made of them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from functions.fhir.examinations import queries
from functions.fhir.examinations.queries import Changed, Place
from functions.fhir.people.queries import Issuer, Person, get_issuer, get_names, get_people
from functions.fhir.recordings.queries import get_recordings
from functions.fhir.resources.dossier import Dossier
from functions.fhir.resources.elements import Resource
from functions.fhir.resources.observation import absent_observations, observations
from functions.fhir.resources.provenance import device, provenances
from functions.fhir.resources.report import diagnostic_report, documents
from functions.fhir.search import Wanted
from shared.errors import Gone, NotFound


async def get_dossiers(
    connection: AsyncConnection,
    base: str,
    wanted: Wanted,
    *,
    limit: int,
    place: Place | None = None,
) -> Sequence[Dossier]:
    """Return dossiers, the newest first, without the people's own data."""
    changed = await queries.get_examinations(connection, wanted, limit=limit, place=place)
    return await _dossiers(connection, base, changed) if changed else []


async def get_dossier(
    connection: AsyncConnection, base: str, assessment_id: UUID, *, deleted: bool = False
) -> Dossier:
    """Return the dossier of one assessment with its person.

    Raises
    ------
    NotFound, Gone
    """
    changed = await queries.get_examination(connection, assessment_id)
    if changed is None:
        raise NotFound(
            "There is no such assessment.", resource_type="assessments", resource_id=assessment_id
        )
    if changed.examination.deleted_at is not None and not deleted:
        raise Gone(
            "The assessment was deleted.", resource_type="assessments", resource_id=assessment_id
        )
    (dossier,) = await _dossiers(connection, base, [changed])
    people = await get_people(connection, [changed.examination.user_id])
    return replace(dossier, person=people.get(dossier.person.id, dossier.person))


async def _dossiers(
    connection: AsyncConnection, base: str, changed: Sequence[Changed]
) -> Sequence[Dossier]:
    issuer = await get_issuer(connection)
    signers = {sign_off.signed_by for entry in changed for sign_off in entry.examination.sign_offs}
    names = await get_names(connection, list(signers))
    stored = await get_recordings(connection, [entry.examination for entry in changed])
    dossiers = [_dossier(entry, base, issuer, names) for entry in changed]
    return [replace(told, recordings=stored.get(told.examination.id, ())) for told in dossiers]


def _dossier(entry: Changed, base: str, issuer: Issuer, names: Mapping[UUID, str]) -> Dossier:
    person = Person(entry.examination.user_id)
    return Dossier(entry.examination, entry.changed_at, person, issuer, base, names)


def reports(dossier: Dossier) -> Iterator[Resource]:
    yield diagnostic_report(dossier, list(_results(dossier)))


def results(dossier: Dossier) -> Iterator[Resource]:
    yield from _results(dossier)


def lineage(dossier: Dossier) -> Iterator[Resource]:
    """Yield where the report and its results come from."""
    yield from provenances(dossier, [*reports(dossier), *_results(dossier)])


def _results(dossier: Dossier) -> Iterator[Resource]:
    """What was deleted measured nothing that anybody may rely on."""
    if not dossier.is_retracted:
        yield from observations(dossier)


def everything(dossier: Dossier, *, absent: bool = False) -> Iterator[Resource]:
    """Yield all resources of an assessment, the report first."""
    yield from reports(dossier)
    yield from _results(dossier)
    if absent:
        yield from absent_observations(dossier)
    yield device(dossier.examination.pipeline, dossier.examination.pipeline_version)
    yield from lineage(dossier)
    yield from documents(dossier)
