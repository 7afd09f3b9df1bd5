"""The function over HTTP: a task log in, an assessment out, the same when read back."""

import gzip
import json
from collections.abc import Callable
from typing import Any
from uuid import UUID

import asyncpg
import pytest
from httpx import AsyncClient, Response

from functions.cognitive.norms import BIOMARKERS
from functions.cognitive.service import VERSION
from local.samples import tasklog, tasklog_files, tasklog_web_files
from local.samples.tasklog_trials import TaskSample
from shared.database.models.results import results_table
from shared.database.repositories.stored_parts import SHARED_COLUMNS
from shared.permissions import RoleName
from shared.recording import RecordingFile
from tests.conftest import Clinic
from tests.nonempty import nonempty

ANALYZE = "/api/cognitive/analyze"
WRITERS: tuple[Callable[[TaskSample], RecordingFile], ...] = (
    tasklog_web_files.jspsych_csv,
    tasklog_web_files.jspsych_json,
    tasklog_web_files.experiment_factory_json,
    tasklog_files.psychopy_csv,
    tasklog_web_files.labjs_json,
    tasklog_web_files.labjs_csv,
    lambda sample: tasklog_web_files.canonical_json([sample]),
)
METHODS = "SELECT DISTINCT method FROM biomarker_values WHERE assessment_id = $1"
PERSON = {"age_years": "41", "sex": "female", "education_years": "13"}


async def post(
    client: AsyncClient, *files: RecordingFile, key: str | None = None, **fields: str
) -> Response:
    return await client.post(
        ANALYZE,
        files=[("file", (file.name, file.content)) for file in files],
        data=fields,
        headers={"Idempotency-Key": key} if key else {},
    )


async def stroop(client: AsyncClient, **fields: str) -> Response:
    return await post(client, tasklog_web_files.jspsych_json(tasklog.stroop(1)), **fields)


async def sitting(client: AsyncClient) -> Response:
    """Post every task, made in one sitting."""
    log = tasklog_web_files.canonical_json([make(1) for make in tasklog.SAMPLES])
    return await post(client, log, **PERSON)


def values(assessment: dict[str, Any]) -> dict[str, float]:
    return {biomarker["name"]: biomarker["value"] for biomarker in assessment["biomarkers"]}


