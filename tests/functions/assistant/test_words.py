"""Facts, sentences and languages: every slot is filled, patients can read it, nothing leaks."""

import json
import re
from collections.abc import Mapping
from dataclasses import replace

import pytest

from functions.assistant import language as languages
from functions.assistant.explanations.drafts import write
from functions.assistant.explanations.schemas import Document, ExplanationCreate
from functions.assistant.facts import Kind
from functions.assistant.language import Voice, language
from functions.assistant.slots import Sentence, UnknownSlot, render
from shared.examination.change import Change, Verdict
from shared.examples import ASSESSMENT
from shared.record import StoredExamination
from tests.functions.assistant.reading import grade
from tests.functions.assistant.records import KNOWN, records
from tests.nonempty import nonempty

RECORDS = dict(records())
WANTED = ExplanationCreate(assessment_id=ASSESSMENT)
EASY, HARDEST = 6.0, 8.0
# What a number looks like where nobody filled a slot.
DIGIT = re.compile(r"[0-9]")


def explained(examination: StoredExamination, voice: Voice) -> Document:
    return write(examination, KNOWN, WANTED, voice=voice)


def text(document: Document) -> str:
    return " ".join(sentence.text for sentence in document.sentences)


class TestEveryRecord:
    def test_there_are_enough_of_them(self) -> None:
        assert len(RECORDS) >= 60

    @pytest.mark.parametrize("voice", Voice)
    def test_every_slot_is_filled(self, voice: Voice) -> None:
        for name, examination in nonempty(RECORDS.items()):
            written = text(explained(examination, voice))
            assert not set("{}") & set(written), name
            assert "  " not in written, name

    @pytest.mark.parametrize("voice", Voice)
    def test_no_form_holds_a_number_of_its_own(self, voice: Voice) -> None:
        for name, examination in nonempty(RECORDS.items()):
            for sentence in nonempty(explained(examination, voice).sentences):
                assert not DIGIT.search(re.sub(r"\{F\d+\.", "{F.", sentence.form)), name

    @pytest.mark.parametrize("voice", Voice)
    def test_nothing_of_a_file_is_said(self, voice: Voice) -> None:
        for name, examination in nonempty(RECORDS.items()):
            told = explained(examination, voice).model_dump_json(exclude={"facts_sha256"})
            assert "jane" not in told.lower(), name
            assert str(examination.id) not in told, name
            assert str(examination.user_id) not in told, name
            assert "2026" not in told, name

    def test_patients_can_read_it(self) -> None:
        grades = {
            name: grade(text(explained(examination, Voice.PATIENT)))
            for name, examination in RECORDS.items()
        }
        hardest = max(grades, key=lambda name: grades[name])
        assert grades[hardest] <= HARDEST, hardest
        assert sum(number <= EASY for number in grades.values()) >= len(grades) / 2

    def test_the_limits_are_said_once_and_last(self) -> None:
        for name, examination in nonempty(RECORDS.items()):
            names = [sentence.name for sentence in explained(examination, Voice.PATIENT).sentences]
            limits = f"{examination.pipeline}-limits"
            assert names[-1] == limits, name
            assert names.count(limits) == 1, name

    def test_the_same_record_gives_the_same_words(self) -> None:
        for examination in nonempty(RECORDS.values()):
            first, again = (explained(examination, Voice.CLINICIAN) for _ in range(2))
            assert first == again


class TestSentences:
    def test_a_patient_reads_where_a_value_lies(self) -> None:
        written = text(explained(RECORDS["cardiology-0-high"], Voice.PATIENT))
        assert (
            "Your heart rate was 140 per minute. The usual range is 60 to 100 per minute."
            " Your value is far above this range." in written
        )

    def test_a_clinician_reads_of_whom_the_range_is(self) -> None:
        written = text(explained(RECORDS["cardiology-0-within"], Voice.CLINICIAN))
        assert "Heart rate was 80 /min, within the reference range of 60 to 100 /min" in written
        assert "(adults at rest)" in written

    def test_critical_values_come_first(self) -> None:
        names = [
            sentence.name
            for sentence in explained(RECORDS["cardiology-0-high"], Voice.CLINICIAN).sentences
        ]
        assert names.index("measure-critical") < names.index("measure-outside")

    def test_a_reason_is_named_once_with_all_that_it_explains(self) -> None:
        sentences = explained(RECORDS["cardiology-0-absent"], Voice.PATIENT).sentences
        told = [sentence.text for sentence in sentences if sentence.name == "absence"]
        assert len(told) == 4
        (short,) = [words for words in told if "too short" in words]
        assert short.startswith("We could not measure your heart rate, sdsd"[:37])

    def test_a_change_is_told_by_its_verdict(self) -> None:
        change = Change(Verdict.RELIABLE_INCREASE, "Reliable increase: +40 of 17.", 40.0)
        examination = next(
            examination
            for examination in RECORDS.values()
            if any(value.name == "stroop_effect" for value in examination.biomarkers)
        )
        known = replace(KNOWN, changes={"stroop_effect": change})
        document = write(examination, known, WANTED, voice=Voice.CLINICIAN)
        assert "Against the first comparable measurement: a reliable increase." in text(document)
        assert "+40" not in document.model_dump_json()

    def test_a_slot_that_no_fact_has_is_an_error(self) -> None:
        with pytest.raises(UnknownSlot, match=r"F9\.value"):
            render(Sentence(None, "It was {F9.value}."), {})

    def test_facts_are_numbered_and_hashed(self) -> None:
        high = explained(RECORDS["cardiology-0-high"], Voice.PATIENT)
        low = explained(RECORDS["cardiology-0-low"], Voice.PATIENT)
        assert [fact.key for fact in high.facts] == [f"F{n}" for n in range(1, 15)]
        assert high.facts[0].kind is Kind.RECORDING
        assert high.facts_sha256 != low.facts_sha256


class TestLanguages:
    def test_english_is_offered(self) -> None:
        assert languages.offered() == ["en"]

    @pytest.mark.parametrize("code", languages.offered())
    def test_what_is_offered_is_whole(self, code: str) -> None:
        offered, whole = language(code), language("en")
        assert offered.sentences.keys() == whole.sentences.keys()
        for forms in [*offered.sentences.values(), *_of_pipelines(offered.pipelines)]:
            assert forms.keys() == set(Voice)
        for part in ("names", "tasks", "measures", "units", "positions", "bands", "reasons"):
            assert getattr(offered, part).keys() == getattr(whole, part).keys(), part

    def test_a_language_that_there_is_not(self) -> None:
        with pytest.raises(KeyError):
            language("../en")

    def test_the_file_is_in_order(self) -> None:
        written = (languages.FOLDER / "en.json").read_text(encoding="utf-8")
        assert written == json.dumps(json.loads(written), indent=1, ensure_ascii=False) + "\n"


def _of_pipelines(
    pipelines: Mapping[str, Mapping[str, Mapping[Voice, str]]],
) -> list[Mapping[Voice, str]]:
    return [forms for parts in pipelines.values() for forms in parts.values()]
