"""An analysis is asked for first, and made only for whoever may have it."""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from uuid import UUID

import asyncpg
import pytest
from sqlalchemy.ext.asyncio import AsyncConnection

from functions.cardiology import service as cardiology
from functions.cardiology.service import EcgFields
from shared.caller import Caller
from shared.errors import Forbidden, MediLensError, NotFound, UnusableRecording
from shared.examination.examine import examine
from shared.examination.request import AnalysisRequest
from shared.examination.run import Analyze
from shared.permissions import RoleName
from shared.record import Findings, StageMarker
from shared.recording import RecordingFile
from tests.conftest import Clinic


@dataclass
class Analysis:
    """An analysis that keeps how often it was asked for, and finds nothing usable."""

    asked: int = 0
    informed: list[bool] = field(default_factory=list)

    def __call__(
        self, _files: tuple[RecordingFile, ...], _fields: EcgFields, stage: StageMarker
    ) -> Findings:
        self.asked += 1
        with stage("decode"):
            raise UnusableRecording("nothing in it")

    async def inform(
        self, _: AsyncConnection, _requested: AnalysisRequest, _fields: EcgFields
    ) -> Analyze[EcgFields]:
        self.informed.append(True)
        return self


async def examined(caller: Caller, subject: UUID | None, analysis: Analysis) -> str:
    requested = AnalysisRequest(subject, None, datetime.now(UTC), None)
    files = (RecordingFile("a.csv", b"1"),)
    assessment = await examine(
        caller, requested, cardiology.card(), files, EcgFields(), analysis, analysis.inform
    )
    return assessment.status


class TestPermission:
    async def test_whoever_may_has_it_analyzed(self, clinic: Clinic) -> None:
        analysis, patient = Analysis(), clinic.person_id(RoleName.PATIENT)
        caller = clinic.caller(RoleName.CLINICIAN)

        assert await examined(caller, patient, analysis) == "failed"
        assert (analysis.asked, analysis.informed) == (1, [True])

    @pytest.mark.parametrize("who", ["researcher", "stranger"])
    async def test_whoever_may_not_is_refused_before_anything_is_computed(
        self, clinic: Clinic, auditor: asyncpg.Connection, who: str
    ) -> None:
        analysis, patient = Analysis(), clinic.person_id(RoleName.PATIENT)
        caller = clinic.caller(RoleName.RESEARCHER)
        if who == "stranger":
            caller = replace(caller, subject="user_stranger")
        with pytest.raises(Forbidden):
            await examined(caller, patient, analysis)

        assert (analysis.asked, analysis.informed) == (0, [])
        row = await denied(auditor, clinic)
        assert (row["resource_type"], row["resource_id"]) == ("users", patient)

    async def test_so_is_another_tenants_person(
        self, clinic: Clinic, elsewhere: Clinic, auditor: asyncpg.Connection
    ) -> None:
        analysis, person = Analysis(), elsewhere.person_id(RoleName.PATIENT)
        with pytest.raises(NotFound, match="no such person"):
            await examined(clinic.caller(RoleName.CLINICIAN), person, analysis)

        assert (analysis.asked, analysis.informed) == (0, [])
        row = await denied(auditor, clinic)
        assert (row["resource_type"], row["resource_id"]) == ("users", person)
        assert row["actor_role"] == "clinician"

    async def test_a_patient_has_nobody_elses_analyzed(self, clinic: Clinic) -> None:
        analysis = Analysis()
        with pytest.raises(MediLensError, match="no such person"):
            await examined(
                clinic.caller(RoleName.PATIENT), clinic.person_id(RoleName.CLINICIAN), analysis
            )

        assert analysis.asked == 0


async def denied(auditor: asyncpg.Connection, clinic: Clinic) -> asyncpg.Record:
    row = await auditor.fetchrow(
        "SELECT a.* FROM audit_events a JOIN organizations o ON o.id = a.organization_id"
        " WHERE o.identity_organization = $1 AND outcome = 'denied' ORDER BY a.id DESC LIMIT 1",
        clinic.identity,
    )
    assert row is not None
    return row
