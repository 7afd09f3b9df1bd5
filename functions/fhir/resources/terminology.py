"""Our own codes, and what codes of others are to them where they do not mean the same."""

from collections.abc import Iterator, Sequence

from functions.fhir.codes import BIOMARKERS, LOINC_COPYRIGHT, NEAR_MISSES, Code
from functions.fhir.examinations.queries import Entry
from functions.fhir.resources.elements import BIOMARKER, NAMESPACE, Element, Resource, filled
from shared.words import label

NAME = "biomarker"


def code_system(catalog: Sequence[Entry], version: str) -> Resource:
    """Return every biomarker of the catalog with its unit and what it is."""
    return {
        "resourceType": "CodeSystem",
        "id": NAME,
        "url": BIOMARKER,
        "version": version,
        "name": "MediLensBiomarkers",
        "title": "Biomarkers of MediLens",
        "status": "active",
        "experimental": False,
        "publisher": "MediLens",
        "caseSensitive": True,
        "content": "complete",
        "count": len(catalog),
        "property": [
            {"code": "unit", "type": "string", "description": "The unit, in UCUM"},
            {"code": "pipeline", "type": "string", "description": "What measures it"},
            {"code": "category", "type": "string", "description": "What it is shown among"},
        ],
        "concept": [_concept(entry) for entry in catalog],
    }


def _concept(entry: Entry) -> Element:
    properties = {"unit": entry.unit, "pipeline": entry.pipeline, "category": entry.category}
    return {
        "code": entry.name,
        "display": label(entry.name),
        "definition": entry.description,
        "property": [{"code": name, "valueString": words} for name, words in properties.items()],
    }


def concept_map(version: str) -> Resource:
    """Return which codes of others mean the same, and which only something near."""
    groups: dict[str, dict[str, list[Element]]] = {}
    for name, code, equivalence, comment in _relations():
        targets = groups.setdefault(code.system, {}).setdefault(name, [])
        targets.append(
            filled(code=code.code, display=code.display, equivalence=equivalence, comment=comment)
        )
    return {
        "resourceType": "ConceptMap",
        "id": NAME,
        "url": f"{NAMESPACE}:fhir:ConceptMap:biomarker",
        "version": version,
        "name": "MediLensBiomarkerMap",
        "title": "Biomarkers of MediLens in codes of others",
        "status": "active",
        "experimental": False,
        "publisher": "MediLens",
        "copyright": LOINC_COPYRIGHT,
        "group": [
            {
                "source": BIOMARKER,
                "target": system,
                "element": [
                    {"code": name, "display": label(name), "target": targets}
                    for name, targets in elements.items()
                ],
            }
            for system, elements in groups.items()
        ],
    }


def _relations() -> Iterator[tuple[str, Code, str, str | None]]:
    for name, codes in BIOMARKERS.items():
        missed = NEAR_MISSES.get(name)
        for code in codes:
            if missed is None or missed.code != code:
                yield name, code, "equivalent", None
    for name, miss in NEAR_MISSES.items():
        yield name, miss.code, miss.equivalence, miss.comment
