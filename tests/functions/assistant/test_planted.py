"""Instructions in questions, files and notes: none reaches a prompt or changes an answer."""

import csv
import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from importlib import import_module
from io import StringIO
from pathlib import Path
from uuid import UUID

import pytest
from pydantic import TypeAdapter

from functions.assistant.facts import Facts, Known, facts_of
from functions.assistant.language import Voice, language
from functions.assistant.model import choosing, prompts
from functions.assistant.selection import selection
from functions.assistant.threads.answers import Record, answer
from functions.assistant.threads.intents import Intent
from local.samples import tasklog
from local.samples.ecg import Episode, Rhythm, SyntheticEcg, synthesize
from local.samples.ecg_files import edf_file, wfdb_files
from local.samples.tasklog_files import psychopy_csv
from local.samples.tasklog_web_files import jspsych_json
from shared.examination.examine import examination_of
from shared.examination.received import input_sha256
from shared.examination.request import AnalysisRequest
from shared.examination.run import run
from shared.record import SignOff, StoredExamination
from shared.recording import RecordingFile
from shared.vocabulary import AssessmentStatus
from tests.factories.samples import as_stored
from tests.functions.assistant.records import descriptions
from tests.functions.assistant.some_facts import facts as some_facts
from tests.nonempty import nonempty

LINES = (Path(__file__).parent / "planted.txt").read_text(encoding="utf-8").splitlines()
PLANTED = [tuple(line.split(" | ", 1)) for line in LINES]
ENGLISH = language("en")
# The canonical question of each class, beside which a planted instruction stands.
ASKED = {intent: words[Voice.PATIENT] for intent, words in ENGLISH.questions.items()}
FIELD = 80  # bytes that EDF has for a patient, a recording or a transducer
PER_SIGNAL = 16  # bytes of a label, before the transducers
type Files = Sequence[RecordingFile]


def of_kind(kind: str) -> list[str]:
    return [text for planted, text in PLANTED if planted == kind]


class TestQuestions:
    @pytest.mark.parametrize("voice", [Voice.PATIENT, Voice.CLINICIAN])
    @pytest.mark.parametrize("text", of_kind("chat"))
    def test_the_answer_is_that_of_a_class_and_holds_nothing_of_the_question(
        self, text: str, voice: Voice
    ) -> None:
        record = Record(some_facts(voice), ENGLISH, voice)
        catalog = {sentence.text for sentence in selection(record.facts, ENGLISH, voice)}
        catalog |= {forms[voice] for forms in (*ENGLISH.answers.values(), *ENGLISH.terms.values())}
        for asked in (text, f"Was it reviewed? {text}", f"{text} What changed?"):
            given = answer(asked, record)
            assert given.intent in Intent
            for sentence in nonempty(given.sentences):
                is_named = sentence.name in {"meaning", "nothing-named"}
                assert sentence.text in catalog or is_named, sentence

    def test_an_instruction_beside_a_question_leaves_the_answer_or_has_it_declined(self) -> None:
        record = Record(some_facts(Voice.PATIENT), ENGLISH, Voice.PATIENT)
        plain = answer(ASKED[Intent.MEASURED], record)
        declined = 0
        for text in nonempty(of_kind("chat")):
            given = answer(f"{ASKED[Intent.MEASURED]} {text}", record)
            declined += not given.is_of_facts
            if given.intent is Intent.MEASURED:
                assert {s.text for s in given.sentences} <= {s.text for s in plain.sentences}
        assert declined <= len(of_kind("chat")) / 2


@cache
def ecg() -> SyntheticEcg:
    return synthesize([Episode(Rhythm.SINUS, 30, rate_bpm=66)], fs_hz=250, seed=3)


def wfdb(planted: Sequence[str]) -> Files:
    header, signal = wfdb_files(ecg())
    comments = "".join(f"# {text}\n" for text in planted).encode()
    return [RecordingFile(header.name, header.content + comments), signal]


def edf(planted: Sequence[str]) -> Files:
    """Write into the fields of the patient, the recording, and of the first transducers."""
    written = edf_file(ecg())
    content = bytearray(written.content)
    signals = int(content[252:256])
    transducers = 256 + signals * PER_SIGNAL
    places = (8, 8 + FIELD, *(transducers + FIELD * number for number in range(signals)))
    for place, text in zip(places, planted, strict=False):
        content[place : place + FIELD] = text.encode()[:FIELD].ljust(FIELD)
    return [RecordingFile(written.name, bytes(content))]


