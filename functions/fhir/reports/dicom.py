"""DICOM Encapsulated PDF: the printed report as an archive of pictures keeps it."""

from datetime import UTC
from io import BytesIO
from uuid import UUID, uuid5

from pydicom.dataset import Dataset, FileDataset, FileMetaDataset
from pydicom.uid import UID, EncapsulatedPDFStorage, ExplicitVRLittleEndian

from functions.fhir.reports.pipelines import reported
from functions.fhir.resources.dossier import Dossier
from functions.fhir.resources.report import PDF

SEXES = {"female": "F", "male": "M", "intersex": "O"}
UTF_8 = "ISO_IR 192"


def encapsulated(dossier: Dossier, pdf: bytes) -> bytes:
    """Return a DICOM file that holds a PDF; the same report has the same UIDs."""
    examination = dossier.examination
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = EncapsulatedPDFStorage
    meta.MediaStorageSOPInstanceUID = _uid(examination.id, f"revision {examination.revision}")
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    told = FileDataset("", {}, file_meta=meta, preamble=b"\0" * 128)
    told.SpecificCharacterSet = UTF_8
    told.SOPClassUID = EncapsulatedPDFStorage
    told.SOPInstanceUID = meta.MediaStorageSOPInstanceUID
    _tell_person(told, dossier)
    _tell_study(told, dossier)
    told.BurnedInAnnotation = "YES"
    told.DocumentTitle = reported(examination.pipeline).title
    told.ConceptNameCodeSequence = []
    told.MIMETypeOfEncapsulatedDocument = PDF
    told.EncapsulatedDocumentLength = len(pdf)
    told.EncapsulatedDocument = pdf + b"\0" * (len(pdf) % 2)
    written = BytesIO()
    told.save_as(written, enforce_file_format=True)
    return written.getvalue()


def _tell_person(told: Dataset, dossier: Dossier) -> None:
    person = dossier.person
    told.PatientName = f"{person.last_name or ''}^{person.first_name or ''}".rstrip("^")
    told.PatientID = person.identifiers[0].value if person.identifiers else str(person.id)
    told.PatientBirthDate = f"{person.date_of_birth:%Y%m%d}" if person.date_of_birth else ""
    told.PatientSex = SEXES.get(person.sex_at_birth or "", "")


def _tell_study(told: Dataset, dossier: Dossier) -> None:
    examination = dossier.examination
    recorded = examination.recorded_at.astimezone(UTC)
    written = dossier.changed_at.astimezone(UTC)
    told.StudyInstanceUID = _uid(examination.id, "study")
    told.StudyDate, told.StudyTime = f"{recorded:%Y%m%d}", f"{recorded:%H%M%S}"
    told.StudyID = ""
    told.AccessionNumber = (dossier.order or {}).get("identifier", {}).get("value", "")[:16]
    told.ReferringPhysicianName = ""
    told.TimezoneOffsetFromUTC = "+0000"
    told.Modality = "DOC"
    told.ConversionType = "WSD"
    told.Manufacturer = "MediLens"
    told.SoftwareVersions = f"{examination.pipeline} {examination.pipeline_version}"
    told.SeriesInstanceUID = _uid(examination.id, "series")
    told.SeriesNumber = told.InstanceNumber = 1
    told.ContentDate, told.ContentTime = f"{written:%Y%m%d}", f"{written:%H%M%S}"
    told.AcquisitionDateTime = f"{recorded:%Y%m%d%H%M%S}"


def _uid(assessment_id: UUID, of: str) -> UID:
    """Return a UID made of a UUID, as DICOM (PS3.5, B.2) allows without a registration."""
    return UID(f"2.25.{uuid5(assessment_id, of).int}")