class TestAnalyze:
    @pytest.mark.parametrize("write", WRITERS, ids=lambda writer: writer.__name__)
    async def test_log_of_each_program_gives_the_known_truth(
        self, clinic: Clinic, write: Callable[[TaskSample], RecordingFile]
    ) -> None:
        sample = tasklog.stroop(1)
        async with clinic.client(RoleName.CLINICIAN) as client:
            answer = await post(client, write(sample))
        body = answer.json()
        assert answer.status_code == 201, body
        outcome = values(body)
        for name, value in sample.truth.items():
            assert outcome[name] == pytest.approx(value, abs=1e-6)
        assert body["result"]["validity"]["verdict"] == "valid"
        assert not body["requires_review"]
        assert (body["risk_score"], body["risk_level"], body["confidence"]) == (None, None, None)

    async def test_every_task_of_one_sitting_is_read_back_as_it_was_answered(
        self, clinic: Clinic
    ) -> None:
        async with clinic.client(RoleName.CLINICIAN) as client:
            answer = await sitting(client)
            body = answer.json()
            again = await client.get(f"/api/records/assessments/{body['id']}")
        assert (answer.status_code, again.json()) == (201, body)
        outcome = values(body)
        for name, value in (truth for make in tasklog.SAMPLES for truth in make(1).truth.items()):
            tolerance = 15.0 if name == "stop_signal_ssrt" else 1e-6
            assert outcome[name] == pytest.approx(value, abs=tolerance), name

    async def test_values_have_the_unit_and_category_of_the_catalog(self, clinic: Clinic) -> None:
        async with clinic.client(RoleName.CLINICIAN) as client:
            body = (await sitting(client)).json()
        for told in nonempty(body["biomarkers"]):
            declared = BIOMARKERS[told["name"]]
            assert (told["unit"], told["category"]) == (declared.unit, declared.category)

    async def test_result_has_the_columns_of_its_table(self, clinic: Clinic) -> None:
        async with clinic.client(RoleName.CLINICIAN) as client:
            body = (await stroop(client)).json()
        columns = set(results_table("cognitive").c.keys()) - set(SHARED_COLUMNS)
        assert set(body["result"]) == columns

    async def test_every_row_of_the_log_is_accounted_for(self, clinic: Clinic) -> None:
        log = tasklog_web_files.gorilla_csv(tasklog.stroop(1))
        async with clinic.client(RoleName.CLINICIAN) as client:
            body = (await post(client, log)).json()
            again = await client.get(f"/api/records/assessments/{body['id']}")
        told = body["result"]["import_report"]
        left_out = sum(reason["count"] for reason in told["left_out"])
        assert told["rows"] == told["practice"] + told["test"] + left_out
        assert (told["practice"], told["test"]) == (12, 124)
        assert {reason["code"] for reason in told["left_out"]} == {"screen", "end-mark"}
        assert again.json()["result"]["import_report"] == told

    async def test_mapping_reads_a_table_of_other_words(self, clinic: Clinic) -> None:
        rows = [
            f"{400 + i % 37 + 50 * (i % 2)};{'ok' if i % 9 else 'nein'};{'ab'[i % 2]}"
            for i in range(80)
        ]
        log = RecordingFile("x.csv", "\n".join(["Zeit;Urteil;Art", *rows]).encode())
        mapping = {
            "columns": {"Zeit": "rt", "Urteil": "correct", "Art": "condition"},
            "values": {
                "Urteil": {"ok": "right", "nein": "wrong"},
                "Art": {"a": "congruent", "b": "incongruent"},
            },
            "unit": "ms",
        }
        async with clinic.client(RoleName.CLINICIAN) as client:
            read = await post(client, log, task="flanker", mapping=json.dumps(mapping))
            unfit = await post(client, log, task="flanker", mapping='{"columns": {"a": "rt"}}')
            refused = await post(client, log, task="flanker")
        assert read.status_code == 201, read.text
        assert values(read.json())["flanker_effect"] == pytest.approx(50, abs=1)
        assert read.json()["result"]["validity"]["verdict"] == "valid"
        assert unfit.json()["code"] == "mapping-unfit"
        assert refused.json()["code"] == "no-trials"

    async def test_provenance_holds_what_qualifies_the_numbers(self, clinic: Clinic) -> None:
        agent = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Firefox/140.0"
        session = tasklog_web_files.canonical_json(
            [tasklog.stroop(1)], device={"user_agent": agent, "refresh_hz": 60}
        )
        async with clinic.client(RoleName.CLINICIAN) as client:
            body = (await post(client, session, **PERSON)).json()
        parameters = body["provenance"]["parameters"]
        assert parameters["age_years"] == 41
        assert parameters["sex"] == "female"
        assert parameters["education_years"] == 13
        assert parameters["device"]["user_agent"] == "Linux Firefox/140.0"
        assert parameters["tasks"]["stroop"]["version"] is None
        assert body["provenance"]["pipeline_version"] == VERSION

    async def test_method_of_a_value_names_the_task_and_the_device(
        self, clinic: Clinic, auditor: asyncpg.Connection
    ) -> None:
        rows = json.loads(tasklog_web_files.canonical_json([tasklog.stroop(1)]).content)
        for row in rows["trials"]:
            row["task_version"] = "2.1"
        rows["session"]["device"] = {"user_agent": "Mozilla/5.0 (Windows NT 10.0; Win64)"}
        log = RecordingFile("a.json", json.dumps(rows).encode())
        async with clinic.client(RoleName.CLINICIAN) as client:
            body = (await post(client, log)).json()
        methods = await auditor.fetch(METHODS, UUID(body["id"]))
        assert [row["method"] for row in methods] == [f"{VERSION}, stroop 2.1, web, Windows"]

    async def test_pictures_are_served_as_they_were_drawn(self, clinic: Clinic) -> None:
        async with clinic.client(RoleName.CLINICIAN) as client:
            body = (await stroop(client)).json()
            pictures = [await client.get(picture["href"]) for picture in body["pictures"]]
            missing = await client.get(body["pictures"][0]["href"] + "x")
        names = [picture["name"] for picture in body["pictures"]]
        drawn = ("trial_timeline", "rt_distribution", "score_intervals")
        assert names == [f"{name}{form}" for name in drawn for form in ("", "_narrow")]
        for picture in pictures:
            assert picture.headers["content-type"] == "image/svg+xml"
            assert picture.text.startswith("<svg")
        assert missing.status_code == 404

    async def test_replay_answers_what_was_stored_once(self, clinic: Clinic) -> None:
        log = tasklog_web_files.jspsych_json(tasklog.stroop(1))
        async with clinic.client(RoleName.CLINICIAN) as client:
            first = await post(client, log, key="visit-1")
            again = await post(client, log, key="visit-1")
            other = await post(
                client, tasklog_web_files.jspsych_json(tasklog.flanker(1)), key="visit-1"
            )
            listed = (await client.get("/api/records/assessments")).json()["items"]
        assert again.status_code == first.status_code == 201
        assert again.json() == first.json()
        assert other.status_code == 409
        assert len(listed) == 1

    async def test_invalid_session_is_kept_without_scores_for_review(self, clinic: Clinic) -> None:
        log = tasklog_web_files.jspsych_csv(tasklog.guessing(1))
        async with clinic.client(RoleName.CLINICIAN) as client:
            answer = await post(client, log, **PERSON)
            queue = await client.get("/api/records/assessments", params={"requires_review": True})
        body = answer.json()
        assert (answer.status_code, body["biomarkers"]) == (201, [])
        assert body["result"]["validity"]["verdict"] == "invalid"
        assert body["result"]["task_scores"]["stroop"]["scores"] == {}
        assert body["requires_review"]
        assert body["review_reason"]
        names = [picture["name"] for picture in body["pictures"]]
        assert names == ["trial_timeline", "trial_timeline_narrow"]
        assert [item["id"] for item in queue.json()["items"]] == [body["id"]]

    async def test_task_that_the_log_does_not_name_can_be_told(self, clinic: Clinic) -> None:
        lines = [
            f"{trial.rt_ms or ''},{trial.condition},{trial.correct}"
            for trial in tasklog.stroop(1).trials
        ]
        log = RecordingFile("data.csv", "\n".join(["rt_ms,condition,correct", *lines]).encode())
        async with clinic.client(RoleName.CLINICIAN) as client:
            untold = await post(client, log)
            told = await post(client, log, task="stroop")
            unknown = await post(client, log, task="chess")
        assert untold.json()["code"] == "unknown-task"
        assert unknown.json()["code"] == "invalid-request"
        assert told.status_code == 201
        assert "stroop_effect" in values(told.json())


