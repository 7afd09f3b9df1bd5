"""Where a result comes from: the software that assembled it, and who verified it."""

from collections.abc import Iterator, Sequence

from functions.fhir.codes import Code
from functions.fhir.ids import part_id
from functions.fhir.resources.dossier import Dossier
from functions.fhir.resources.elements import (
    SHA256,
    Element,
    Resource,
    concept,
    filled,
    identified,
    instant,
    reference,
)
from shared.record import Json

PARTICIPANTS = "http://terminology.hl7.org/CodeSystem/provenance-participant-type"
ASSEMBLER = Code(PARTICIPANTS, "assembler", "Assembler")
ENTERER = Code(PARTICIPANTS, "enterer", "Enterer")
VERIFIER = Code(PARTICIPANTS, "verifier", "Verifier")


def device(pipeline: str, version: str) -> Resource:
    """Return a pipeline in one version, as the device that it is."""
    return {
        "resourceType": "Device",
        "id": f"{pipeline}-{version}",
        "status": "active",
        "deviceName": [{"name": f"MediLens {pipeline}", "type": "user-friendly-name"}],
        "type": {"text": "Software that measures a recording"},
        "version": [{"value": version}],
    }


def provenances(dossier: Dossier, targets: Sequence[Resource]) -> Iterator[Resource]:
    """Yield how the results came about, and then each sign-off."""
    examination = dossier.examination
    made_at = examination.completed_at or examination.created_at
    named = [_reference_to(target) for target in targets]
    yield {
        "resourceType": "Provenance",
        "id": str(examination.id),
        "meta": dossier.meta,
        "target": named,
        "occurredDateTime": instant(made_at),
        "recorded": instant(made_at),
        "agent": [
            {"type": concept(ASSEMBLER), "who": reference("Device", dossier.device_id)},
            {
                "type": concept(ENTERER),
                "who": identified("Practitioner", examination.created_by),
            },
        ],
        **filled(entity=list(_sources(dossier))),
    }
    for number, sign_off in enumerate(examination.sign_offs, start=1):
        name = dossier.signers.get(sign_off.signed_by)
        yield {
            "resourceType": "Provenance",
            "id": part_id(examination.id, f"sign_off_{number}"),
            "meta": dossier.meta,
            "target": named,
            "recorded": instant(sign_off.signed_at),
            "agent": [
                {
                    "type": concept(VERIFIER),
                    "who": identified("Practitioner", sign_off.signed_by, name),
                }
            ],
        }


def _reference_to(target: Resource) -> Element:
    return reference(target["resourceType"], target["id"])


def _sources(dossier: Dossier) -> Iterator[Element]:
    provenance = dossier.examination.provenance
    if digest := provenance.get("input_sha256"):
        yield _source("recording", digest)
    for model in provenance.get("models", ()):
        yield _source(f"model {model['name']}", model["sha256"])


def _source(display: str, sha256: str) -> dict[str, Json]:
    what = {"identifier": {"system": SHA256, "value": sha256}, "display": display}
    return {"role": "source", "what": what}
