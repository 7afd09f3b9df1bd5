"""Electrocardiograms over HTTP, stored with real commits and read back."""

import hashlib
import json
import xml.etree.ElementTree as ET
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import pairwise
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import numpy as np
import pytest
from httpx import AsyncClient, Response

from functions.cardiology.norms import BIOMARKERS, NORMS, SOURCES
from functions.cardiology.rhythm_names import RhythmName
from functions.cardiology.trained import FOLDER
from functions.cardiology.unreadable import FORMATS
from functions.cardiology.ventricular import BeatKind
from local.samples.ecg import Disturbance, Episode, Rhythm, SyntheticEcg, synthesize
from local.samples.ecg_files import (
    aecg_file,
    apple_watch_file,
    csv_file,
    dicom_file,
    edf_file,
    json_file,
    wfdb_files,
)
from shared.database.models.results import results_table
from shared.database.repositories.stored_parts import SHARED_COLUMNS
from shared.permissions import RoleName
from shared.recording import RecordingFile
from tests.conftest import Clinic

TABLE = results_table("cardiology")
COLUMNS = {column.name for column in TABLE.columns} - set(SHARED_COLUMNS)
MILD = Disturbance(snr_db=24, wander_mv=0.1)

type Files = Sequence[RecordingFile]

WRITERS: dict[str, Callable[[SyntheticEcg], Files]] = {
    "WFDB 16": lambda sample: wfdb_files(sample, fmt="16"),
    "WFDB 212": lambda sample: wfdb_files(sample, fmt="212"),
    "CSV": lambda sample: [csv_file(sample)],
    "JSON": lambda sample: [json_file(sample)],
    "EDF": lambda sample: [edf_file(sample)],
    "Apple Watch CSV": lambda sample: [apple_watch_file(sample)],
    "DICOM waveform": lambda sample: [dicom_file(sample)],
    "HL7 aECG": lambda sample: [aecg_file(sample)],
}
RECORDS = "/api/records/assessments"
WITHOUT_REQUEST = "UPDATE assessments SET provenance = provenance - 'fields' WHERE id = $1"


@cache
def half_a_minute() -> SyntheticEcg:
    episode = Episode(Rhythm.SINUS, 30, rate_bpm=66)
    return synthesize([episode], fs_hz=250, leads=("I", "II", "V1"), disturbance=MILD, seed=3)


@cache
def strip() -> Files:
    return wfdb_files(half_a_minute())


@cache
def eventful() -> Files:
    """Twelve leads: sinus rhythm with premature beats, then fibrillation."""
    episodes = [
        Episode(Rhythm.SINUS, 90, ventricular_every=7, supraventricular_every=10),
        Episode(Rhythm.ATRIAL_FIBRILLATION, 120, rate_bpm=95),
    ]
    return wfdb_files(synthesize(episodes, fs_hz=250, disturbance=MILD, seed=8))


def steady(values_mv: np.ndarray, fs_hz: float = 250) -> Files:
    """One lead of anything."""
    recording = {"sample_rate": fs_hz, "unit": "mV", "leads": {"II": values_mv.tolist()}}
    return [RecordingFile("strip.json", json.dumps(recording).encode())]


async def post(client: AsyncClient, files: Files, key: str = "", **fields: str) -> Response:
    return await client.post(
        "/api/cardiology/analyze",
        files=[("file", (file.name, file.content)) for file in files],
        data=fields,
        headers={"Idempotency-Key": key} if key else {},
    )


async def analyzed(clinic: Clinic, files: Files, **fields: str) -> dict[str, Any]:
    """The assessment of the clinic's patient."""
    subject = str(clinic.person_id(RoleName.PATIENT))
    async with clinic.client(RoleName.CLINICIAN) as client:
        answer = await post(client, files, subject_id=subject, **fields)
    assert answer.status_code == 201, answer.text
    body: dict[str, Any] = answer.json()
    return body


