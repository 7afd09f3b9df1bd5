"""Observations: one a measured value, with its own status, range, interpretation and interval."""

from collections.abc import Iterator, Mapping
from types import MappingProxyType

from functions.fhir.codes import (
    BIOMARKERS,
    CATEGORY,
    IMPRESSION,
    UCUM,
    VITAL_SIGNS,
    Code,
)
from functions.fhir.ids import part_id
from functions.fhir.intervals import intervals
from functions.fhir.reports.pipelines import reported
from functions.fhir.resources.dossier import Dossier
from functions.fhir.resources.elements import (
    BIOMARKER,
    PART,
    Element,
    Resource,
    concept,
    filled,
    instant,
    reference,
)
from shared.biomarkers import BiomarkerStatus
from shared.record import Absence, Json, Value
from shared.words import label, unit

INTERPRETATIONS = "http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation"
ABSENT_REASONS = "http://terminology.hl7.org/CodeSystem/data-absent-reason"

JUDGED: Mapping[str, Code] = MappingProxyType(
    {
        BiomarkerStatus.NORMAL: Code(INTERPRETATIONS, "N", "Normal"),
        BiomarkerStatus.LOW: Code(INTERPRETATIONS, "L", "Low"),
        BiomarkerStatus.HIGH: Code(INTERPRETATIONS, "H", "High"),
    }
)
CRITICAL: Mapping[str | None, Code] = MappingProxyType(
    {
        "low": Code(INTERPRETATIONS, "LL", "Critical low"),
        "high": Code(INTERPRETATIONS, "HH", "Critical high"),
    }
)
# Our codes of absence in the words of FHIR; whatever else keeps a value back is an error.
REASONS: Mapping[str, Code] = MappingProxyType(
    {
        "not-this-task": Code(ABSENT_REASONS, "not-performed", "Not Performed"),
        "no-model": Code(ABSENT_REASONS, "unsupported", "Unsupported"),
        "not-in-this-rhythm": Code(ABSENT_REASONS, "not-applicable", "Not Applicable"),
    }
)
ERROR = Code(ABSENT_REASONS, "error", "Error")
RHYTHM, RISK = "rhythm", "risk_score"
# Of the measures themselves there is a code system; these are parts of any of them.
CONFIDENCE = Code(PART, "confidence", "Signal quality of this measure, 0 to 1")
INTERVAL = Code(PART, "interval-95", "95 % confidence interval")


def observations(dossier: Dossier) -> Iterator[Resource]:
    """Yield what an assessment measured, each value on its own."""
    spread = intervals(dossier.examination)
    for value in dossier.examination.biomarkers:
        yield _measured(dossier, value, spread.get(value.name))
    result = dossier.examination.result or {}
    if rhythm := result.get("rhythm_classification"):
        said = {"valueCodeableConcept": {"text": rhythm}}
        yield _observation(dossier, RHYTHM, concept(IMPRESSION, _own(RHYTHM)), said)
    if dossier.examination.risk_score is not None:
        yield _risk(dossier)


def absent_observations(dossier: Dossier) -> Iterator[Resource]:
    """Yield what could not be measured, with the reason in place of a value."""
    for absence in dossier.examination.absent:
        yield _absent(dossier, absence)


def codes_of(name: str) -> tuple[Code, ...]:
    """Return the codes of a biomarker, those of others first, our own last."""
    return (*BIOMARKERS.get(name, ()), _own(name))


def quantity(value: float, ucum: str) -> Element:
    return {"value": value, "unit": unit(ucum) or ucum, "system": UCUM, "code": ucum}


def _own(name: str) -> Code:
    return Code(BIOMARKER, name, label(name))


def _measured(dossier: Dossier, value: Value, interval: tuple[float, float] | None) -> Resource:
    components = [*_confidence(value), *_interval(value, interval)]
    return _observation(
        dossier,
        value.name,
        concept(*codes_of(value.name), text=label(value.name)),
        filled(
            valueQuantity=quantity(value.value, value.unit),
            interpretation=[concept(code) for code in _interpretation(value)],
            method={"text": f"MediLens {dossier.examination.pipeline}, {value.method}"},
            referenceRange=list(_ranges(value)),
            component=components,
        ),
    )


def _observation(dossier: Dossier, name: str, code: Element, said: Element) -> Resource:
    examination = dossier.examination
    categories = [reported(examination.pipeline).category]
    if any(entry["code"] in VITAL_SIGNS for entry in code.get("coding", ())):
        categories.append(Code(CATEGORY, "vital-signs", "Vital Signs"))
    return {
        "resourceType": "Observation",
        "id": part_id(examination.id, name),
        "meta": dossier.meta,
        **filled(basedOn=[dossier.order] if dossier.order else None),
        "status": dossier.status,
        "category": [concept(category) for category in categories],
        "code": code,
        "subject": reference("Patient", examination.user_id),
        "effectiveDateTime": instant(examination.recorded_at),
        "issued": instant(examination.completed_at or examination.created_at),
        "device": reference("Device", dossier.device_id),
        **said,
    }


def _interpretation(value: Value) -> Iterator[Code]:
    if value.status == BiomarkerStatus.CRITICAL:
        yield CRITICAL[value.critical_direction]
    elif value.status in JUDGED:
        yield JUDGED[value.status]


def _ranges(value: Value) -> Iterator[Element]:
    """Yield the range that the value was judged by, of whom it is, and who says so."""
    low, high = value.normal_range_min, value.normal_range_max
    if low is None and high is None:
        return
    yield filled(
        low=None if low is None else quantity(low, value.unit),
        high=None if high is None else quantity(high, value.unit),
        appliesTo=[{"text": value.population}] if value.population else None,
        text=value.citation,
    )


def _confidence(value: Value) -> Iterator[Element]:
    if value.confidence is not None:
        yield {"code": concept(CONFIDENCE), "valueQuantity": quantity(value.confidence, "1")}


def _interval(value: Value, interval: tuple[float, float] | None) -> Iterator[Element]:
    if interval:
        low, high = (quantity(limit, value.unit) for limit in interval)
        yield {"code": concept(INTERVAL), "valueRange": {"low": low, "high": high}}


def _risk(dossier: Dossier) -> Resource:
    """Send the score by its rules; it orders, and is no probability."""
    score = dossier.examination.risk_score
    assert score is not None
    notes: list[Json] = [
        {"text": f"{point.rule}: {point.score:g} of 100. {point.citation or ''}".rstrip()}
        for point in dossier.examination.risk_points
    ]
    said = filled(valueQuantity=quantity(score, "{score}"), note=notes)
    return _observation(dossier, RISK, concept(_own(RISK), text=label(RISK)), said)


def _absent(dossier: Dossier, absence: Absence) -> Resource:
    code = concept(*codes_of(absence.name), text=label(absence.name))
    reason = concept(REASONS.get(absence.code, ERROR), text=absence.detail)
    return _observation(dossier, absence.name, code, {"dataAbsentReason": reason})
