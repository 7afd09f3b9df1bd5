"""Explanations by a model: chosen for patients, worded for clinicians, and the template's else."""

import json
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest

from functions.assistant.facts import Facts
from functions.assistant.language import Voice
from functions.assistant.model.choosing import offered
from functions.assistant.model.endpoint import Failure
from functions.assistant.model.writing import Written, chosen, worded
from functions.assistant.slots import SLOT, render
from local.prove.answering import NAME, FakeModel, answering, http
from tests.functions.assistant.some_facts import facts, keys, template, written
from tests.nonempty import nonempty

PATIENT, CLINICIAN = template(Voice.PATIENT), template(Voice.CLINICIAN)
KEYS = list(offered(PATIENT))
RIGHT = (
    "The recorded {V.name} was {V.value} {V.unit}, {V.position} the range of {V.range} {V.unit}."
)
WRONG = "{V.name} doubled and is fine."


@pytest.fixture
async def model() -> AsyncIterator[FakeModel]:
    async with answering() as it:
        yield it


async def choose(model: FakeModel) -> Written:
    return await chosen(model.settings, PATIENT, facts(Voice.PATIENT))


async def word(model: FakeModel) -> Written:
    return await worded(model.settings, CLINICIAN, facts())


def free(*texts: str) -> dict[str, Any]:
    """An answer that cites the facts of its slots."""
    sentences = [written(text) for text in texts]
    cited = [sorted({key for key, _ in SLOT.findall(sentence)}) for sentence in sentences]
    return {
        "sentences": [
            {"text": text, "facts": spoken} for text, spoken in zip(sentences, cited, strict=True)
        ]
    }


class TestChosen:
    async def test_a_model_orders_sentences_of_the_catalog(self, model: FakeModel) -> None:
        first, *others, last = KEYS
        model.says({"sentences": [first, *reversed(others), last]})
        outcome = await choose(model)

        assert (outcome.engine, outcome.work.model, outcome.work.tokens) == ("model", NAME, 120)
        assert set(outcome.sentences) == set(PATIENT)
        assert outcome.sentences[1] == PATIENT[-2]

    async def test_it_is_asked_once_more_and_told_why(self, model: FakeModel) -> None:
        model.says({"sentences": KEYS[1:]}, {"sentences": KEYS})
        outcome = await choose(model)

        assert (outcome.engine, len(model.asked), outcome.work.tokens) == ("model", 2, 240)
        assert KEYS[0] in model.asked[1]["messages"][-1]["content"]
        (refused,) = outcome.work.refused
        assert KEYS[0] in refused.reason

    @pytest.mark.parametrize(
        "answer",
        [
            {"sentences": ["Your heart is fine."]},
            {"sentences": [{"text": "Your heart is fine.", "facts": []}]},
            {"sentences": []},
            {"sentences": KEYS, "note": "You are healthy."},
            [*KEYS],
            "You are healthy.",
        ],
    )
    async def test_whatever_else_it_says_the_template_stands(
        self, model: FakeModel, answer: object
    ) -> None:
        model.says(answer)
        outcome = await choose(model)

        assert (outcome.engine, list(outcome.sentences)) == ("template", PATIENT)
        assert 1 <= len(model.asked) <= 2


class TestWorded:
    async def test_without_a_name_it_goes_on_about_what_was_named(self, model: FakeModel) -> None:
        own, others = (f"The value was {{{letter}.value}} {{{letter}.unit}}." for letter in "VW")
        model.says(free(RIGHT, own, others), {"sentences": []})
        shown = [sentence.text for sentence in (await word(model)).sentences]

        assert written(own) in shown
        assert written(others) not in shown

    async def test_right_words_are_shown_and_the_rest_is_the_templates(
        self, model: FakeModel
    ) -> None:
        model.says(free(RIGHT))
        outcome = await word(model)
        texts = [sentence.text for sentence in outcome.sentences]

        assert outcome.engine == "model"
        assert (texts[0], texts[1], texts[-1]) == (
            CLINICIAN[0].text,
            written(RIGHT),
            CLINICIAN[-1].text,
        )
        assert _told(outcome) >= {slot for sentence in CLINICIAN for slot in _said(sentence.text)}

    async def test_wrong_words_are_asked_for_once_more(self, model: FakeModel) -> None:
        model.says(free(RIGHT, WRONG), free("{W.name} was {W.value} {W.unit}."))
        outcome = await word(model)
        texts = [sentence.text for sentence in outcome.sentences]

        assert len(model.asked) == 2
        assert "doubled" in model.asked[1]["messages"][-1]["content"]
        assert [refused.text for refused in outcome.work.refused] == [written(WRONG)]
        assert written("{W.name} was {W.value} {W.unit}.") in texts
        assert not [text for text in texts if "doubled" in text]

    async def test_twice_wrong_is_the_templates(self, model: FakeModel) -> None:
        model.says(free(WRONG))
        outcome = await word(model)

        assert (outcome.engine, list(outcome.sentences)) == ("template", CLINICIAN)
        assert len(outcome.work.refused) == 2

    async def test_every_sentence_renders(self, model: FakeModel) -> None:
        model.says(free(RIGHT, "{A.name} was not measured: {A.reason}."))
        for sentence in nonempty((await word(model)).sentences):
            assert not set("{}") & set(render(sentence, facts().by_key).text)


@pytest.mark.parametrize("ask", [choose, word])
async def test_failures_are_kept_and_the_template_stands(model: FakeModel, ask: Any) -> None:
    model.answers = [http({}, "503 Service Unavailable")]
    outcome: Written = await ask(model)

    assert (outcome.engine, outcome.work.failure) == ("template", Failure.REFUSED)
    assert len(model.asked) == 1


@pytest.mark.parametrize("ask", [choose, word])
async def test_it_is_told_facts_and_nothing_of_whose_they_are(model: FakeModel, ask: Any) -> None:
    """The words of warnings and absences can be a file's own: none of them is asked with."""
    model.answers = [http({}, "503 Service Unavailable")]
    await ask(model)
    asked = json.dumps(model.asked)

    assert keys()["V"] in asked
    for planted in nonempty(("JANEROE", "words of a file", "2026", "0199b0f4", "SOMEBODY")):
        assert planted not in asked


def _said(text: str) -> Iterator[tuple[str, str]]:
    return (
        slot for slot in SLOT.findall(text) if slot[1] in {"value", "position", "reason", "count"}
    )


def _told(outcome: Written) -> set[tuple[str, str]]:
    return {slot for sentence in outcome.sentences for slot in _said(sentence.text)}


def test_facts_of_both_voices_are_the_same_record() -> None:
    told, plain = facts(), facts(Voice.PATIENT)
    assert isinstance(told, Facts)
    assert [fact.name for fact in told.listed] == [fact.name for fact in plain.listed]