class TestAnalyze:
    @pytest.mark.parametrize("written_as", WRITERS)
    async def test_every_format_is_measured_stored_and_read_back(
        self, clinic: Clinic, written_as: str
    ) -> None:
        body = await analyzed(clinic, WRITERS[written_as](half_a_minute()))
        async with clinic.client(RoleName.CLINICIAN) as client:
            read = await client.get(f"{RECORDS}/{body['id']}")

        assert body["result"]["heart_rate_bpm"] == pytest.approx(66, abs=1)
        assert body["result"]["rhythm_classification"] == "sinus rhythm"
        assert body["subject_id"] == str(clinic.person_id(RoleName.PATIENT))
        assert {marker["name"] for marker in body["biomarkers"]} <= BIOMARKERS.keys()
        assert read.json() == body

    async def test_every_biomarker_is_measured_where_the_recording_allows_all(
        self, clinic: Clinic
    ) -> None:
        episode = Episode(Rhythm.SINUS, 150, ventricular_every=20)
        sample = synthesize([episode], fs_hz=250, leads=("I", "II", "aVF", "V1"), seed=4)

        body = await analyzed(clinic, wfdb_files(sample), sex="female", age_years="50")

        assert {marker["name"] for marker in body["biomarkers"]} == BIOMARKERS.keys()
        assert {marker["source"] for marker in body["biomarkers"]} - {None} <= SOURCES.keys()

    async def test_result_has_every_column_and_nothing_else(self, clinic: Clinic) -> None:
        body = await analyzed(clinic, eventful())

        # The database would drop a key that is no column without a word.
        assert set(body["result"]) == COLUMNS

    async def test_every_beat_has_a_kind(self, clinic: Clinic) -> None:
        result = (await analyzed(clinic, eventful()))["result"]
        beats = result["beats"]
        assert len(beats["time_s"]) == len(beats["kind"]) == result["r_peaks_detected"]
        assert beats["time_s"] == sorted(beats["time_s"])
        kinds = {kind.value for kind in BeatKind}
        assert {"normal", "ventricular", "early"} <= set(beats["kind"]) <= kinds

    async def test_rhythms_cover_the_recording(self, clinic: Clinic) -> None:
        result = (await analyzed(clinic, eventful()))["result"]
        segments = result["rhythm_segments"]
        assert set(segments[0]) == {"start_s", "end_s", "rhythm", "probability"}
        rhythms = [segment["rhythm"] for segment in segments]
        assert rhythms == ["sinus rhythm", RhythmName.FIBRILLATION]
        assert segments[0]["start_s"] == 0
        assert segments[-1]["end_s"] == pytest.approx(result["duration_s"])
        assert all(segment["end_s"] == other["start_s"] for segment, other in pairwise(segments))
        assert all(0 <= segment["probability"] <= 1 for segment in segments)

    async def test_fibrillation_is_sent_to_review_with_its_rule(self, clinic: Clinic) -> None:
        body = await analyzed(clinic, eventful())
        async with clinic.client(RoleName.CLINICIAN) as client:
            queue = await client.get(RECORDS, params={"requires_review": True})

        assert "atrial fibrillation or flutter possible" in body["review_reason"]
        assert "van-gelder-2024" in {point["source"] for point in body["risk_points"]}
        assert [item["id"] for item in queue.json()["items"]] == [body["id"]]

    async def test_names_and_units_are_those_of_the_catalog(
        self, auditor: asyncpg.Connection
    ) -> None:
        rows = await auditor.fetch("SELECT * FROM biomarkers WHERE pipeline = 'cardiology'")

        catalog = {row["name"]: (row["unit"], row["category"], row["description"]) for row in rows}
        known = {
            name: (marker.unit, marker.category, marker.description)
            for name, marker in BIOMARKERS.items()
        }
        assert catalog == known

    async def test_pictures_are_served(self, clinic: Clinic) -> None:
        body = await analyzed(clinic, eventful())
        async with clinic.client(RoleName.CLINICIAN) as client:
            pictures = [await client.get(picture["href"]) for picture in body["pictures"]]

        assert [picture["name"] for picture in body["pictures"]] == [
            f"{name}{suffix}"
            for name in ("rhythm_strip", "twelve_lead", "overview", "tachogram", "poincare")
            for suffix in ("", "_narrow")
        ]
        for picture in pictures:
            assert picture.headers["content-type"] == "image/svg+xml"
            assert ET.fromstring(picture.content).tag.endswith("svg")

    async def test_recording_and_models_stand_in_the_provenance(self, clinic: Clinic) -> None:
        provenance = (await analyzed(clinic, strip()))["provenance"]

        digests = sorted(file.sha256 for file in strip())
        assert provenance["input_sha256"] == hashlib.sha256("".join(digests).encode()).hexdigest()
        assert provenance["models"] == [
            {"name": name, "sha256": hashlib.sha256(content).hexdigest()}
            for name in ("ventricular", "fibrillation")
            for content in [(FOLDER / f"{name}.json").read_bytes()]
        ]

    async def test_rate_and_lead_may_come_with_the_request(self, clinic: Clinic) -> None:
        samples = RecordingFile(
            "strip.txt", "\n".join(f"{mv:.4f}" for mv in half_a_minute().signal_mv[:, 1]).encode()
        )

        body = await analyzed(clinic, [samples], fs_hz="250", unit="mV", lead="II")

        assert body["result"]["leads"] == ["II"]
        assert body["result"]["heart_rate_bpm"] == pytest.approx(66, abs=1)


