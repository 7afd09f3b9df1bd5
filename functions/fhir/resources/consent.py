"""Consent: what a person agreed to, by which text, until it was withdrawn."""

from collections.abc import Mapping
from types import MappingProxyType

from functions.fhir.codes import LOINC, Code
from functions.fhir.people.queries import ConsentGiven
from functions.fhir.resources.elements import Resource, concept, instant, reference
from shared.vocabulary import ConsentKind

SCOPES = "http://terminology.hl7.org/CodeSystem/consentscope"
DOCUMENT = Code(LOINC, "59284-0", "Consent Document")
SCOPE: Mapping[str, Code] = MappingProxyType(
    {
        ConsentKind.TREATMENT: Code(SCOPES, "treatment", "Treatment"),
        ConsentKind.RESEARCH: Code(SCOPES, "research", "Research"),
        ConsentKind.SHARING: Code(SCOPES, "patient-privacy", "Privacy Consent"),
        ConsentKind.EXPLANATIONS: Code(SCOPES, "patient-privacy", "Privacy Consent"),
    }
)


def consent(given: ConsentGiven) -> Resource:
    """Return a consent as it was given; a withdrawn one is inactive."""
    ended = {"end": instant(given.withdrawn_at)} if given.withdrawn_at else {}
    changed_at = given.withdrawn_at or given.given_at
    return {
        "resourceType": "Consent",
        "id": str(given.id),
        "meta": {"lastUpdated": instant(changed_at)},
        "status": "inactive" if given.withdrawn_at else "active",
        "scope": concept(SCOPE[given.kind], text=given.kind),
        "category": [concept(DOCUMENT, text=given.kind)],
        "patient": reference("Patient", given.user_id),
        "dateTime": instant(given.given_at),
        "policyRule": {"text": f"Text {given.text_version}"},
        "provision": {"type": "permit", "period": {"start": instant(given.given_at), **ended}},
    }
