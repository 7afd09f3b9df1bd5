"""What this server answers: its CapabilityStatement, of the routes of FHIR alone."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from functions.fhir.codes import LOINC_COPYRIGHT
from functions.fhir.resources.elements import Element, Resource
from shared.record import Json

TOKEN, REFERENCE, DATE = "token", "reference", "date"
# Every type, with what it is searched by; nothing where it is only read.
SEARCHED: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "Patient": {"_id": TOKEN, "identifier": TOKEN},
        "DiagnosticReport": {
            "_id": TOKEN,
            "patient": REFERENCE,
            "subject": REFERENCE,
            "category": TOKEN,
            "code": TOKEN,
            "date": DATE,
            "status": TOKEN,
            "_lastUpdated": DATE,
        },
        "Observation": {
            "_id": TOKEN,
            "patient": REFERENCE,
            "subject": REFERENCE,
            "category": TOKEN,
            "code": TOKEN,
            "date": DATE,
            "status": TOKEN,
            "_lastUpdated": DATE,
        },
        "DocumentReference": {
            "_id": TOKEN,
            "patient": REFERENCE,
            "subject": REFERENCE,
            "date": DATE,
            "_lastUpdated": DATE,
        },
        "Provenance": {"target": REFERENCE},
        "Consent": {"patient": REFERENCE},
        "AuditEvent": {"patient": REFERENCE, "date": DATE},
        "Device": {},
        "Binary": {},
        "Group": {},
        "CodeSystem": {},
        "ConceptMap": {},
    }
)
INCLUDES: Mapping[str, Sequence[str]] = MappingProxyType(
    {
        "DiagnosticReport": ("DiagnosticReport:result", "DiagnosticReport:patient"),
        "Observation": ("Observation:patient", "Observation:device"),
        "DocumentReference": ("DocumentReference:patient",),
    }
)
OPERATIONS: Mapping[str, Sequence[str]] = MappingProxyType(
    {
        "Patient": ("everything", "export"),
        "Group": ("export",),
        "DiagnosticReport": ("document", "transaction", "push"),
    }
)
# Of these an operation is offered, and no resource.
OPERATED = frozenset({"Group"})
PROVENANCE = "Provenance:target"
# Operations of R4 and of Bulk Data Access have a definition; the others are ours.
BULK = "http://hl7.org/fhir/uv/bulkdata"
DEFINED = {
    ("Patient", "everything"): "http://hl7.org/fhir/OperationDefinition/Patient-everything",
    ("Patient", "export"): f"{BULK}/OperationDefinition/patient-export",
    ("Group", "export"): f"{BULK}/OperationDefinition/group-export",
}
OURS = "urn:medilens:fhir:operation"
EXPORT = {"name": "export", "definition": f"{BULK}/OperationDefinition/export"}


def statement(base: str, version: str) -> Resource:
    """Return the statement of this server at `base`."""
    return {
        "resourceType": "CapabilityStatement",
        "status": "active",
        "date": "2026-11-28",
        "kind": "instance",
        "publisher": "MediLens",
        "copyright": LOINC_COPYRIGHT,
        "software": {"name": "MediLens", "version": version},
        "implementation": {"description": "Measured biomarkers, read-only", "url": base},
        "fhirVersion": "4.0.1",
        "instantiates": [f"{BULK}/CapabilityStatement/bulk-data"],
        "format": ["application/fhir+json", "json"],
        "rest": [
            {
                "mode": "server",
                "documentation": "Read-only. Patients are searched by identifier with POST"
                " Patient/_search, because addresses are logged. Interactive SMART launch is not"
                " offered. A bulk export has no AuditEvent: the trail leaves by the permission to"
                " audit, by the search here or sealed by /api/audit/export.",
                "security": {
                    "description": "A bearer token of the organization's identity provider, or a"
                    " service key of an admin's",
                },
                "resource": [_resource(kind, parameters) for kind, parameters in SEARCHED.items()],
                "operation": [EXPORT],
            }
        ],
    }


def _resource(kind: str, parameters: Mapping[str, str]) -> Element:
    told: dict[str, Json] = {"type": kind}
    if kind not in OPERATED:
        searching = ["search-type"] if parameters else []
        told["interaction"] = [{"code": code} for code in ("read", *searching)]
    if parameters:
        told["searchParam"] = [{"name": name, "type": of} for name, of in parameters.items()]
    if kind in INCLUDES:
        told["searchInclude"] = list(INCLUDES[kind])
    if kind in {"DiagnosticReport", "Observation"}:
        told["searchRevInclude"] = [PROVENANCE]
    if kind in OPERATIONS:
        told["operation"] = [
            {"name": name, "definition": DEFINED.get((kind, name), f"{OURS}:{name}")}
            for name in OPERATIONS[kind]
        ]
    return told
