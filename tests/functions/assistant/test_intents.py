"""What questions ask for: those within scope and those out of it, in everyday words."""

from collections import Counter
from pathlib import Path

import pytest

from functions.assistant.facts import facts_of
from functions.assistant.language import Voice, language
from functions.assistant.threads.answers import Record, answer
from functions.assistant.threads.intents import ANSWERED, DECLINED, Intent, hear
from functions.assistant.threads.patterns import plain
from shared.pipelines import PipelineName
from tests.functions.assistant.golden_records import kept, record
from tests.functions.assistant.reading import grade
from tests.functions.assistant.records import KNOWN
from tests.functions.assistant.some_facts import facts
from tests.nonempty import nonempty

LINES = (Path(__file__).parent / "questions.txt").read_text(encoding="utf-8").splitlines()
QUESTIONS = [line.split(" | ", 1) for line in LINES]
ENGLISH = language("en")
HARDEST = 8.0
# In many voices, from telephones and transcripts: patterns were mended on these, so that the
# figures show that nothing was lost. "other" is what is no emergency, whatever else it may be.
MANY = [
    line.split(" | ", 1)
    for line in (Path(__file__).parent / "questions_in_many_voices.txt")
    .read_text(encoding="utf-8")
    .splitlines()
]


@pytest.mark.parametrize(("intent", "question"), QUESTIONS)
def test_a_question_is_of_its_class(intent: str, question: str) -> None:
    assert hear(question).intent == intent


def test_there_are_enough_of_each_class() -> None:
    numbers = Counter(intent for intent, _ in QUESTIONS)
    assert set(numbers) == set(Intent)
    assert min(numbers.values()) >= 10


class TestManyVoices:
    """At least so many are read rightly, and at most so many alarm for nothing."""

    def test_emergencies_are_heard(self) -> None:
        told = [question for intent, question in nonempty(MANY) if intent == Intent.EMERGENCY]
        missed = [question for question in told if hear(question).intent != Intent.EMERGENCY]
        assert len(missed) / len(told) <= 0.02, missed

    def test_little_else_alarms(self) -> None:
        asked = [question for intent, question in nonempty(MANY) if intent != Intent.EMERGENCY]
        alarming = [question for question in asked if hear(question).intent == Intent.EMERGENCY]
        assert len(alarming) / len(asked) <= 0.02, alarming

    def test_what_is_in_scope_is_answered_as_asked(self) -> None:
        asked = [(intent, question) for intent, question in nonempty(MANY) if intent in ANSWERED]
        wrong = [question for intent, question in asked if hear(question).intent != intent]
        assert len(wrong) / len(asked) <= 0.05, wrong

    def test_nothing_out_of_scope_is_answered_from_facts(self) -> None:
        out = {*DECLINED, Intent.UNKNOWN}
        asked = [question for intent, question in MANY if intent in out]
        assert [question for question in nonempty(asked) if hear(question).intent in ANSWERED] == []


def test_slips_of_typing_are_mended() -> None:
    assert hear("my father is unconsious").intent is Intent.EMERGENCY
    assert hear("he had a siezure").intent is Intent.EMERGENCY
    # Another alphabet's letters among Latin ones.
    assert hear("I have ch\u0435st p\u0430in").intent is Intent.EMERGENCY
    assert plain("what's the mean heart rate") == "what is the mean heart-rate"
    assert plain("my r\u00e9sults") == "my results"
    # Words of their own, one letter from ours.
    assert plain("the stored data of a developer") == "the stored data of a developer"


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
    assert hear(question).intent is Intent.EMERGENCY


def test_a_clinician_speaks_of_the_person_of_the_record() -> None:
    question = "Is his heart rate normal?"
    assert hear(question, voice=Voice.CLINICIAN).intent is Intent.RANGES
    assert hear(question, voice=Voice.PATIENT).intent is Intent.ANOTHER_PERSON


def test_the_words_of_a_measure_ask_for_nothing() -> None:
    names = ["edema risk", "af burden"]
    assert hear("What is the edema risk?", names=names).intent is Intent.MEANING
    assert hear("AF burden?", names=names).intent is Intent.MEASURED
    assert hear("What is my risk?", names=names).intent is Intent.PROGNOSIS


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


