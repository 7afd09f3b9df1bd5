"""What files call their channels, clients and tasks is their senders' own.

A word that no list of ours knows is in nothing that a researcher reads, neither of a completed nor
of a failed assessment, and is told to its sender only where that helps to mend the file.
"""

import json
from typing import Any

import pytest

from local.samples import tasklog, tasklog_web_files
from shared.permissions import RoleName
from shared.recording import RecordingFile
from tests.conftest import Clinic

WORD = "canaryjane"
FLAT = "\n".join(f"{k / 500},{(k % 400 == 0) * 1.0},0.1" for k in range(10_000))


def ecg(*names: str) -> bytes:
    return f"time_s,{','.join(names)}\n{FLAT}\n".encode()


def header(name: str) -> bytes:
    return f"{WORD} 1 500 10000\n{WORD}.dat 16 200 12 0 0 0 0 {name}\n# {WORD}\n".encode()


def session(**said: Any) -> bytes:
    """A session of the Stroop task, with a word of the sender's in whatever is free text."""
    log = json.loads(tasklog_web_files.canonical_json([tasklog.stroop(1)]).content)
    log["session"] |= {"client": WORD, "device": {"user_agent": WORD, "input": WORD}}
    for row in log["trials"]:
        row.update({"stimulus": WORD, "response_key": WORD, WORD: WORD, "comment": WORD} | said)
    return json.dumps(log).encode()


FILES = {
    "an unknown column beside a lead": ("cardiology", ecg("II", f"{WORD}_column"), {"unit": "mV"}),
    "unknown columns alone": ("cardiology", ecg(WORD, f"{WORD}2"), {"unit": "mV"}),
    "a lead that is not there": ("cardiology", ecg(WORD, f"{WORD}2"), {"unit": "mV", "lead": "V6"}),
    "channels that are no leads": ("cardiology", ecg(f"{WORD}_resp", f"abp_{WORD}"), {}),
    "samples under a name": ("cardiology", json.dumps({WORD: [0.1] * 9000}).encode(), {}),
    "a header alone": ("cardiology", header(WORD), {}),
    "a session": ("cognitive", session(), {"age_years": "40"}),
    "a version of its own": ("cognitive", session(task_version=WORD), {}),
    "a task of its own": ("cognitive", session(task=WORD), {}),
    "conditions of its own": ("cognitive", session(condition=WORD, congruency=WORD), {}),
    "phases of its own": ("cognitive", session(phase=WORD, block=WORD), {}),
    "a mapping of its own": (
        "cognitive",
        session(),
        {"mapping": json.dumps({"columns": {WORD: "condition"}, "values": {}})},
    ),
    "no log": ("cognitive", f"{WORD},b\n1,2\n".encode(), {}),
    "no sound": ("speech", WORD.encode() * 99, {"task": "sustained_vowel"}),
}


TOLD_TO_THE_SENDER = {"conditions of its own", "a mapping of its own"}


@pytest.mark.parametrize("what", FILES)
async def test_senders_own_word_is_in_no_answer(clinic: Clinic, what: str) -> None:
    pipeline, content, data = FILES[what]
    patient = str(clinic.person_id(RoleName.PATIENT))
    file = RecordingFile(f"{WORD}.{'hea' if what == 'a header alone' else 'csv'}", content)
    async with clinic.client(RoleName.CLINICIAN) as client:
        sent = {"file": (file.name, file.content)}
        fields = data | {"subject_id": patient}
        answer = await client.post(f"/api/{pipeline}/analyze", files=sent, data=fields)
    assert answer.status_code in {201, 422}, answer.text
    key = answer.json().get("id") or answer.json()["assessment_id"]
    async with clinic.client(RoleName.RESEARCHER) as client:
        read = await client.get(f"/api/records/assessments/{key}")
    assert read.status_code == 200
    assert WORD not in read.text.lower()
    # Who sent a log is told which of its words are not understood.
    assert what in TOLD_TO_THE_SENDER or WORD not in answer.text.lower()


@pytest.mark.parametrize(
    ("pipeline", "field"), [("cardiology", "lead"), ("cognitive", "task"), ("speech", "task")]
)
async def test_field_that_names_something_takes_known_names_alone(
    clinic: Clinic, pipeline: str, field: str
) -> None:
    async with clinic.client(RoleName.CLINICIAN) as client:
        answer = await client.post(
            f"/api/{pipeline}/analyze", files={"file": ("a.csv", b"x")}, data={field: WORD}
        )
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid-request")
    assert "assessment_id" not in answer.json()
