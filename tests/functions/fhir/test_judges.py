"""What leaves is FHIR R4, by the judges' verdicts; and the judges find what is wrong."""

import copy
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

import fhirkit
import pytest

from functions.fhir import bundles
from functions.fhir.codes import BIOMARKERS, LOINC, NEAR_MISSES, check_digit_is_right
from functions.fhir.examinations import service
from functions.fhir.people.queries import Identifier, Issuer, Person
from functions.fhir.reports.pipelines import REPORTED
from functions.fhir.resources.dossier import Dossier
from functions.fhir.resources.observation import observations
from functions.fhir.resources.patient import patient
from functions.fhir.resources.terminology import concept_map
from shared.pipelines import PipelineName
from shared.record import SignOff, StoredExamination
from shared.vocabulary import AssessmentStatus
from tests.factories.samples import MEASURABLE, as_stored, examined
from tests.functions.fhir.judges import complaints, own_complaints
from tests.nonempty import nonempty

BASE = "https://api.example.org/api/fhir"
SOMEBODY = Person(
    UUID(int=1),
    *("Maria", "Kowalska"),
    date_of_birth=date(1965, 3, 12),
    sex_at_birth="female",
    identifiers=(Identifier("ward 3", "4711"), Identifier("urn:mrn", "0815")),
)


def signed(examination: StoredExamination, times: int) -> StoredExamination:
    made_at = examination.created_at
    signatures = [
        SignOff(UUID(int=2), made_at, AssessmentStatus.COMPLETED, number, "Read by hand.")
        for number in range(1, times + 1)
    ]
    return replace(examination, sign_offs=tuple(signatures))


def dossier_of(name: str, **columns: object) -> Dossier:
    stored = as_stored(examined(name)[0], **columns)
    issuer = Issuer(UUID(int=9), "Example Clinic", {})
    return Dossier(
        stored, stored.created_at, SOMEBODY, issuer, BASE, {UUID(int=2): "Ben Clinician"}
    )


def written(resource: Any) -> Any:
    """What a receiver reads: JSON and nothing of ours."""
    return json.loads(json.dumps(resource))


def document_of(dossier: Dossier) -> Any:
    person = patient(dossier.person, dossier.issuer)
    resources = list(service.everything(dossier, absent=True))
    return written(bundles.document(dossier, person, resources, dossier.changed_at))


def transaction_of(dossier: Dossier) -> Any:
    resources = list(service.everything(dossier, absent=True))
    return written(bundles.transaction(patient(dossier.person, dossier.issuer), resources))


@pytest.mark.parametrize("name", MEASURABLE)
def test_every_sample_is_a_document_without_a_complaint(name: str) -> None:
    assert complaints(document_of(dossier_of(name))) == []


FIRST = {
    pipeline: next(name for name in MEASURABLE if name.startswith(pipeline))
    for pipeline in PipelineName
    if any(name.startswith(pipeline) for name in MEASURABLE)
}


@pytest.mark.parametrize("name", FIRST.values())
def test_every_pipeline_is_a_transaction_without_a_complaint(name: str) -> None:
    dossier = dossier_of(name, sign_offs=signed(as_stored(examined(name)[0]), 2).sign_offs)
    transaction = transaction_of(dossier)

    assert complaints(transaction) == []
    assert all(entry["request"]["method"] in {"PUT", "POST"} for entry in transaction["entry"])
    assert "Patient/" not in str(list(bundles.references(transaction)))


@pytest.mark.parametrize("name", FIRST.values())
def test_nothing_is_lost_and_no_digit_changes(name: str) -> None:
    dossier = dossier_of(name)
    values = {value.name: value.value for value in dossier.examination.biomarkers}
    told = {
        observation["code"]["coding"][-1]["code"]: observation["valueQuantity"]["value"]
        for observation in written(list(observations(dossier)))
        if "valueQuantity" in observation
    }
    told.pop("risk_score", None)
    assert told == values


