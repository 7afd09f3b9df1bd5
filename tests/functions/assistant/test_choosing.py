"""A model that chooses sentences leaves out nothing that has to be said."""

import itertools

import pytest

from functions.assistant.facts import Kind
from functions.assistant.language import Voice
from functions.assistant.model.choosing import offered, refusal
from tests.functions.assistant.some_facts import facts, template
from tests.nonempty import nonempty

SENTENCES = template(Voice.PATIENT)
FACTS = facts(Voice.PATIENT)
KEYS = list(offered(SENTENCES))


def test_all_in_their_order_and_some_in_another_may_be_chosen() -> None:
    first, *others, last = KEYS
    assert refusal(KEYS, SENTENCES, FACTS) is None
    assert refusal([first, *reversed(others), last], SENTENCES, FACTS) is None


def test_what_is_within_its_range_may_be_left_out_and_nothing_else() -> None:
    left_out = {
        key: refusal([other for other in KEYS if other != key], SENTENCES, FACTS) is None
        for key in KEYS
    }
    for key, paragraph in nonempty(offered(SENTENCES).items()):
        keys = {fact for sentence in paragraph for fact in sentence.facts}
        spoken = [FACTS.by_key[fact] for fact in keys]
        is_plain = [(fact.kind, "verdict" in fact.slots) for fact in spoken] == [
            (Kind.MEASURE, False)
        ]
        assert left_out[key] == is_plain, paragraph


def test_what_says_this_value_stays_with_its_measure() -> None:
    """A verdict names no measure: it is chosen with the sentence before it, or not at all."""
    for paragraph in nonempty(offered(SENTENCES).values()):
        named = "name}" in paragraph[0].text or not paragraph[0].facts
        assert named or FACTS.by_key[paragraph[0].facts[0]].kind is not Kind.MEASURE
        subjects = {sentence.facts[0] for sentence in paragraph if sentence.facts}
        assert len(subjects) <= 1
    assert [sentence for part in offered(SENTENCES).values() for sentence in part] == SENTENCES


@pytest.mark.parametrize(
    "chosen",
    [
        *([], ["S99"], KEYS[1:], KEYS[:-1], [*KEYS, KEYS[-1]], [*KEYS, "S999"], KEYS[::-1]),
        *(["Your heart is fine."], [*KEYS[:-1], "<b>", KEYS[-1]], [key.lower() for key in KEYS]),
    ],
)
def test_any_other_choice_is_refused(chosen: list[str]) -> None:
    assert refusal(chosen, SENTENCES, FACTS)


def test_reasons_name_what_is_missing() -> None:
    pairs = itertools.pairwise(KEYS)
    assert len(list(pairs)) == len(KEYS) - 1
    assert KEYS[-1] in (refusal(KEYS[:-1], SENTENCES, FACTS) or "")
