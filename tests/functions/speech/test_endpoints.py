"""Voices over HTTP, stored with real commits and read back."""

import asyncio
import hashlib
import json
import time
import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path
from typing import Any
from uuid import uuid4

import asyncpg
import numpy as np
import pytest
from httpx import AsyncClient, Response

from functions.speech import analysis, service
from functions.speech.model_slot import SCHEMA
from functions.speech.norms import BIOMARKERS, NORMS, SOURCES, TASKS
from functions.speech.task import Task
from local.samples.voice import SyntheticVoice, reading, sustained_vowel, wav_bytes
from local.samples.voice_kinds import corner_vowels, plosives
from shared import settings
from shared.database.models.results import results_table
from shared.database.repositories.stored_parts import SHARED_COLUMNS
from shared.permissions import RoleName
from shared.record import unmarked
from shared.recording import RecordingFile
from tests.conftest import Clinic
from tests.functions.speech.encoding import quick_vowel
from tests.nonempty import nonempty

FS_HZ = 16_000
COLUMNS = {column.name for column in results_table("speech").columns}


def wav(voice: SyntheticVoice) -> bytes:
    return wav_bytes(voice.samples, voice.fs_hz)


@cache
def recording(task: Task) -> bytes:
    voices: dict[Task, Callable[[], SyntheticVoice]] = {
        Task.SUSTAINED_VOWEL: lambda: quick_vowel(
            duration_s=3.5, tremor_hz=5, tremor_percent=2, loudness_tremor_percent=10
        ),
        Task.SPEECH: lambda: reading(phrases=3, fs_hz=FS_HZ),
        Task.DIADOCHOKINESIS: lambda: plosives(30, fs_hz=FS_HZ)[0],
    }
    if task is Task.CORNER_VOWELS:
        return wav_bytes(corner_vowels(fs_hz=FS_HZ), FS_HZ)
    return wav(voices[task]())


def orders() -> list[tuple[bytes, str]]:
    """Recordings of several tasks, two of one task among them."""
    return [
        (recording(Task.SUSTAINED_VOWEL), "sustained_vowel"),
        (recording(Task.SPEECH), "speech"),
        (recording(Task.DIADOCHOKINESIS), "diadochokinesis"),
        (wav(quick_vowel(f0_hz=220, hnr_db=12)), "sustained_vowel"),
    ]


async def post(client: AsyncClient, *files: bytes, key: str = "", **fields: str) -> Response:
    return await client.post(
        "/api/speech/analyze",
        files=[("file", ("voice.wav", content)) for content in files],
        data=fields,
        headers={"Idempotency-Key": key} if key else {},
    )


async def analyzed(clinic: Clinic, *files: bytes, **fields: str) -> dict[str, Any]:
    """The assessment of the clinic's patient."""
    subject = str(clinic.person_id(RoleName.PATIENT))
    async with clinic.client(RoleName.CLINICIAN) as client:
        answer = await post(client, *files, subject_id=subject, **fields)
    assert answer.status_code == 201, answer.text
    body: dict[str, Any] = answer.json()
    return body