def jspsych(planted: Sequence[str]) -> Files:
    written = jspsych_json(tasklog.stroop(1))
    rows = json.loads(written.content)
    names = ("stimulus", "note", "participant_id", "prolific_pid")
    told = dict(zip(names, planted, strict=False))
    return [RecordingFile(written.name, json.dumps([{**row, **told} for row in rows]).encode())]


def psychopy(planted: Sequence[str]) -> Files:
    written = psychopy_csv(tasklog.n_back(4))
    names = ("participant", "session", "group", "comments")
    told = dict(zip(names, planted, strict=False))
    rows = list(csv.DictReader(StringIO(written.content.decode())))
    text = StringIO()
    writer = csv.DictWriter(text, list(dict.fromkeys([*rows[0], *names])))
    writer.writeheader()
    writer.writerows([{**row, **told} for row in rows])
    return [RecordingFile(written.name, text.getvalue().encode())]


KINDS: dict[str, tuple[str, Callable[[Sequence[str]], Files]]] = {
    "wfdb": ("cardiology", wfdb),
    "edf": ("cardiology", edf),
    "jspsych": ("cognitive", jspsych),
    "psychopy": ("cognitive", psychopy),
}


def examined(pipeline_name: str, files: Files) -> StoredExamination:
    pipeline = import_module(f"functions.{pipeline_name}.service").PIPELINE
    told = TypeAdapter(pipeline.fields).validate_python({})
    outcome = run(pipeline.analyze, tuple(files), told)
    requested = AnalysisRequest(None, None, datetime(2026, 11, 1, tzinfo=UTC), None)
    source = {"input_sha256": input_sha256(file.sha256 for file in files), "fields": {}}
    return as_stored(examination_of(requested, pipeline.card(), outcome, source))


def facts_told(examination: StoredExamination, voice: Voice) -> Facts:
    return facts_of(examination, Known(descriptions(), {}), ENGLISH, voice)


def asked_with(facts: Facts, voice: Voice) -> str:
    """All that a model is asked with, to choose and to write."""
    offered = choosing.offered(selection(facts, ENGLISH, voice))
    return json.dumps([prompts.to_choose(offered, facts), prompts.to_write(facts)])


class TestFiles:
    @pytest.mark.parametrize("kind", KINDS)
    def test_every_instruction_stands_in_the_file(self, kind: str) -> None:
        _, write = KINDS[kind]
        planted = of_kind(kind)
        content = b"".join(file.content for file in write(planted))
        for text in nonempty(planted):
            assert json.dumps(text).strip('"')[:FIELD].encode() in content or (
                text[:FIELD].encode() in content
            )

    @pytest.mark.parametrize("kind", KINDS)
    def test_a_file_tells_nothing_but_what_was_measured(self, kind: str) -> None:
        pipeline, write = KINDS[kind]
        planted = of_kind(kind)
        plain, spoiled = (examined(pipeline, write(texts)) for texts in ([], planted))
        for voice in nonempty(Voice):
            facts = facts_told(spoiled, voice)
            assert facts == facts_told(plain, voice)
            asked = asked_with(facts, voice)
            assert "Zebediah" not in asked
            assert not [text for text in planted if json.dumps(text).strip('"') in asked]

    def test_notes_tell_nothing_but_that_there_was_a_review(self) -> None:
        plain = examined("cardiology", wfdb([]))
        reviews = [
            replace(plain, sign_offs=tuple(map(signed, texts)))
            for texts in (["seen"], of_kind("note"))
        ]
        for voice in nonempty(Voice):
            first, spoiled = (facts_told(review, voice) for review in reviews)
            assert first == spoiled
            assert "Zebediah" not in asked_with(spoiled, voice)


def signed(note: str) -> SignOff:
    moment, status = datetime(2026, 11, 2, tzinfo=UTC), AssessmentStatus.COMPLETED
    return SignOff(signed_by=UUID(int=3), signed_at=moment, status=status, revision=1, note=note)


def test_there_are_forty() -> None:
    assert len(PLANTED) == 40
    assert {kind for kind, _ in PLANTED} == {"chat", "note", *KINDS}