@pytest.mark.parametrize(
    ("question", "intent"),
    [
        # Of a record, and of what no record tells: an illness, a person, a thing of daily life.
        ("Is my heart rate of a leaking valve?", Intent.UNKNOWN),
        ("Is my heart rate too high for scuba diving?", Intent.UNKNOWN),
        ("Are the numbers good enough to drive a lorry?", Intent.UNKNOWN),
        ("My name is Jo and I live in Leeds, what was measured?", Intent.MEASURED),
        # Long ago, the name of something else, or a clinician's note, beside what is asked.
        ("I had a heart attack in 2010, what changed since?", Intent.CHANGES),
        ("What is a seizure detector?", Intent.MEANING),
        ("Was I short of breath in the reading task, and is anything missing?", Intent.ABSENCES),
    ],
)
def test_what_is_asked_is_of_a_record_and_of_now(question: str, intent: Intent) -> None:
    assert hear(question).intent is intent


def test_a_note_of_a_clinician_alarms_nobody_who_asks_of_the_record() -> None:
    note = "Indication: chest pain. What was measured?"
    assert hear(note, voice=Voice.CLINICIAN).intent is Intent.MEASURED
    assert hear(note, voice=Voice.CLINICIAN).is_distressed
    assert hear("He has chest pain now", voice=Voice.CLINICIAN).intent is Intent.EMERGENCY


def test_names_stand_as_whole_words() -> None:
    assert hear("P 84 ms. Does it mean Parkinson's?", names=["p"]).intent is Intent.DIAGNOSIS


@pytest.mark.parametrize(
    ("of", "question", "said"),
    [
        ("no-heart", "What is missing?", ["nothing-measured", "review-waiting"]),
        ("no-heart", "Is my heart rate normal?", ["nothing-measured", "review-waiting"]),
        ("eye-3", "What is my heart rate?", ["not-here"]),
        ("sinus-rhythm", "What is my blood pressure?", ["not-here"]),
        ("sinus-rhythm", "Is my SDNN normal?", ["absence"]),
        ("sinus-rhythm", "What changed in my SDNN?", ["absence"]),
        ("sinus-rhythm", "Why is the heart rate variability missing?", ["absence"]),
        ("sinus-rhythm", "What does SDNN mean?", ["meaning", "absence"]),
        ("eye-3", "What was my cup to disc ratio?", ["absence"]),
        ("sinus-rhythm", "Is anything too high?", ["no-none-above", "no-range"]),
        ("sinus-rhythm", "Is everything normal?", ["yes-none-outside", "no-range"]),
        (
            "heart-rate-185",
            "Is anything too high?",
            ["yes-outside", "measure-critical", "no-range"],
        ),
        ("heart-rate-185", "Is all normal?", ["no-outside", "measure-critical", "no-range"]),
    ],
)
def test_what_is_said_is_to_the_point(of: str, question: str, said: list[str]) -> None:
    told = answer(question, _golden(of))
    assert [sentence.name for sentence in told.sentences] == said


def test_an_emergency_takes_no_answer_away() -> None:
    told = answer("My chest hurts. What is my heart rate?", _golden("sinus-rhythm"))
    assert told.intent is Intent.EMERGENCY
    assert [sentence.name for sentence in told.sentences] == [
        *("emergency-unwatched", "measure-ranged")
    ]


def _golden(name: str) -> Record:
    made = [told for pipeline in PipelineName for told in kept(pipeline) if told["name"] == name]
    voice = Voice.PATIENT
    return Record(facts_of(record(made[0]), KNOWN, ENGLISH, voice), ENGLISH, voice)


def test_patients_can_read_what_measures_mean() -> None:
    form = ENGLISH.answers["meaning"][Voice.PATIENT]
    for name, meaning in nonempty(ENGLISH.meanings.items()):
        words = form.format(name="This", description=meaning)
        assert grade(words) <= HARDEST, name


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
