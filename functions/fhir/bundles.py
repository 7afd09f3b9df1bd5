"""Bundles: a page of a search, a document to file, a transaction to send."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from uuid import UUID, uuid5

from functions.fhir.codes import Code
from functions.fhir.resources.dossier import Dossier
from functions.fhir.resources.elements import (
    NAMESPACE,
    URI,
    Element,
    Resource,
    concept,
    identified,
    instant,
    narrative,
    reference,
)
from functions.fhir.resources.report import report_code
from shared.record import Json

# Resources of ours have the same URN in every transaction, so that another is an update.
OURS = UUID("6e2f6d3a-7c0b-5f0e-9a51-0b6f3c1d2e4f")
RESOURCE = f"{NAMESPACE}:fhir:resource"
# What a composition may be; whatever else is told of a report, it is preliminary.
COMPOSED = {"final", "amended", "entered-in-error"}
# These have no identifier in R4 that a receiver could find them by.
WITHOUT_IDENTIFIER = {"Provenance"}


def searchset(
    base: str,
    matches: Iterable[Resource],
    included: Iterable[Resource] = (),
    links: Mapping[str, str] | None = None,
) -> Resource:
    """Return a page of matches; what is included stands once."""
    entries = [_entry(base, resource, "match") for resource in matches]
    present = {entry["fullUrl"] for entry in entries}
    for resource in included:
        entry = _entry(base, resource, "include")
        if entry["fullUrl"] not in present:
            present.add(entry["fullUrl"])
            entries.append(entry)
    told: dict[str, Json] = {
        "resourceType": "Bundle",
        "type": "searchset",
        "link": [{"relation": name, "url": url} for name, url in (links or {}).items()],
    }
    return told | ({"entry": entries} if entries else {})


def _entry(base: str, resource: Resource, mode: str) -> Element:
    return {
        "fullUrl": f"{base}/{named(resource)}",
        "resource": resource,
        "search": {"mode": mode},
    }


def named(resource: Resource) -> str:
    return f"{resource['resourceType']}/{resource['id']}"


def document(
    dossier: Dossier, patient: Resource, resources: Sequence[Resource], as_of: datetime
) -> Resource:
    """Return an assessment as a document that stands for itself: a composition comes first."""
    listed = [_composition(dossier, resources, as_of), patient, *resources]
    return {
        "resourceType": "Bundle",
        "id": str(uuid5(OURS, f"document {dossier.examination.id} {dossier.examination.revision}")),
        "type": "document",
        "identifier": {"system": URI, "value": f"urn:uuid:{dossier.examination.id}"},
        "timestamp": instant(as_of),
        "entry": [
            {"fullUrl": f"{dossier.base}/{named(resource)}", "resource": resource}
            for resource in listed
        ],
    }


def _composition(dossier: Dossier, resources: Sequence[Resource], as_of: datetime) -> Resource:
    report = resources[0]
    section: dict[str, Json] = {
        "title": "Results",
        "text": report["text"],
        "entry": [reference(*named(resource).split("/")) for resource in resources],
    }
    status = dossier.status if dossier.status in COMPOSED else "preliminary"
    code: Code = report_code(dossier)
    return {
        "resourceType": "Composition",
        "id": str(uuid5(OURS, f"composition {dossier.examination.id}")),
        "text": narrative(report["code"]["text"], ()),
        "status": status,
        "type": concept(code),
        "subject": reference("Patient", dossier.examination.user_id),
        "date": instant(as_of),
        "author": [reference("Device", dossier.device_id)],
        "title": report["code"]["text"],
        "custodian": identified("Organization", dossier.issuer.id, dossier.issuer.name),
        "section": [section],
    }


def transaction(patient: Resource, resources: Sequence[Resource]) -> Resource:
    """Return a bundle that another server stores, or brings up to date, as a whole.

    A person is only ever added, never changed: whoever receives it knows their own patients. What
    is sent again is found by its identifier; references lead to what the bundle itself holds.
    """
    urns = {named(resource): _urn(resource) for resource in (patient, *resources)}
    return {
        "resourceType": "Bundle",
        "type": "transaction",
        "entry": [_adding(patient, urns), *(_updating(resource, urns) for resource in resources)],
    }


def _urn(resource: Resource) -> str:
    return f"urn:uuid:{uuid5(OURS, named(resource))}"


def _adding(patient: Resource, urns: Mapping[str, str]) -> Element:
    known = patient.get("identifier") or [_own(patient)]
    first = known[0]
    return {
        "fullUrl": urns[named(patient)],
        "resource": {**patient, "identifier": known},
        "request": {
            "method": "POST",
            "url": "Patient",
            "ifNoneExist": f"identifier={first['system']}|{first['value']}",
        },
    }


def _updating(resource: Resource, urns: Mapping[str, str]) -> Element:
    kind = resource["resourceType"]
    moved = _led(resource, urns)
    if kind in WITHOUT_IDENTIFIER:
        request = {"method": "POST", "url": kind}
        return {"fullUrl": urns[named(resource)], "resource": moved, "request": request}
    own = _own(resource)
    listed = [own, *resource.get("identifier", ())]
    request = {"method": "PUT", "url": f"{kind}?identifier={own['system']}|{own['value']}"}
    return {
        "fullUrl": urns[named(resource)],
        "resource": {**moved, "identifier": listed},
        "request": request,
    }


def _own(resource: Resource) -> Element:
    return {"system": RESOURCE, "value": named(resource)}


def _led(node: Json, urns: Mapping[str, str]) -> Json:
    """Let references lead to what the bundle holds."""
    if isinstance(node, Mapping):
        return {
            name: urns.get(value, value) if name == "reference" else _led(value, urns)
            for name, value in node.items()
        }
    if isinstance(node, list):
        return [_led(child, urns) for child in node]
    return node


def references(node: Json) -> Iterator[str]:
    """Yield every reference within a resource or bundle."""
    if isinstance(node, Mapping):
        if isinstance(node.get("reference"), str):
            yield node["reference"]
        for child in node.values():
            yield from references(child)
    elif isinstance(node, list):
        for child in node:
            yield from references(child)
