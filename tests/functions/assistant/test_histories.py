"""A person's history in words: counts, days between, ranges and verdicts, and nothing of dates."""

import json
import re

import pytest

from functions.assistant.explanations.drafts import document, draft_of_history, template
from functions.assistant.explanations.schemas import Document, ExplanationCreate
from functions.assistant.facts import Kind
from functions.assistant.histories.facts import MOST_POINTS
from functions.assistant.histories.series import History
from functions.assistant.language import Voice
from functions.assistant.model.choosing import offered, refusal
from shared.examples import PATIENT
from tests.functions.assistant.reading import grade
from tests.functions.assistant.records import SOMEBODY
from tests.functions.assistant.some_histories import histories, stroop
from tests.nonempty import nonempty

HISTORIES = dict(histories())
WANTED = ExplanationCreate(subject_id=PATIENT)
EASY, HARDEST = 6.0, 8.0
DIGIT = re.compile(r"[0-9]")


def told(history: History, voice: Voice) -> Document:
    draft = draft_of_history(history, WANTED, voice=voice)
    return document(draft, template(draft, 0.0), None)


def text(document: Document) -> str:
    return " ".join(sentence.text for sentence in document.sentences)


@pytest.mark.parametrize("voice", Voice)
def test_every_slot_is_filled_and_no_form_holds_a_number(voice: Voice) -> None:
    for name, history in nonempty(HISTORIES.items()):
        written = told(history, voice)
        assert not set("{}") & set(text(written)), name
        for sentence in nonempty(written.sentences):
            assert not DIGIT.search(re.sub(r"\{F\d+\.", "{F.", sentence.form)), name


@pytest.mark.parametrize("voice", Voice)
def test_no_date_and_no_key_is_told(voice: Voice) -> None:
    for name, history in nonempty(HISTORIES.items()):
        written = told(history, voice).model_dump_json(exclude={"facts_sha256"})
        assert "2026" not in written, name
        assert str(history.person_id) not in written, name
        for assessment in nonempty(history.assessments):
            assert str(assessment) not in written, name


def test_patients_can_read_it() -> None:
    grades = {
        name: grade(text(told(history, Voice.PATIENT))) for name, history in HISTORIES.items()
    }
    hardest = max(grades, key=lambda name: grades[name])
    assert grades[hardest] <= HARDEST, hardest
    assert sum(number <= EASY for number in grades.values()) >= len(grades) / 2


def test_a_reliable_change_is_told_with_the_days_between() -> None:
    written = text(told(History(SOMEBODY, stroop(70, 150)), Voice.PATIENT))
    assert (
        "was measured 2 times. At first it was 70 ms. The last time it was 150 ms. That was"
        " 21 days later." in written
    )
    assert "Since your first test: a reliable increase." in written


def test_each_value_is_told_to_those_who_work_with_numbers() -> None:
    history = History(SOMEBODY, stroop(70, 75, 150))
    assert "70 (at first), 75 (21 days later), 150 (42 days later)" in text(
        told(history, Voice.CLINICIAN)
    )
    assert "(42 days later)" not in text(told(history, Voice.PATIENT))


def test_without_a_known_retest_error_there_is_no_verdict_but_a_reason() -> None:
    written = text(told(HISTORIES["cardiology-steady"], Voice.CLINICIAN))
    assert "It is not known how much such values shift by themselves." in written
    assert "The tests were done in ways that cannot be compared." in written
    assert "reliable" not in written


def test_of_a_long_series_the_latest_are_facts_and_all_are_counted() -> None:
    facts = told(HISTORIES["speech-long"], Voice.RESEARCHER).facts
    series = [fact for fact in facts if fact.kind is Kind.SERIES]
    points = [fact for fact in facts if fact.kind is Kind.POINT]
    assert {fact.slots["count"] for fact in series} == {"30"}
    assert len(points) == MOST_POINTS * len(series)


def test_what_was_never_measured_is_named() -> None:
    written = text(told(HISTORIES["dermatology-steady"], Voice.PATIENT))
    assert "It was not measured in this time." in written


def test_the_limits_of_each_pipeline_are_said_once() -> None:
    series = [*HISTORIES["cardiology-single"].series, *HISTORIES["retinal-single"].series]
    names = [sentence.name for sentence in told(History(SOMEBODY, series), Voice.PATIENT).sentences]
    assert names[-2:] == ["cardiology-limits", "retinal-limits"]
    assert len({name for name in names if name and name.endswith("-limits")}) == 2


def test_the_review_of_all_is_told() -> None:
    assert "looked at some of these results" in text(
        told(HISTORIES["speech-steady"], Voice.PATIENT)
    )


def test_a_model_leaves_out_no_change_and_tears_nothing_apart() -> None:
    history = History(SOMEBODY, stroop(70, 75))
    draft = draft_of_history(history, WANTED, voice=Voice.PATIENT)
    paragraphs = offered(draft.template)
    (key,) = [
        key for key, part in paragraphs.items() if "verdict" in json.dumps([s.text for s in part])
    ]
    assert [sentence.name for sentence in paragraphs[key]][:1] == ["series"]
    assert refusal(list(paragraphs), draft.template, draft.facts) is None
    assert refusal([other for other in paragraphs if other != key], draft.template, draft.facts)
