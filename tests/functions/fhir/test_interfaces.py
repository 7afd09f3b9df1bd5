"""What hospital interfaces take: HL7 v2 messages and DICOM Encapsulated PDF."""

import warnings
from base64 import b64decode
from dataclasses import replace
from datetime import date
from io import BytesIO
from uuid import UUID

import asyncpg
import pydicom
import pytest
from httpx import AsyncClient, Response

from functions.fhir.people.queries import Identifier, Person
from functions.fhir.reports import dicom, hl7
from shared.permissions import RoleName
from tests.conftest import Clinic
from tests.factories.examinations import stored
from tests.functions.fhir.layout import pages
from tests.functions.fhir.test_judges import FIRST, dossier_of, signed
from tests.functions.fhir.test_reports import REPORTS, named
from tests.nonempty import nonempty

with warnings.catch_warnings():  # the judge of HL7 v2 is older than this Python
    warnings.simplefilter("ignore")
    from hl7apy.parser import parse_message

PDF = b"%PDF-1.7 and an odd number of bytes"


def segments(message: str, name: str) -> list[list[str]]:
    rows = (line.split("|") for line in message.split("\r"))
    return [row for row in rows if row[0] == name]


class TestHl7:
    @pytest.mark.parametrize("name", FIRST.values())
    def test_every_pipeline_is_a_valid_message(self, name: str) -> None:
        dossier = dossier_of(name)
        message = hl7.message(dossier, PDF)

        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            assert parse_message(message, find_groups=True).validate()
        values = segments(message, "OBX")
        told = [float(row[5]) for row in values if row[2] == "NM"]
        assert told == [value.value for value in dossier.examination.biomarkers]
        assert b64decode(values[-1][5].split("^")[-1]) == PDF

    def test_status_order_and_names_are_told(self) -> None:
        provenance = {"order_reference": "ACC|1"}
        dossier = dossier_of("cardiology-sinus-rhythm", provenance=provenance)
        assert segments(hl7.message(dossier, None), "OBR")[0][2] == "ACC\\F\\1"
        for times, status in ((0, "P"), (1, "F"), (2, "C")):
            told = replace(dossier, examination=signed(dossier.examination, times))
            message = hl7.message(told, None)
            assert segments(message, "OBR")[0][25] == status
            assert {row[11] for row in nonempty(segments(message, "OBX"))} == {status}

    def test_a_deleted_one_is_withdrawn(self) -> None:
        dossier = dossier_of("cardiology-sinus-rhythm")
        deleted = replace(dossier.examination, deleted_at=dossier.changed_at)
        (withdrawn,) = segments(hl7.message(replace(dossier, examination=deleted), None), "OBX")
        assert withdrawn[11] == "W"

    def test_no_text_is_a_delimiter(self) -> None:
        """A name cannot add a segment or a field."""
        person = Person(
            UUID(int=1), "A\rOBX|1|NM", "B^C&D~E\\F\nG", identifiers=(Identifier("a|b", "c^d"),)
        )
        dossier = replace(dossier_of("cardiology-sinus-rhythm"), person=person)
        message = hl7.message(dossier, None)
        (told,) = segments(message, "PID")
        assert told[5] == "B\\S\\C\\T\\D\\R\\E\\E\\F\\.br\\G^AOBX\\F\\1\\F\\NM"
        assert told[3].startswith("c\\S\\d^^^a\\F\\b^MR~")


class TestDicom:
    def test_it_holds_the_report_and_says_whose_it_is(self) -> None:
        person = Person(UUID(int=1), "太郎", "山田", date(1965, 3, 12), "male")
        dossier = replace(dossier_of("cardiology-sinus-rhythm"), person=person)
        written = dicom.encapsulated(dossier, PDF)
        told = pydicom.dcmread(BytesIO(written))

        assert told.SOPClassUID.name == "Encapsulated PDF Storage"
        assert told.EncapsulatedDocument[: told.EncapsulatedDocumentLength] == PDF
        assert len(told.EncapsulatedDocument) % 2 == 0
        assert str(told.PatientName) == "山田^太郎"
        assert told.PatientBirthDate == "19650312"
        assert written == dicom.encapsulated(dossier, PDF)
        assert len(told.StudyInstanceUID) <= 64


async def downloads(client: AsyncClient, key: UUID) -> list[Response]:
    """A report as a message of HL7 and as a file of DICOM."""
    return [await client.get(f"{REPORTS}/{key}.{kind}") for kind in ("hl7", "dcm")]


class TestRoutes:
    async def test_both_are_downloads_of_what_is_stored(
        self, clinic: Clinic, auditor: asyncpg.Connection
    ) -> None:
        await named(clinic, auditor)
        key = await stored(clinic, heart_rate=71.5)
        async with clinic.client(RoleName.ADMIN) as client:
            message, file = await downloads(client, key)
        assert segments(message.text, "PID")[0][3].startswith("MRN-4711^^^urn:mrn^MR")
        assert segments(message.text, "OBX")[0][5] == "71.5"
        content = b64decode(segments(message.text, "OBX")[-1][5].split("^")[-1])
        assert "Sparrow, Canary" in pages(content)[0].text
        assert pydicom.dcmread(BytesIO(file.content)).PatientID == "MRN-4711"

    async def test_what_was_deleted_is_withdrawn_or_gone(self, clinic: Clinic) -> None:
        key = await stored(clinic)
        async with clinic.client(RoleName.ADMIN) as client:
            await client.delete(f"/api/records/assessments/{key}")
            withdrawn, gone = await downloads(client, key)
        assert ("|Withdrawn|" in withdrawn.text, gone.status_code) == (True, 410)
