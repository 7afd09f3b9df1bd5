"""DiagnosticReport: an assessment as a whole, and the documents that stand for it."""

from collections.abc import Iterator, Sequence

from functions.fhir.codes import (
    AMBULATORY,
    AMBULATORY_S,
    LEADS,
    TWELVE_LEADS,
    Code,
)
from functions.fhir.ids import part_id
from functions.fhir.reports.findings import findings
from functions.fhir.reports.pipelines import reported
from functions.fhir.resources.dossier import Dossier
from functions.fhir.resources.elements import (
    URI,
    Element,
    Resource,
    concept,
    filled,
    identified,
    instant,
    narrative,
    reference,
)
from shared.pipelines import PipelineName

# The part of an assessment that is its printed report; no picture has a dot in its name.
PRINTED = "report.pdf"
PDF = "application/pdf"


def diagnostic_report(dossier: Dossier, results: Sequence[Resource]) -> Resource:
    """Return the report of an assessment that names its results."""
    examination = dossier.examination
    lines = [(entry.label, entry.words) for entry in findings(examination)]
    kind = reported(examination.pipeline)
    title = kind.title
    return {
        "resourceType": "DiagnosticReport",
        "id": str(examination.id),
        "meta": dossier.meta,
        "text": narrative(title, () if dossier.is_retracted else lines),
        "identifier": [{"system": URI, "value": f"urn:uuid:{examination.id}"}],
        **filled(basedOn=[dossier.order] if dossier.order else None),
        "status": dossier.status,
        "category": [concept(kind.section)],
        "code": concept(report_code(dossier), text=title),
        "subject": reference("Patient", examination.user_id),
        "effectiveDateTime": instant(examination.recorded_at),
        "issued": instant(dossier.changed_at),
        "performer": [identified("Organization", dossier.issuer.id, dossier.issuer.name)],
        **filled(
            resultsInterpreter=[
                identified(
                    "Practitioner", sign_off.signed_by, dossier.signers.get(sign_off.signed_by)
                )
                for sign_off in examination.sign_offs
            ],
            result=[reference("Observation", result["id"]) for result in results],
        ),
        **({} if dossier.is_retracted else _told(dossier, lines)),
    }


def report_code(dossier: Dossier) -> Code:
    """Return what a report is called; an electrocardiogram by its leads and its length."""
    examination = dossier.examination
    result = examination.result or {}
    if examination.pipeline == PipelineName.CARDIOLOGY:
        if (result.get("duration_s") or 0) >= AMBULATORY_S:
            return AMBULATORY
        if len(result.get("leads") or ()) >= LEADS:
            return TWELVE_LEADS
    return reported(examination.pipeline).code


def _told(dossier: Dossier, lines: Sequence[tuple[str, str]]) -> Element:
    conclusion = " ".join(f"{name}: {words.rstrip('.')}." for name, words in lines)
    return filled(conclusion=conclusion, presentedForm=[printed_form(dossier)])


def printed_form(dossier: Dossier) -> Element:
    """Say where the report is as pages."""
    examination = dossier.examination
    return {
        "contentType": PDF,
        "language": "en",
        "url": f"{dossier.base}/Binary/{part_id(examination.id, PRINTED)}",
        "title": reported(examination.pipeline).title,
        "creation": instant(dossier.changed_at),
    }


def documents(dossier: Dossier) -> Iterator[Resource]:
    """Yield a reference to the printed report, to each picture, and to each stored recording."""
    code = concept(report_code(dossier))
    yield _document(dossier, PRINTED, code, printed_form(dossier))
    for picture in dossier.examination.pictures:
        attachment = {
            "contentType": picture.media_type,
            "url": f"{dossier.base}/Binary/{part_id(dossier.examination.id, picture.name)}",
            "title": picture.alt,
        }
        yield _document(dossier, picture.name, {"text": "Picture"}, attachment)
    for recording in dossier.recordings:
        file: Element = {
            "contentType": recording.content_type,
            "url": f"{dossier.base}/Binary/{part_id(dossier.examination.id, recording.name)}",
            "size": recording.size_bytes,
            "title": "Recording as it was sent",
        }
        yield _document(dossier, recording.name, {"text": "Recording"}, file)


def _document(dossier: Dossier, name: str, kind: Element, attachment: Element) -> Resource:
    examination = dossier.examination
    return {
        "resourceType": "DocumentReference",
        "id": part_id(examination.id, name),
        "meta": dossier.meta,
        "status": "entered-in-error" if dossier.is_retracted else "current",
        "docStatus": _doc_status(dossier),
        "type": kind,
        "subject": reference("Patient", examination.user_id),
        "date": instant(examination.completed_at or examination.created_at),
        "author": [reference("Device", dossier.device_id)],
        "content": [{"attachment": attachment}],
        "context": {"related": [reference("DiagnosticReport", examination.id)]},
    }


def _doc_status(dossier: Dossier) -> str:
    is_known = dossier.status in {"final", "amended", "entered-in-error"}
    return dossier.status if is_known else "preliminary"