class TestIdempotency:
    async def test_same_key_gives_the_same_answer_and_stores_nothing(self, clinic: Clinic) -> None:
        async with clinic.client(RoleName.CLINICIAN) as client:
            first = await post(client, strip(), key="strip-1")
            again = await post(client, strip(), key="strip-1")
            stored = await client.get(RECORDS)

        assert (first.status_code, again.status_code) == (201, 201)
        assert again.json() == first.json()
        assert [item["id"] for item in stored.json()["items"]] == [first.json()["id"]]

    async def test_same_key_for_another_recording_is_409(self, clinic: Clinic) -> None:
        async with clinic.client(RoleName.CLINICIAN) as client:
            await post(client, strip(), key="strip-1")
            other = await post(client, WRITERS["CSV"](half_a_minute()), key="strip-1")
            stored = await client.get(RECORDS)

        assert other.status_code == 409
        assert other.json()["code"] == "idempotency-key-reused"
        assert len(stored.json()["items"]) == 1

    @pytest.mark.parametrize("differing", ["subject_id", "session_id", "age_years"])
    async def test_same_key_for_another_request_is_409(
        self, clinic: Clinic, differing: str
    ) -> None:
        """Whoever meant another person must not be given the first one's record."""
        another = {
            "subject_id": str(clinic.person_id(RoleName.PATIENT)),
            "session_id": "another-visit",
            "age_years": "70",
        }[differing]
        async with clinic.client(RoleName.CLINICIAN) as client:
            await post(client, strip(), key="strip-1")
            other = await post(client, strip(), key="strip-1", **{differing: another})

        assert (other.status_code, other.json()["code"]) == (409, "idempotency-key-reused")

    async def test_same_key_at_another_pipeline_is_409(self, clinic: Clinic) -> None:
        async with clinic.client(RoleName.CLINICIAN) as client:
            await post(client, strip(), key="strip-1")
            other = await client.post(
                "/api/cognitive/analyze",
                files=[("file", (file.name, file.content)) for file in strip()],
                headers={"Idempotency-Key": "strip-1"},
            )

        assert other.status_code == 409

    async def test_key_of_an_assessment_that_does_not_know_its_request_is_409(
        self, clinic: Clinic, auditor: asyncpg.Connection
    ) -> None:
        """Whatever was stored before requests were compared may have been another one."""
        async with clinic.client(RoleName.CLINICIAN) as client:
            first = await post(client, strip(), key="strip-1")
            async with auditor.transaction():
                # What was found is never changed, but by whoever may switch that rule off.
                await auditor.execute("SET LOCAL session_replication_role = replica")
                await auditor.execute(WITHOUT_REQUEST, UUID(first.json()["id"]))
            again = await post(client, strip(), key="strip-1")

        assert again.status_code == 409

    async def test_key_of_a_deleted_assessment_is_410(self, clinic: Clinic) -> None:
        async with clinic.client(RoleName.CLINICIAN) as client:
            first = await post(client, strip(), key="strip-1")
            await client.delete(f"{RECORDS}/{first.json()['id']}")
            again = await post(client, strip(), key="strip-1")

        assert again.status_code == 410


