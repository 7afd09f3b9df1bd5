"""Patient: a person examined, as far as the caller may know them."""

from collections.abc import Iterator
from urllib.parse import quote, unquote

from functions.fhir.people.queries import Identifier, Issuer, Person
from functions.fhir.resources.elements import (
    NAMESPACE,
    Element,
    Resource,
    filled,
    identified,
    instant,
    narrative,
)

# FHIR's word for what a birth certificate or the person themselves says.
GENDERS = {"female": "female", "male": "male", "other": "other", "intersex": "other"}


def patient(person: Person, issuer: Issuer) -> Resource:
    """Return a person; of somebody whom the caller may not know, no more than the id."""
    names = filled(family=person.last_name, given=[person.first_name] if person.first_name else [])
    gender = person.gender or person.sex_at_birth
    return {
        "resourceType": "Patient",
        "id": str(person.id),
        **({"meta": {"lastUpdated": instant(person.updated_at)}} if person.updated_at else {}),
        "text": narrative(person.name or "Person without a name here", _lines(person)),
        **filled(
            identifier=[_identifier(identifier) for identifier in person.identifiers],
            active=person.is_active,
            name=[names] if names else [],
            gender=GENDERS.get(gender, "unknown") if gender else None,
            birthDate=person.date_of_birth.isoformat() if person.date_of_birth else None,
        ),
        "managingOrganization": identified("Organization", issuer.id, issuer.name),
    }


def _lines(person: Person) -> Iterator[tuple[str, str]]:
    if person.date_of_birth:
        yield "Born", person.date_of_birth.isoformat()
    for identifier in person.identifiers:
        yield identifier.system, identifier.value


def _identifier(identifier: Identifier) -> Element:
    return {"system": system_uri(identifier.system), "value": identifier.value}


def system_uri(system: str) -> str:
    """Return a system of a clinic as a URI; what is none yet becomes one of ours."""
    return system if ":" in system else f"{NAMESPACE}:identifier:{quote(system, safe='')}"


def system_of(uri: str) -> str:
    """Return the system of a clinic that a URI stands for.

    Examples
    --------
    >>> system_of(system_uri("ward 3")), system_of("urn:mrn")
    ('ward 3', 'urn:mrn')
    """
    own = f"{NAMESPACE}:identifier:"
    return unquote(uri.removeprefix(own)) if uri.startswith(own) else uri
