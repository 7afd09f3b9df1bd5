"""The evidence for free words: what is wrong is refused, and what is right is mostly not.

`clean_sentences.txt` and `faulty_sentences.txt` name facts by letters: R the recording, V and W
measures with ranges and verdicts, U one without a range, A an absent one, N the warnings.
"""

import re
from collections.abc import Iterator
from itertools import product
from pathlib import Path

import pytest

from functions.assistant.facts import Facts
from functions.assistant.language import Voice
from functions.assistant.model import wording
from functions.assistant.slots import SLOT
from tests.functions.assistant.some_facts import facts, keys, refusal, template, written
from tests.nonempty import nonempty

FOLDER = Path(__file__).parent
CLEAN = (FOLDER / "clean_sentences.txt").read_text(encoding="utf-8").splitlines()
FAULTY = [
    line.split("\t")
    for line in (FOLDER / "faulty_sentences.txt").read_text(encoding="utf-8").splitlines()
]
# Written by somebody who had not seen the vocabulary, and had a part in its rules afterwards.
OTHERS = (FOLDER / "clean_sentences_of_others.txt").read_text(encoding="utf-8").splitlines()
# At most so many of the clean ones may be refused: whoever writes them has the template instead.
MOST_REFUSED, MOST_REFUSED_OF_OTHERS = 0.05, 0.15
OTHER = {"V": "W", "W": "V", "U": "W"}
# Words that turn a sentence of a value into another claim, by where they are put.
INSERTED = {
    "negated": ("not ", "never ", "hardly ", "no "),
    "numbers": ("3 ", "three ", "half of ", "twice ", "IV ", "several ", "\u0663 ", "\uff13 "),
    "directions": ("above ", "below ", "higher than ", "up to ", "nearly ", "over ", "within "),
}
MEASURED = (
    *("value", "unit", "range", "population", "position", "verdict", "confidence", "name"),
    "description",
)
# What is said of a measure where its description stood is said of it still, and a range is that of
# its population.
AS_RIGHT = {("description", "value"), ("description", "verdict"), ("name", "population")}
APPENDED = (
    *(", a sign of atrial fibrillation", ", so the heart is healthy", " and this is reassuring"),
    *("; take aspirin", "; take 5 mg of bisoprolol daily", "; no need to see a doctor"),
    *(", which is fine", ", a reliable increase", " and rising", ", twice the earlier value"),
    *(
        " <script>",
        " **bold**",
        " https://example.org",
        " [see](x)",
        " \u200bhidden",
        " \uff5bF2.value\uff5d",
    ),
)


def test_clean_sentences_are_mostly_let_through() -> None:
    refused = {text: reason for text in CLEAN if (reason := refusal(text))}
    assert len(CLEAN) >= 200
    assert len(refused) / len(CLEAN) <= MOST_REFUSED, refused
    of_others = [text for text in OTHERS if refusal(text)]
    assert len(of_others) / len(OTHERS) <= MOST_REFUSED_OF_OTHERS, of_others


@pytest.mark.parametrize("text", ["", " ", ".", "-", "'", "- .", "Details. -.", ":", "{", "{}"])
def test_what_is_no_sentence_is_refused(text: str) -> None:
    assert refusal(text)


def test_faulty_sentences_are_refused() -> None:
    passed = [text for _, text in nonempty(FAULTY) if refusal(text) is None]
    assert passed == []


def mutations(text: str) -> Iterator[str]:
    """Change one thing of a right sentence so that it is wrong."""
    for slot in re.finditer(r"\{([VWU])\.(value|unit|position|verdict|range)\}", text):
        other = OTHER[slot[1]]
        if slot[2] in {"value", "position", "verdict", "range"} and slot[1] != "U":
            swapped = f"{{{other}.{slot[2]}}}"
            yield text[: slot.start()] + swapped + text[slot.end() :]
        for words in INSERTED.values():
            for word in words:
                yield text[: slot.start()] + word + text[slot.start() :]
        yield text[: slot.end()] + "0" + text[slot.end() :]
    for claim in APPENDED:
        yield text.rstrip(".") + claim + "."


def of_another_field(text: str) -> Iterator[str]:
    """Put another field of the same measure, or of another, where a slot of a right one stands."""
    for slot in re.finditer(r"\{([VWU])\.([a-z]+)\}", text):
        for letter, field in product((slot[1], OTHER[slot[1]]), MEASURED):
            is_right = field == slot[2] or (slot[2], field) in AS_RIGHT
            if field in facts().by_key[keys()[letter]].slots and not is_right:
                yield f"{text[: slot.start()]}{{{letter}.{field}}}{text[slot.end() :]}"


def test_no_field_stands_where_another_belongs() -> None:
    right = [text for text in (*CLEAN, *OTHERS) if refusal(text) is None]
    wrong = {mutation for text in right for mutation in of_another_field(text)} - set(right)
    assert len(wrong) > 10_000
    assert [text for text in wrong if refusal(text) is None] == []


def test_each_change_of_a_right_sentence_is_refused() -> None:
    right = [text for text in (*CLEAN, *OTHERS) if refusal(text) is None]
    wrong = [mutation for text in right for mutation in mutations(text)]
    passed = [text for text in wrong if refusal(text) is None]
    assert len(wrong) > 15_000
    assert passed == []


class TestCitation:
    @pytest.mark.parametrize("cited", [[], ["F1"], ["F99"]])
    def test_facts_are_cited_as_they_are_used(self, cited: list[str]) -> None:
        text = written("{V.name} was {V.value} {V.unit}.")
        assert wording.refusal(text, [keys()["V"]], facts(), ()) is None
        assert wording.refusal(text, cited, facts(), ())

    @pytest.mark.parametrize("slot", ["{F99.value}", "{F2.note}", "{F1.value}"])
    def test_a_slot_that_no_fact_has_is_refused(self, slot: str) -> None:
        text = written(f"{{V.name}} was {slot}.")
        cited = {key for key, _ in SLOT.findall(text)} & facts().by_key.keys()
        assert wording.refusal(text, cited, facts(), ())


@pytest.mark.parametrize("voice", Voice)
def test_sentences_of_the_catalog_need_no_check_of_words(voice: Voice) -> None:
    sentences = template(voice)
    catalog = {sentence.text for sentence in sentences}
    for sentence in nonempty(sentences):
        assert wording.refusal(sentence.text, sentence.facts, facts(voice), catalog) is None


def test_names_may_be_written_out_where_they_are_the_facts_own() -> None:
    of: Facts = facts()
    name = of.by_key[keys()["V"]].slots["name"].lower()
    other = of.by_key[keys()["W"]].slots["name"]
    assert refusal(f"The {name} was {{V.value}} {{V.unit}}.") is None
    assert refusal(f"The {other} was {{V.value}} {{V.unit}}.")
    assert refusal("The blood pressure was {V.value} {V.unit}.")
