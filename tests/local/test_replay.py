"""An assessment computed anew: the same bytes, or what differs by its place."""

from dataclasses import replace
from uuid import UUID

import asyncpg
import pytest

from local.replay import replay
from shared.examination.not_again import InputNotStored
from shared.permissions import RoleName
from tests.conftest import Clinic
from tests.functions.uploads.sending import upload_recording
from tests.shared.examination.test_deferred import post, recording


async def analyzed(clinic: Clinic, *, stored: bool) -> UUID:
    if stored:
        ids = await upload_recording(clinic, recording())
        answer = await post(clinic, headers={}, upload_id=ids, sex="female")
    else:
        answer = await post(clinic, recording(), headers={}, sex="female")
    assert answer.status_code == 201, answer.text
    return UUID(answer.json()["id"])


@pytest.mark.usefixtures("aws")
class TestReplay:
    async def test_from_storage_it_is_the_same_bytes(self, clinic: Clinic) -> None:
        key = await analyzed(clinic, stored=True)

        assert (await replay(clinic.caller(RoleName.CLINICIAN), key, ())).differences == ()

    async def test_from_the_files_it_is_the_same_bytes(
        self, clinic: Clinic, auditor: asyncpg.Connection
    ) -> None:
        key = await analyzed(clinic, stored=False)
        before = await auditor.fetchval("SELECT count(*) FROM assessments")
        caller = clinic.caller(RoleName.CLINICIAN)

        assert (await replay(caller, key, recording())).differences == ()
        assert await auditor.fetchval("SELECT count(*) FROM assessments") == before
        with pytest.raises(InputNotStored):
            await replay(caller, key, ())

    async def test_a_clock_that_was_wrong_is_told_in_the_same_words(self, clinic: Clinic) -> None:
        header, samples, *_ = recording()
        first, rest = header.content.split(b"\n", 1)
        never_set = replace(header, content=first + b" 00:00:00 01/01/1980\n" + rest)
        answer = await post(clinic, (never_set, samples), headers={}, sex="female")
        assert any("never set" in warning for warning in answer.json()["warnings"])
        key = UUID(answer.json()["id"])
        caller = clinic.caller(RoleName.CLINICIAN)
        assert (await replay(caller, key, (never_set, samples))).differences == ()

    async def test_a_number_that_was_edited_is_named_with_both_values(
        self, clinic: Clinic, auditor: asyncpg.Connection
    ) -> None:
        key = await analyzed(clinic, stored=False)
        await auditor.execute(
            "UPDATE cardiology_results SET heart_rate_bpm = 40 WHERE assessment_id = $1", key
        )
        (difference,) = (
            await replay(clinic.caller(RoleName.CLINICIAN), key, recording())
        ).differences

        assert difference.place == "result.heart_rate_bpm"
        assert difference.stored == 40
        assert difference.today == pytest.approx(70, abs=1)

    async def test_another_recording_is_told_by_its_hash(self, clinic: Clinic) -> None:
        key = await analyzed(clinic, stored=False)
        header, signal, *_ = recording()
        other = (header, replace(signal, content=signal.content + b"\0\0"))
        differences = (await replay(clinic.caller(RoleName.CLINICIAN), key, other)).differences

        assert "provenance.input_sha256" in {difference.place for difference in differences}
