"""What a model is told: facts and rules, and never a name, a date, a file's words or a note."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from functions.assistant.facts import Facts
from functions.assistant.slots import Sentence

Messages = list[dict[str, str]]

CHOOSING = (
    "You choose which sentences of a medical measurement report are said, and in which order. "
    'You write nothing. Answer with JSON alone: {"sentences": ["S1", "S4"]}. '
    "Begin with the first sentence and end with the last. Leave out none that speaks of a "
    "value outside its range, of something absent, of a change, of warnings or of a review."
)
WRITING = (
    "You describe measurements of a medical recording to a clinician, from the facts below "
    'alone. Answer with JSON alone: {"sentences": [{"text": "...", "facts": ["F2"]}]}. '
    "Each value, unit, range, position, change and count is a slot such as {F2.value}, with "
    "its braces; code fills it. Write no digit, number word, fraction, comparison, direction, "
    "negation of a value, time, diagnosis, drug, advice or judgment. Name each measure by its "
    "{name} slot before its values; a unit slot follows its value or range; a position slot "
    'comes before the word "range". Cite in "facts" the facts of each sentence. Plain words, '
    "one statement a sentence, no Markdown."
)
AGAIN = "These sentences were refused. Write each of them anew, and nothing else:"

CHOICE_SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {"sentences": {"type": "array", "items": {"type": "string"}}},
    "required": ["sentences"],
    "additionalProperties": False,
}
WORDING_SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "sentences": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "text": {"type": "string"},
                    "facts": {"type": "array", "items": {"type": "string"}},
                },
                "required": ["text", "facts"],
                "additionalProperties": False,
            },
        }
    },
    "required": ["sentences"],
    "additionalProperties": False,
}


def to_choose(offered: Mapping[str, Sequence[Sentence]], facts: Facts) -> Messages:
    """Ask for a choice of the catalog's sentences."""
    told = {
        "facts": _listed(facts),
        "sentences": {
            key: " ".join(sentence.text for sentence in paragraph)
            for key, paragraph in offered.items()
        },
    }
    return _messages(CHOOSING, json.dumps(told, ensure_ascii=False))


def to_write(facts: Facts) -> Messages:
    """Ask for sentences in free words with slots."""
    return _messages(WRITING, json.dumps({"facts": _listed(facts)}, ensure_ascii=False))


def again(messages: Messages, answer: str, reasons: Sequence[str]) -> Messages:
    """Ask once more, with what was refused and why."""
    return [
        *messages,
        {"role": "assistant", "content": answer},
        {"role": "user", "content": "\n".join([AGAIN, *reasons])},
    ]


def _messages(rules: str, told: str) -> Messages:
    return [{"role": "system", "content": rules}, {"role": "user", "content": told}]


def _listed(facts: Facts) -> list[dict[str, Any]]:
    return [
        {"key": fact.key, "kind": fact.kind.value, "code": fact.code, "slots": dict(fact.slots)}
        for fact in facts.listed
    ]
