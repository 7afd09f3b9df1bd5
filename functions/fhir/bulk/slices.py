"""A slice of an export: read in one transaction, in the order of keys, until it is large enough."""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from functions.fhir.bulk.files import Files
from functions.fhir.bulk.queries import Export
from functions.fhir.examinations import service
from functions.fhir.examinations.queries import Place
from functions.fhir.people import queries as people
from functions.fhir.people.queries import Sought
from functions.fhir.resources.consent import consent
from functions.fhir.resources.dossier import Dossier
from functions.fhir.resources.elements import Resource
from functions.fhir.resources.observation import observations
from functions.fhir.resources.patient import patient
from functions.fhir.resources.provenance import device
from functions.fhir.resources.report import documents
from functions.fhir.search import Period, Wanted

# Rows that are read at once.
PEOPLE_AT_ONCE, ASSESSMENTS_AT_ONCE = 200, 100
# What ends a slice: so much text, of which about a tenth stays in memory, or so much time.
SLICE_RAW_BYTES = 24_000_000
SLICE_S = 5.0

PEOPLE, ASSESSMENTS, DELETED_PEOPLE, DELETED = (
    *("people", "assessments"),
    *("deleted people", "deleted"),
)
DERIVED: dict[str, Callable[[Dossier], Iterator[Resource]]] = {
    "DiagnosticReport": service.reports,
    "Observation": service.results,
    "DocumentReference": documents,
    "Provenance": service.lineage,
}
WITHDRAWN = MappingProxyType(
    DERIVED | {"Observation": observations}
)  # of what was deleted, whatever was told before


@dataclass
class Slice:
    """What was read, and where the next slice begins: nowhere once all was read."""

    place: dict[str, Any] | None
    files: Files = field(default_factory=Files)
    assessments: int = 0
    began_s: float = field(default_factory=time.monotonic)

    @property
    def is_full(self) -> bool:
        return self.files.raw_bytes >= SLICE_RAW_BYTES or time.monotonic() - self.began_s >= SLICE_S


async def read(connection: AsyncConnection, export: Export, base: str) -> Slice:
    """Read the next slice of an export, in the name of whoever asks for it."""
    slice_ = Slice(export.place or {"phase": PEOPLE})
    while slice_.place is not None and not slice_.is_full:
        slice_.place = await PHASES[slice_.place["phase"]](connection, export, base, slice_)
    return slice_


def _changed(export: Export) -> Period:
    return Period(export.since, export.until)


async def _people(
    connection: AsyncConnection, export: Export, _base: str, slice_: Slice
) -> dict[str, Any]:
    assert slice_.place is not None
    begin: dict[str, Any] = {"phase": ASSESSMENTS, "devices": []}
    if not {"Patient", "Consent"} & set(export.types):
        return begin
    after = slice_.place.get("after")
    sought = Sought(group=export.group_name)
    ids = await people.find_patients(
        connection, sought, after=UUID(after) if after else None, limit=PEOPLE_AT_ONCE
    )
    if ids and "Patient" in export.types:
        # Whoever was changed since the kick-off too: what was measured of them refers to them.
        slice_.files.add(await _patients(connection, ids, Period(export.since)))
    if ids and "Consent" in export.types:
        given = await people.get_consents(connection, people=ids, changed=_changed(export))
        slice_.files.add(map(consent, given))
    return {"phase": PEOPLE, "after": str(ids[-1])} if len(ids) == PEOPLE_AT_ONCE else begin


async def _patients(
    connection: AsyncConnection, ids: Sequence[UUID], changed: Period
) -> list[Resource]:
    issuer = await people.get_issuer(connection)
    wanted = await people.find_patients(
        connection, Sought(ids=ids, changed=changed), after=None, limit=len(ids)
    )
    known = await people.get_people(connection, wanted) if wanted else {}
    return [patient(known[key], issuer) for key in wanted if key in known]


async def _assessments(
    connection: AsyncConnection, export: Export, base: str, slice_: Slice
) -> dict[str, Any] | None:
    assert slice_.place is not None
    devices = slice_.place["devices"]
    dossiers = await _dossiers(connection, export, base, slice_)
    for dossier in dossiers:
        for kind in export.types:
            if kind in DERIVED:
                slice_.files.add(DERIVED[kind](dossier))
        if "Device" in export.types and dossier.device_id not in devices:
            devices = [*devices, dossier.device_id]
            pipeline = dossier.examination.pipeline
            slice_.files.add([device(pipeline, dossier.examination.pipeline_version)])
    if len(dossiers) == ASSESSMENTS_AT_ONCE:
        return {"phase": ASSESSMENTS, "devices": devices, **_place_of(dossiers[-1])}
    return {"phase": DELETED_PEOPLE} if export.since else None


async def _deleted_people(
    connection: AsyncConnection, export: Export, _base: str, slice_: Slice
) -> dict[str, Any]:
    assert slice_.place is not None
    after = slice_.place.get("after")
    sought = Sought(changed=_changed(export), group=export.group_name, is_deleted=True)
    ids = await people.find_patients(
        connection, sought, after=UUID(after) if after else None, limit=PEOPLE_AT_ONCE
    )
    if ids and "Patient" in export.types:
        slice_.files.add([_deletion([f"Patient/{key}" for key in ids])], is_deletion=True)
    if len(ids) == PEOPLE_AT_ONCE:
        return {"phase": DELETED_PEOPLE, "after": str(ids[-1])}
    return {"phase": DELETED}


async def _deleted(
    connection: AsyncConnection, export: Export, base: str, slice_: Slice
) -> dict[str, Any] | None:
    """Name what was deleted since: whoever took it over before takes it back."""
    dossiers = await _dossiers(connection, export, base, slice_, is_deleted=True)
    for dossier in dossiers:
        gone = [
            f"{kind}/{resource['id']}"
            for kind in export.types
            if kind in WITHDRAWN
            for resource in WITHDRAWN[kind](dossier)
        ]
        if gone:
            slice_.files.add([_deletion(gone)], is_deletion=True)
    if len(dossiers) == ASSESSMENTS_AT_ONCE:
        return {"phase": DELETED, **_place_of(dossiers[-1])}
    return None


def _deletion(names: Sequence[str]) -> Resource:
    entries = [{"request": {"method": "DELETE", "url": name}} for name in names]
    return {"resourceType": "Bundle", "type": "transaction", "entry": entries}


async def _dossiers(
    connection: AsyncConnection,
    export: Export,
    base: str,
    slice_: Slice,
    *,
    is_deleted: bool = False,
) -> Sequence[Dossier]:
    assert slice_.place is not None
    wanted = Wanted(changed=_changed(export), group=export.group_name, is_deleted=is_deleted)
    dossiers = await service.get_dossiers(
        connection, base, wanted, limit=ASSESSMENTS_AT_ONCE, place=_beyond(slice_.place)
    )
    slice_.assessments += 0 if is_deleted else len(dossiers)
    return dossiers


def _place_of(dossier: Dossier) -> dict[str, str]:
    examination = dossier.examination
    return {"at": examination.created_at.isoformat(), "id": str(examination.id)}


def _beyond(place: dict[str, Any]) -> Place | None:
    """Return the place right after the one that was read last: lists go on inclusively."""
    if "id" not in place:
        return None
    return Place(datetime.fromisoformat(place["at"]), UUID(int=UUID(place["id"]).int - 1), 0)


PHASES = MappingProxyType(
    {
        PEOPLE: _people,
        ASSESSMENTS: _assessments,
        DELETED_PEOPLE: _deleted_people,
        DELETED: _deleted,
    }
)