NOISE_MV = np.random.default_rng(0).normal(0, 0.4, 5_000)
JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01" + bytes(2_000)


class TestRefusals:
    @pytest.mark.parametrize(
        ("files", "stage", "code"),
        [
            ([RecordingFile("x.dat", JPEG)], "decode", "unknown-format"),
            (strip()[1:], "decode", "file-missing"),
            ([RecordingFile("x.csv", b"")], "decode", "file-missing"),
            (steady(half_a_minute().signal_mv[:1000, 1]), "decode", "recording-too-short"),
            (steady(NOISE_MV), "quality", "noise-only"),
            (steady(np.zeros(5_000)), "quality", "flat-line"),
        ],
        ids=["jpeg", "no-header", "empty", "short", "noise", "flat"],
    )
    async def test_unusable_recording_is_kept_as_a_failed_assessment(
        self, clinic: Clinic, files: Files, stage: str, code: str
    ) -> None:
        async with clinic.client(RoleName.CLINICIAN) as client:
            answer = await post(client, files)
            problem = answer.json()
            stored = (await client.get(f"{RECORDS}/{problem['assessment_id']}")).json()
            failed = await client.get(RECORDS, params={"status": "failed"})

        assert answer.headers["content-type"] == "application/problem+json"
        assert (answer.status_code, problem["code"], problem["stage"]) == (422, code, stage)
        assert [item["id"] for item in failed.json()["items"]] == [stored["id"]]
        assert stored["status"] == "failed"
        told = {"stage_name": stage, "status": "failed", "error_code": code}
        assert stored["stages"][-1].items() >= {**told, "error_message": problem["detail"]}.items()
        assert (stored["result"], stored["biomarkers"], stored["pictures"]) == (None, [], [])

    async def test_refused_again_under_the_same_key_is_the_same_refusal(
        self, clinic: Clinic
    ) -> None:
        async with clinic.client(RoleName.CLINICIAN) as client:
            first = await post(client, steady(NOISE_MV), key="noise-1")
            again = await post(client, steady(NOISE_MV), key="noise-1")

        assert again.status_code == first.status_code == 422
        assert again.json() | {"instance": ""} == first.json() | {"instance": ""}

    @pytest.mark.parametrize(
        ("fields", "named"),
        [
            ({"sex": "other"}, "sex"),
            ({"fs_hz": "0"}, "fs_hz"),
            ({"unit": "V/m"}, "unit"),
            ({"age_years": "-1"}, "age_years"),
            ({"recorded_at": "2999-01-01T00:00:00Z"}, "recorded_at"),
        ],
    )
    async def test_senseless_field_is_named_and_nothing_is_stored(
        self, clinic: Clinic, fields: dict[str, str], named: str
    ) -> None:
        async with clinic.client(RoleName.CLINICIAN) as client:
            answer = await post(client, strip(), **fields)
            stored = await client.get(RECORDS)

        assert answer.status_code == 422
        assert answer.json()["code"] == "invalid-request"
        assert answer.json()["detail"].startswith(f"{named}: ")
        assert stored.json()["items"] == []