class TestAnalyze:
    @pytest.mark.parametrize("task", list(Task))
    async def test_every_measure_of_the_task_is_stored_and_read_back(
        self, clinic: Clinic, task: Task
    ) -> None:
        body = await analyzed(clinic, recording(task), task=task, sex="male", age_years="50")
        async with clinic.client(RoleName.CLINICIAN) as client:
            read = await client.get(f"/api/records/assessments/{body['id']}")

        expected = {name for name, tasks in TASKS.items() if task in tasks} - {"avqi"}
        assert {biomarker["name"] for biomarker in body["biomarkers"]} == expected
        assert read.json() == body

    @pytest.mark.parametrize("task", list(Task))
    async def test_result_has_every_column_and_nothing_else(
        self, clinic: Clinic, task: Task
    ) -> None:
        body = await analyzed(clinic, recording(task), task=task)

        # The database would drop a key that is no column without a word.
        assert set(body["result"]) == COLUMNS - set(SHARED_COLUMNS)

    async def test_names_and_units_are_those_of_the_catalog(
        self, auditor: asyncpg.Connection
    ) -> None:
        rows = await auditor.fetch("SELECT * FROM biomarkers WHERE pipeline = 'speech'")

        catalog = {row["name"]: (row["unit"], row["category"], row["description"]) for row in rows}
        known = {
            name: (biomarker.unit, biomarker.category, biomarker.description)
            for name, biomarker in BIOMARKERS.items()
        }
        assert catalog == known

    async def test_pictures_are_served(self, clinic: Clinic) -> None:
        body = await analyzed(clinic, recording(Task.SUSTAINED_VOWEL), task="sustained_vowel")
        async with clinic.client(RoleName.CLINICIAN) as client:
            pictures = [await client.get(picture["href"]) for picture in body["pictures"]]

        names = [picture["name"] for picture in body["pictures"]]
        assert names == ["waveform", "waveform_narrow", "spectrogram", "spectrogram_narrow"]
        for picture in pictures:
            assert picture.headers["content-type"] == "image/svg+xml"
            assert ET.fromstring(picture.content).tag.endswith("svg")

    async def test_same_key_gives_the_same_answer_and_stores_nothing(self, clinic: Clinic) -> None:
        content = recording(Task.SUSTAINED_VOWEL)
        async with clinic.client(RoleName.CLINICIAN) as client:
            first = await post(client, content, key="strip-1", task="sustained_vowel")
            again = await post(client, content, key="strip-1", task="sustained_vowel")
            other = await post(client, recording(Task.SPEECH), key="strip-1", task="speech")
            stored = await client.get("/api/records/assessments")

        assert (first.status_code, again.status_code) == (201, 201)
        assert again.json() == first.json()
        assert other.json()["code"] == "idempotency-key-reused"
        assert len(stored.json()["items"]) == 1

    async def test_speech_and_vowel_give_the_voice_quality_index(self, clinic: Clinic) -> None:
        speech = wav(reading(phrases=2, fs_hz=22_050))
        vowel = wav(sustained_vowel(duration_s=3, fs_hz=22_050))

        body = await analyzed(clinic, speech, vowel, task="speech")

        (index,) = [biomarker for biomarker in body["biomarkers"] if biomarker["name"] == "avqi"]
        assert index["value"] == body["result"]["avqi"]
        assert index["source"] == "barsties-maryn-2016"
        assert body["result"]["dysphonia_rule"] == "AVQI above 2.43 (Barsties & Maryn 2016)"

    async def test_codec_stands_in_the_provenance(self, clinic: Clinic) -> None:
        body = await analyzed(clinic, recording(Task.SUSTAINED_VOWEL), task="sustained_vowel")

        provenance = body["provenance"]
        digest = hashlib.sha256(recording(Task.SUSTAINED_VOWEL)).hexdigest()
        assert provenance["input_sha256"] == digest
        assert provenance["parameters"]["codec"] == "pcm_s16le"
        assert provenance["parameters"]["engine"].startswith("Praat")