HOSTILE = {
    "nothing": (b"", "malformed-recording"),
    "a picture": (b"\x89PNG\r\n\x1a\n\x00\x00", "unknown-format"),
    "an archive": (gzip.compress(b"rt,correct\n500,1\n"), "unknown-format"),
    "NUL": (b"rt,correct\n5\x0000,1\n", "unknown-format"),
    "prose": (b"The patient did well.\nShe says so.\n", "malformed-recording"),
    "a deep list": (b"[" * 5000, "malformed-recording"),
    "NaN": (b'[{"task": "stroop", "rt": NaN}]', "impossible-number"),
    "a huge number": (b'[{"task": "stroop", "rt": 1e400}]', "impossible-number"),
    "half a character": (b'[{"task": "stroop", "stimulus": "\\ud800"}]', "unknown-format"),
    "a name twice": (b'[{"rt": 1, "rt": 2}]', "malformed-recording"),
    "a page": (b"<html><body>Not found</body></html>", "malformed-recording"),
    "another table": (b"patient,glucose\n1,5.4\n2,6.1\n", "unknown-task"),
    "two people": (
        b"task,subject,rt_ms,correct\nstroop,1,500,1\nstroop,2,500,1\n",
        "several-people",
    ),
    "a long version": (
        b"task,task_version,rt_ms,correct\nstroop," + b"9" * 4000 + b",500,1\n",
        "impossible-version",
    ),
    "practice only": (
        b"task,phase,rt_ms,correct,condition\nstroop,practice,500,1,congruent\n",
        "no-test-trials",
    ),
}