class TestStatus:
    def test_it_follows_sign_offs_and_deletion(self) -> None:
        base = dossier_of("cardiology-sinus-rhythm")
        for times, status in ((0, "preliminary"), (1, "final"), (2, "amended")):
            dossier = replace(base, examination=signed(base.examination, times))
            (report,) = service.reports(dossier)
            assert report["status"] == status
            assert {entry["status"] for entry in nonempty(list(observations(dossier)))} == {status}
        deleted = replace(base.examination, deleted_at=base.changed_at)
        (report,) = service.reports(replace(base, examination=deleted))
        assert report["status"] == "entered-in-error"
        assert "result" not in report
        assert "conclusion" not in report
        assert complaints(transaction_of(replace(base, examination=deleted))) == []

    def test_software_says_so_until_a_professional_has_signed(self) -> None:
        base = dossier_of("cardiology-sinus-rhythm")
        labels = [label["code"] for label in base.meta["security"]]
        assert labels == ["AIAST", "DEVAST"]
        assert "security" not in replace(base, examination=signed(base.examination, 1)).meta

    def test_the_order_comes_back(self) -> None:
        provenance = {"order_reference": "ACC-2026-1", "input_sha256": "0" * 64}
        dossier = dossier_of("cardiology-sinus-rhythm", provenance=provenance)
        (report,) = service.reports(dossier)
        assert report["basedOn"] == [
            {"type": "ServiceRequest", "identifier": {"value": "ACC-2026-1"}}
        ]


def test_codes_of_others_have_their_check_digits() -> None:
    codes = [code for listed in BIOMARKERS.values() for code in listed]
    codes += [kind.code for kind in REPORTED.values()]
    codes += [miss.code for miss in NEAR_MISSES.values()]
    for code in nonempty([code for code in codes if code.system == LOINC]):
        assert check_digit_is_right(code.code), code


def test_the_map_of_codes_is_one() -> None:
    """One judge takes the codes of several elements for several codes of one: it is not asked."""
    told = written(concept_map("1"))
    assert [str(issue) for issue in fhirkit.validate(told)] == []
    assert list(own_complaints(told)) == []
    (loinc, *_) = told["group"]
    near = {element["code"]: element["target"][-1]["equivalence"] for element in loinc["element"]}
    assert near["rr_mean"] == near["qtc_framingham"] == "wider"


# What is broken in a good bundle; each has to be found by somebody.
def first(bundle: Any, kind: str, member: str = "id") -> Any:
    return next(
        entry["resource"]
        for entry in bundle["entry"]
        if entry["resource"]["resourceType"] == kind and member in entry["resource"]
    )


def measured(bundle: Any) -> Any:
    return first(bundle, "Observation", "valueQuantity")


FAULTS: dict[str, Callable[[Any], object]] = {
    "status missing": lambda bundle: measured(bundle).pop("status"),
    "provenance without agent": lambda bundle: first(bundle, "Provenance").pop("agent"),
    "unknown element": lambda bundle: measured(bundle).update(pulse=1),
    "two values": lambda bundle: measured(bundle).update(valueString="a"),
    "status of an observation": lambda bundle: measured(bundle).update(status="complete"),
    "status of a report": lambda bundle: first(bundle, "DiagnosticReport").update(status="done"),
    "value and its absence": lambda bundle: measured(bundle).update(
        dataAbsentReason={"text": "none"}
    ),
    "empty range": lambda bundle: measured(bundle).update(
        referenceRange=[{"appliesTo": [{"text": "women"}]}]
    ),
    "month 13": lambda bundle: measured(bundle).update(effectiveDateTime="2026-13-01T00:00:00Z"),
    "duplicate address": lambda bundle: bundle["entry"].append(bundle["entry"][-1]),
    "object in place of a list": lambda bundle: measured(bundle).update(
        category=measured(bundle)["category"][0]
    ),
    "subject of another type": lambda bundle: measured(bundle).update(
        subject={"reference": f"{BASE}/Organization/1"}
    ),
    "number as text": lambda bundle: measured(bundle)["valueQuantity"].update(value="84.6"),
    "empty list": lambda bundle: measured(bundle).update(note=[]),
    "interpretation that is none": lambda bundle: measured(bundle).update(
        interpretation=[
            {
                "coding": [
                    {
                        "system": "http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation",
                        "code": "XX",
                    }
                ]
            }
        ]
    ),
    "script in the narrative": lambda bundle: first(bundle, "DiagnosticReport")["text"].update(
        div='<div xmlns="http://www.w3.org/1999/xhtml"><script>alert(1)</script></div>'
    ),
    "dangling reference": lambda bundle: measured(bundle).update(
        device={"reference": "urn:uuid:00000000-0000-4000-8000-000000000000"}
    ),
    "unit that is none": lambda bundle: measured(bundle)["valueQuantity"].update(code="bpm"),
    "check digit": lambda bundle: first(bundle, "DiagnosticReport")["code"]["coding"][0].update(
        code="11524-0"
    ),
}


@pytest.fixture(scope="module")
def good() -> Any:
    return document_of(dossier_of("cardiology-sinus-rhythm"))


@pytest.mark.parametrize("fault", FAULTS)
def test_a_seeded_fault_is_found(good: Any, fault: str) -> None:
    broken = copy.deepcopy(good)
    FAULTS[fault](broken)
    assert complaints(broken) != [], fault