class TestRefusals:
    @pytest.mark.parametrize(
        ("content", "stage", "code"),
        [
            (np.random.default_rng(0).normal(0, 0.1, 3 * FS_HZ), "voice", "no-voice"),
            (np.zeros(3 * FS_HZ), "voice", "no-voice"),
            (np.sin(2 * np.pi * 200 * np.arange(3 * FS_HZ) / FS_HZ), "voice", "tone-not-voice"),
            (quick_vowel(duration_s=2).samples[: FS_HZ // 4], "decode", "recording-too-short"),
        ],
        ids=["noise", "silence", "tone", "short"],
    )
    async def test_unusable_recording_is_kept_as_a_failed_assessment(
        self, clinic: Clinic, content: np.ndarray, stage: str, code: str
    ) -> None:
        await self.assert_kept(clinic, wav_bytes(content, FS_HZ), stage, code)

    async def test_photo_is_kept_as_a_failed_assessment(self, clinic: Clinic) -> None:
        photo = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01" + bytes(2_000)

        await self.assert_kept(clinic, photo, "decode", "unknown-format")

    async def assert_kept(self, clinic: Clinic, content: bytes, stage: str, code: str) -> None:
        async with clinic.client(RoleName.CLINICIAN) as client:
            answer = await post(client, content, task="sustained_vowel")
            problem = answer.json()
            outcome = await client.get(f"/api/records/assessments/{problem['assessment_id']}")

        assert answer.status_code == 422
        assert answer.headers["content-type"] == "application/problem+json"
        assert (problem["code"], problem["stage"]) == (code, stage)
        last = outcome.json()["stages"][-1]
        assert outcome.json()["status"] == "failed"
        assert (last["stage_name"], last["status"], last["error_code"]) == (stage, "failed", code)
        assert outcome.json()["biomarkers"] == []

    async def test_three_files_are_refused(self, clinic: Clinic) -> None:
        content = recording(Task.SPEECH)
        async with clinic.client(RoleName.CLINICIAN) as client:
            answer = await post(client, content, content, content, task="speech")

        assert answer.status_code == 422
        assert answer.json()["code"] == "too-many-files"

    @pytest.mark.parametrize(
        ("fields", "named"),
        [
            ({}, "task"),
            ({"task": "singing"}, "task"),
            ({"task": "speech", "age_years": "-1"}, "age_years"),
        ],
    )
    async def test_missing_or_senseless_field_is_named(
        self, clinic: Clinic, fields: dict[str, str], named: str
    ) -> None:
        async with clinic.client(RoleName.CLINICIAN) as client:
            answer = await post(client, recording(Task.SPEECH), **fields)

        assert answer.status_code == 422
        assert answer.json()["code"] == "invalid-request"
        assert answer.json()["detail"].startswith(f"{named}: ")


class TestWhoMay:
    async def test_patient_posts_for_themselves(self, clinic: Clinic) -> None:
        async with clinic.client(RoleName.PATIENT) as client:
            answer = await post(client, recording(Task.SUSTAINED_VOWEL), task="sustained_vowel")

        assert answer.status_code == 201
        assert answer.json()["subject_id"] == str(clinic.person_id(RoleName.PATIENT))

    @pytest.mark.parametrize("subject", ["clinician", "nobody"])
    async def test_patient_does_not_post_for_others(self, clinic: Clinic, subject: str) -> None:
        others = {"clinician": clinic.person_id(RoleName.CLINICIAN), "nobody": uuid4()}
        async with clinic.client(RoleName.PATIENT) as client:
            answer = await post(
                client,
                recording(Task.DIADOCHOKINESIS),
                task="diadochokinesis",
                subject_id=str(others[subject]),
            )

        assert answer.status_code == 404

    async def test_other_tenant_sees_neither_assessment_nor_picture(
        self, clinic: Clinic, elsewhere: Clinic
    ) -> None:
        body = await analyzed(clinic, recording(Task.DIADOCHOKINESIS), task="diadochokinesis")
        async with elsewhere.client(RoleName.ADMIN) as client:
            record = await client.get(f"/api/records/assessments/{body['id']}")
            picture = await client.get(body["pictures"][0]["href"])

        assert (record.status_code, picture.status_code) == (404, 404)

    async def test_researcher_and_stranger_post_nothing(self, clinic: Clinic) -> None:
        for role, status in ((RoleName.RESEARCHER, 403), (None, 401)):
            async with clinic.client(role) as client:
                answer = await post(client, recording(Task.DIADOCHOKINESIS), task="diadochokinesis")
            assert answer.status_code == status


class TestInfo:
    async def test_everything_known_before_a_recording_is_told(self, clinic: Clinic) -> None:
        async with clinic.client(RoleName.CLINICIAN) as client:
            info = (await client.get("/api/speech/info")).json()

        assert "WebM (Opus)" in info["formats"]
        assert info["limits"]["max_duration_s"] == 600
        assert {biomarker["name"] for biomarker in info["biomarkers"]} == set(BIOMARKERS)
        ranges = {
            biomarker["name"]: biomarker["ranges"]
            for biomarker in info["biomarkers"]
            if biomarker["ranges"]
        }
        assert set(ranges) == set(NORMS)
        assert {limit["source"] for item in ranges.values() for limit in item} <= set(SOURCES)


MODEL = {
    "schema": SCHEMA,
    "name": "clinic",
    "version": "2",
    "intended_use": "research",
    "evidence": "two sites",
    "target": "parkinsons_probability",
    "task": "sustained_vowel",
    "intercept": 0.0,
    "features": [
        {"name": "f0_mean", "mean": 100, "scale": 1, "weight": 0.1, "low": 60, "high": 300}
    ],
}

type Install = Callable[[str, str], None]


@pytest.fixture
def install(monkeypatch: pytest.MonkeyPatch) -> Iterator[Install]:
    """Set the operator's settings, as a fresh process would read them."""

    def forget() -> None:
        settings.load.cache_clear()
        service.installed_model.cache_clear()

    def setting(path: str, sha256: str) -> None:
        monkeypatch.setenv("MEDILENS_SPEECH_MODEL", path)
        monkeypatch.setenv("MEDILENS_SPEECH_MODEL_SHA256", sha256)
        forget()

    yield setting
    monkeypatch.undo()
    forget()


@pytest.fixture
def manifest(tmp_path: Path) -> tuple[str, str]:
    """Path and hash of an operator's model."""
    place = tmp_path / "model.json"
    place.write_text(json.dumps(MODEL))
    return str(place), hashlib.sha256(place.read_bytes()).hexdigest()


class TestInstalledModel:
    async def test_without_a_model_there_is_no_probability_but_the_reason(
        self, clinic: Clinic
    ) -> None:
        body = await analyzed(clinic, recording(Task.SUSTAINED_VOWEL), task="sustained_vowel")

        assert body["result"]["parkinsons_probability"] is None
        assert body["result"]["cognitive_decline_probability"] is None
        assert body["provenance"]["models"] == []
        assert any("no validated model is installed" in warning for warning in body["warnings"])

    async def test_model_gives_its_probability_and_is_named(
        self, clinic: Clinic, install: Install, manifest: tuple[str, str]
    ) -> None:
        install(*manifest)

        body = await analyzed(clinic, recording(Task.SUSTAINED_VOWEL), task="sustained_vowel")

        logit = 0.1 * (body["result"]["f0_mean_hz"] - 100)
        expected = pytest.approx(1 / (1 + np.exp(-logit)))
        assert body["result"]["parkinsons_probability"] == expected
        assert body["result"]["cognitive_decline_probability"] is None
        named = {"name": "clinic", "version": "2", "sha256": manifest[1]}
        assert body["provenance"]["models"] == [named]

    async def test_one_that_the_organization_does_not_allow_is_absent_with_the_reason(
        self, clinic: Clinic, install: Install, manifest: tuple[str, str]
    ) -> None:
        install(*manifest)
        vowel = recording(Task.SUSTAINED_VOWEL)
        async with clinic.client(RoleName.ADMIN) as admin:
            for names, models in ((["another"], []), (["clinic"], ["clinic"])):
                await admin.patch("/api/accounts/organization", json={"models_allowed": names})
                body = await analyzed(clinic, vowel, task="sustained_vowel")
                assert [used["name"] for used in body["provenance"]["models"]] == models
                reasons = {absence["name"]: absence["code"] for absence in body["absent"]}
                is_absent = reasons.get("parkinsons_probability") == "model-not-allowed"
                assert is_absent == (not models)
                assert not any("no validated model" in warning for warning in body["warnings"])

    async def test_model_of_another_task_abstains(
        self, clinic: Clinic, install: Install, manifest: tuple[str, str]
    ) -> None:
        install(*manifest)

        body = await analyzed(clinic, recording(Task.DIADOCHOKINESIS), task="diadochokinesis")

        assert body["result"]["parkinsons_probability"] is None
        assert body["provenance"]["models"] == []
        assert any("is for the task sustained_vowel" in warning for warning in body["warnings"])

    async def test_another_than_the_settings_say_is_refused_by_name(
        self, clinic: Clinic, install: Install, manifest: tuple[str, str]
    ) -> None:
        install(manifest[0], "0" * 64)

        async with clinic.client(RoleName.CLINICIAN) as client:
            answer = await post(client, recording(Task.SUSTAINED_VOWEL), task="sustained_vowel")

        assert answer.status_code == 503
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json()["code"] == "unusable-model"
        assert "the sha256 that the deployment names" in answer.json()["detail"]
        assert "assessment_id" not in answer.json()


class TestAtTheSameTime:
    async def test_numbers_are_those_of_one_after_the_other(self, clinic: Clinic) -> None:
        alone = [await analyzed(clinic, content, task=task) for content, task in orders()]

        together = await asyncio.gather(
            *(analyzed(clinic, content, task=task) for content, task in orders())
        )

        for entry, other in nonempty(zip(alone, together, strict=True)):
            assert other["biomarkers"] == entry["biomarkers"]
            assert other["result"] == entry["result"]

    def test_praat_is_never_asked_by_two_at_once(self, monkeypatch: pytest.MonkeyPatch) -> None:
        inside, most = 0, 0

        def analyze(*_: object, **__: object) -> None:
            nonlocal inside, most
            inside, most = inside + 1, max(most, inside + 1)
            time.sleep(0.05)
            inside -= 1

        monkeypatch.setattr(analysis, "analyze", analyze)
        files = (RecordingFile("voice.wav", recording(Task.SUSTAINED_VOWEL)),)
        fields = service.SpeechFields("sustained_vowel", None, None)
        with ThreadPoolExecutor(4) as pool:
            list(pool.map(lambda _: service.analyze(files, fields, unmarked), range(4)))

        assert most == 1
