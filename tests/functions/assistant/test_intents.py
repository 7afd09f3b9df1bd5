"""What questions ask for: those within scope and those out of it, in everyday words."""

from collections import Counter
from pathlib import Path

import pytest

from functions.assistant.language import Voice, language
from functions.assistant.threads.answers import Record, answer
from functions.assistant.threads.intents import Intent, intent_of
from tests.functions.assistant.reading import grade
from tests.functions.assistant.some_facts import facts
from tests.nonempty import nonempty

LINES = (Path(__file__).parent / "questions.txt").read_text(encoding="utf-8").splitlines()
QUESTIONS = [line.split(" | ", 1) for line in LINES]
ENGLISH = language("en")
HARDEST = 8.0


@pytest.mark.parametrize(("intent", "question"), QUESTIONS)
def test_a_question_is_of_its_class(intent: str, question: str) -> None:
    assert intent_of(question) == intent


def test_there_are_enough_of_each_class() -> None:
    numbers = Counter(intent for intent, _ in QUESTIONS)
    assert set(numbers) == set(Intent)
    assert min(numbers.values()) >= 10


@pytest.mark.parametrize(
    "question",
    [
        "I CAN\u2019T BREATHE",
        "i can't\u00a0 breathe",
        "I c\u200ban't breathe",
        "\uff29 can't breathe",
    ],
)
def test_letters_that_look_alike_hide_no_emergency(question: str) -> None:
    assert intent_of(question) is Intent.EMERGENCY


def test_a_clinician_speaks_of_the_person_of_the_record() -> None:
    question = "Is his heart rate normal?"
    assert intent_of(question, voice=Voice.CLINICIAN) is Intent.RANGES
    assert intent_of(question, voice=Voice.PATIENT) is Intent.ANOTHER_PERSON


def test_the_words_of_a_measure_ask_for_nothing() -> None:
    names = ["edema risk", "af burden"]
    assert intent_of("What is the edema risk?", names=names) is Intent.MEANING
    assert intent_of("AF burden?", names=names) is Intent.MEASURED
    assert intent_of("What is my risk?", names=names) is Intent.PROGNOSIS


@pytest.mark.parametrize(
    ("question", "distressed"),
    [
        ("I feel awful, what was measured?", True),
        ("What changed? My leg hurts.", True),
        ("What was measured?", False),
        ("Is my heart rate normal?", False),
    ],
)
def test_whoever_speaks_of_how_they_are_is_heard(question: str, *, distressed: bool) -> None:
    record = Record(facts(Voice.PATIENT), ENGLISH, Voice.PATIENT)
    assert answer(question, record).is_distressed is distressed


def test_patients_can_read_what_is_said_of_no_fact() -> None:
    told = [*ENGLISH.answers.values(), *ENGLISH.terms.values(), *ENGLISH.questions.values()]
    for forms in nonempty(told):
        words = forms[Voice.PATIENT].format(names="heart rate", name="pitch", description="pitch")
        assert grade(words) <= HARDEST, words


@pytest.mark.parametrize("part", ["answers", "terms", "questions"])
def test_every_voice_has_its_words(part: str) -> None:
    for forms in nonempty(getattr(ENGLISH, part).values()):
        assert forms.keys() == set(Voice)
    assert ENGLISH.terms.keys() == ENGLISH.term_words.keys()