class TestRefusals:
    @pytest.mark.parametrize(("content", "code"), HOSTILE.values(), ids=HOSTILE)
    async def test_what_is_no_log_is_refused_by_name_and_kept_as_failed(
        self, clinic: Clinic, content: bytes, code: str
    ) -> None:
        async with clinic.client(RoleName.CLINICIAN) as client:
            answer = await post(client, RecordingFile("log.csv", content))
            body = answer.json()
            outcome = await client.get(f"/api/records/assessments/{body['assessment_id']}")
        assert answer.status_code == 422
        assert answer.headers["content-type"] == "application/problem+json"
        assert body["code"] == code
        assert outcome.json()["status"] == "failed"
        assert outcome.json()["result"] is None
        assert outcome.json()["stages"][-1]["error_code"] == code

    async def test_same_task_twice_in_one_sitting_is_refused(self, clinic: Clinic) -> None:
        log = tasklog_web_files.jspsych_json(tasklog.stroop(1))
        async with clinic.client(RoleName.CLINICIAN) as client:
            answer = await post(client, log, log)
        assert answer.json()["code"] == "repeated-task"

    @pytest.mark.parametrize(
        "fields",
        [{"sex": "x"}, {"age_years": "-1"}, {"age_years": "nan"}, {"education_years": "400"}],
    )
    async def test_impossible_person_is_refused_before_anything_is_kept(
        self, clinic: Clinic, fields: dict[str, str]
    ) -> None:
        async with clinic.client(RoleName.CLINICIAN) as client:
            answer = await stroop(client, **fields)
            listed = await client.get("/api/records/assessments")
        assert answer.status_code == 422
        assert answer.json()["code"] == "invalid-request"
        assert listed.json()["items"] == []


class TestRights:
    async def test_patient_may_for_themselves_only(self, clinic: Clinic) -> None:
        async with clinic.client(RoleName.PATIENT) as client:
            own = await stroop(client)
            other = await stroop(client, subject_id=str(clinic.person_id(RoleName.CLINICIAN)))
        assert own.status_code == 201
        assert own.json()["subject_id"] == str(clinic.person_id(RoleName.PATIENT))
        assert other.status_code == 404

    async def test_clinician_may_for_a_patient_who_then_sees_it(self, clinic: Clinic) -> None:
        patient = str(clinic.person_id(RoleName.PATIENT))
        async with clinic.client(RoleName.CLINICIAN) as client:
            body = (await stroop(client, subject_id=patient)).json()
        async with clinic.client(RoleName.PATIENT) as client:
            answer = await client.get(f"/api/records/assessments/{body['id']}")
            picture = await client.get(body["pictures"][0]["href"])
        assert answer.json() == body
        assert picture.status_code == 200

    async def test_nobody_else_may(self, clinic: Clinic, elsewhere: Clinic) -> None:
        async with clinic.client(None) as client:
            assert (await stroop(client)).status_code == 401
        async with clinic.client(RoleName.RESEARCHER) as client:
            assert (await stroop(client)).status_code == 403
        async with clinic.client(RoleName.CLINICIAN) as client:
            body = (await stroop(client)).json()
        async with elsewhere.client(RoleName.CLINICIAN) as client:
            patient = str(clinic.person_id(RoleName.PATIENT))
            assert (await stroop(client, subject_id=patient)).status_code == 404
            assert (await client.get(body["pictures"][0]["href"])).status_code == 404


class TestInfo:
    async def test_says_what_is_read_measured_and_cited(self, clinic: Clinic) -> None:
        async with clinic.client(None) as client:
            answer = await client.get("/api/cognitive/info")
        body = answer.json()
        assert answer.status_code == 200
        assert (body["pipeline"], body["version"]) == ("cognitive", VERSION)
        assert {biomarker["name"]: biomarker["unit"] for biomarker in body["biomarkers"]} == {
            name: biomarker.unit for name, biomarker in BIOMARKERS.items()
        }
        assert any("jsPsych" in item for item in body["formats"])
        assert body["limits"]["max_files"] == 20
        assert all("doi:10." in source for source in body["sources"].values())