class TestWhoMay:
    async def test_patient_posts_for_themselves(self, clinic: Clinic) -> None:
        async with clinic.client(RoleName.PATIENT) as client:
            answer = await post(client, strip())
            read = await client.get(f"{RECORDS}/{answer.json()['id']}")

        assert answer.status_code == 201
        assert answer.json()["subject_id"] == str(clinic.person_id(RoleName.PATIENT))
        assert read.json() == answer.json()

    async def test_patient_does_not_post_for_others(self, clinic: Clinic) -> None:
        async with clinic.client(RoleName.PATIENT) as client:
            for subject in (clinic.person_id(RoleName.CLINICIAN), uuid4()):
                answer = await post(client, strip(), subject_id=str(subject))
                assert answer.status_code == 404

    async def test_person_of_another_clinic_is_404(self, clinic: Clinic, elsewhere: Clinic) -> None:
        subject = str(elsewhere.person_id(RoleName.PATIENT))
        async with clinic.client(RoleName.CLINICIAN) as client:
            answer = await post(client, strip(), subject_id=subject)
        async with elsewhere.client(RoleName.CLINICIAN) as client:
            stored = await client.get(RECORDS)

        assert answer.status_code == 404
        assert stored.json()["items"] == []

    async def test_other_tenant_sees_neither_assessment_nor_picture(
        self, clinic: Clinic, elsewhere: Clinic, auditor: asyncpg.Connection
    ) -> None:
        body = await analyzed(clinic, strip())
        async with elsewhere.client(RoleName.ADMIN) as client:
            record = await client.get(f"{RECORDS}/{body['id']}")
            picture = await client.get(body["pictures"][0]["href"])

        assert (record.status_code, picture.status_code) == (404, 404)
        denied = await auditor.fetch(
            "SELECT * FROM audit_events WHERE request_id = $1 AND outcome = 'denied'",
            record.headers["x-request-id"],
        )
        assert len(denied) == 1

    async def test_researcher_and_stranger_post_nothing(self, clinic: Clinic) -> None:
        for role, status in ((RoleName.RESEARCHER, 403), (None, 401)):
            async with clinic.client(role) as client:
                answer = await post(client, strip())
            assert answer.status_code == status


class TestHistory:
    async def test_heart_rate_is_listed_in_the_order_of_the_recordings(
        self, clinic: Clinic
    ) -> None:
        for days_ago, rate_bpm in ((1, 80), (9, 70)):
            episode = Episode(Rhythm.SINUS, 20, rate_bpm=rate_bpm)
            files = wfdb_files(synthesize([episode], fs_hz=250, leads=("II",), seed=days_ago))
            recorded_at = (datetime.now(UTC) - timedelta(days=days_ago)).isoformat()
            await analyzed(clinic, files, recorded_at=recorded_at)
        async with clinic.client(RoleName.PATIENT) as client:
            history = (await client.get("/api/records/biomarkers/heart_rate/history")).json()

        values = [point["value"] for point in history["points"]]
        assert values == [pytest.approx(70, abs=1.5), pytest.approx(80, abs=1.5)]
        assert history["reference"] == {"low": 60, "high": 100, "source": "kusumoto-2018"}


class TestInfo:
    async def test_everything_known_before_a_recording_is_told(self, clinic: Clinic) -> None:
        async with clinic.client(RoleName.CLINICIAN) as client:
            info = (await client.get("/api/cardiology/info")).json()

        assert info["formats"] == list(FORMATS)
        assert (info["limits"]["min_duration_s"], info["limits"]["min_fs_hz"]) == (5, 100)
        assert [marker["name"] for marker in info["biomarkers"]] == list(BIOMARKERS)
        ranges = {
            marker["name"]: marker["ranges"] for marker in info["biomarkers"] if marker["ranges"]
        }
        assert set(ranges) == set(NORMS)
        assert {limit["source"] for marker in ranges.values() for limit in marker} <= set(
            info["sources"]
        )
