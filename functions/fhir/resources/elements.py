"""The data types of FHIR R4 that several resources are made of, as plain mappings."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from html import escape
from uuid import UUID

from functions.fhir.codes import Code
from shared.record import Json

type Resource = Mapping[str, Json]
type Element = Mapping[str, Json]

# Names of ours, which no deployment's address is part of.
NAMESPACE = "urn:medilens"
URI = "urn:ietf:rfc:3986"  # the system of identifiers that are URIs
SHA256 = f"{NAMESPACE}:sha256"
BIOMARKER = f"{NAMESPACE}:fhir:CodeSystem:biomarker"
PART = f"{NAMESPACE}:fhir:CodeSystem:part"


def filled(**members: Json) -> Element:
    """Return an element without what is empty: FHIR has no nulls, empty lists or empty texts."""
    return {
        name.rstrip("_"): value
        for name, value in members.items()
        if value is not None and value not in ("", [], {})
    }


def instant(moment: datetime) -> str:
    """Write a moment to the millisecond, in UTC."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def coding(code: Code) -> Element:
    return {"system": code.system, "code": code.code, "display": code.display}


def concept(*codes: Code, text: str | None = None) -> Element:
    return filled(coding=[coding(code) for code in codes], text=text)


def reference(kind: str, key: object, display: str | None = None) -> Element:
    return filled(reference=f"{kind}/{key}", display=display)


def identified(kind: str, key: UUID, display: str | None = None) -> Element:
    """Name somebody or something that is no resource here, by our id."""
    return filled(
        type=kind, identifier={"system": URI, "value": f"urn:uuid:{key}"}, display=display
    )


def narrative(title: str, lines: Iterable[tuple[str, str]]) -> Element:
    """Return a resource's own words for people, escaped."""
    rows = "".join(f"<li>{escape(name)}: {escape(words)}</li>" for name, words in lines)
    listed = f"<ul>{rows}</ul>" if rows else ""
    return {
        "status": "generated",
        "div": f'<div xmlns="http://www.w3.org/1999/xhtml"><p>{escape(title)}</p>{listed}</div>',
    }
