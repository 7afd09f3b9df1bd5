"""An explanation by a model: asked, checked, asked once more, and the template's where it fails.

Patients are shown sentences of the catalog alone, of which a model chooses; free words with slots
are for clinicians. What a reader has to be told is said, whatever the model leaves out.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from functions.assistant.facts import Facts
from functions.assistant.model import choosing, prompts, wording
from functions.assistant.model.endpoint import Ask, Completion, Failure, ModelFailed, asking
from functions.assistant.slots import SLOT, Sentence
from shared.model_settings import AssistantSettings

MOST_SENTENCES = 60
# What no sentence has named yet.
NOBODY = ""
TEMPLATE: Literal["template"] = "template"
MODEL: Literal["model"] = "model"
ESSENTIAL = {"value", "position", "verdict", "confidence", "reason", "count"}


@dataclass(frozen=True)
class Refused:
    """What a model wrote that is not shown, and why."""

    text: str
    reason: str


@dataclass
class Work:
    """How an explanation came about: what was asked of which model, what it cost."""

    prompt_sha256: str | None
    model: str | None = None
    tokens: int | None = None
    took_ms: int = 0
    refused: list[Refused] = field(default_factory=list)
    failure: Failure | None = None

    @property
    def why(self) -> str | None:
        """Why the template stands where it does: a failure, or what was refused."""
        if self.failure:
            return self.failure.value
        return "refused" if self.refused else None

    def add(self, completion: Completion) -> None:
        self.model = completion.model
        self.took_ms += completion.took_ms
        if completion.tokens is not None:
            self.tokens = (self.tokens or 0) + completion.tokens


@dataclass(frozen=True)
class Written:
    """The sentences that are shown; `engine` says who chose or wrote them."""

    sentences: Sequence[Sentence]
    engine: Literal["template", "model"]
    work: Work


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class _Choice(_Strict):
    sentences: list[str] = Field(min_length=1, max_length=MOST_SENTENCES)


class _Free(_Strict):
    text: str = Field(max_length=wording.MOST_CHARACTERS)
    facts: list[str]


class _Wording(_Strict):
    sentences: list[_Free] = Field(min_length=1, max_length=MOST_SENTENCES)


async def chosen(
    settings: AssistantSettings, template: Sequence[Sentence], facts: Facts
) -> Written:
    """Let a model choose and order the template's sentences."""
    offered = choosing.offered(template)
    messages = prompts.to_choose(offered, facts)
    work, ask = Work(_hash(messages)), asking(settings, prompts.CHOICE_SCHEMA)
    try:
        for _ in range(2):
            completion = await ask(messages)
            work.add(completion)
            keys = _parsed(_Choice, completion.content).sentences
            reason = choosing.refusal(keys, template, facts)
            if reason is None:
                return Written([sentence for key in keys for sentence in offered[key]], MODEL, work)
            work.refused.append(Refused(", ".join(keys)[: wording.MOST_CHARACTERS], reason))
            messages = prompts.again(messages, completion.content, [reason])
    except ModelFailed as failed:
        work.failure = failed.failure
    return Written(template, TEMPLATE, work)


async def worded(
    settings: AssistantSettings, template: Sequence[Sentence], facts: Facts
) -> Written:
    """Let a model write in free words with slots, for clinicians or until somebody releases it."""
    messages = prompts.to_write(facts)
    work, ask = Work(_hash(messages)), asking(settings, prompts.WORDING_SCHEMA)
    catalog = {sentence.text for sentence in template}
    try:
        completion = await ask(messages)
        work.add(completion)
        drafts = _parsed(_Wording, completion.content).sentences
        accepted, refused = _checked(drafts, facts, catalog)
        work.refused += refused
        if refused:
            reasons = [f"{each_refused.text} — {each_refused.reason}" for each_refused in refused]
            messages = prompts.again(messages, completion.content, reasons)
            accepted += await _rewritten(ask, messages, facts, catalog, work)
    except ModelFailed as failed:
        work.failure = failed.failure
        return Written(template, TEMPLATE, work)
    if not accepted:
        return Written(template, TEMPLATE, work)
    return Written(_completed(accepted, template), MODEL, work)


async def _rewritten(
    ask: Ask,
    messages: prompts.Messages,
    facts: Facts,
    catalog: set[str],
    work: Work,
) -> list[Sentence]:
    """Ask once more for what was refused; a failure leaves it to the template."""
    try:
        completion = await ask(messages)
        work.add(completion)
        accepted, refused = _checked(
            _parsed(_Wording, completion.content).sentences, facts, catalog
        )
    except ModelFailed as failed:
        work.failure = failed.failure
        return []
    work.refused += refused
    return accepted


def _checked(
    drafts: Sequence[_Free], facts: Facts, catalog: set[str]
) -> tuple[list[Sentence], list[Refused]]:
    """Check each sentence by itself, and whether it goes on about the one before it."""
    accepted, refused = [], []
    named: str | None = NOBODY
    for draft in {draft.text: draft for draft in drafts}.values():
        reason = wording.refusal(draft.text, draft.facts, facts, catalog)
        if reason is None:
            reason, named = wording.goes_on(wording.read(draft.text, facts), named)
        if reason is None:
            accepted.append(Sentence(None, draft.text))
        else:
            refused.append(Refused(draft.text, reason))
    return accepted, refused


def _completed(accepted: Sequence[Sentence], template: Sequence[Sentence]) -> list[Sentence]:
    """Add the template's sentences on what was not told: its opening first, its limits last."""
    told = {slot for sentence in accepted for slot in SLOT.findall(sentence.text)}
    opening, *others = template
    missing = [
        sentence for sentence in others if not _essential(sentence) or _essential(sentence) - told
    ]
    both = dict.fromkeys([opening, *accepted, *missing])
    return list(both)


def _essential(sentence: Sentence) -> set[tuple[str, str]]:
    """What a reader has to be told: a value and where it lies, a reason, a count."""
    return {slot for slot in SLOT.findall(sentence.text) if slot[1] in ESSENTIAL}


def _parsed[Form: BaseModel](form: type[Form], content: str) -> Form:
    try:
        return form.model_validate(json.loads(content))
    except (ValidationError, ValueError, RecursionError):
        raise ModelFailed(Failure.MALFORMED) from None


def _hash(messages: prompts.Messages) -> str:
    told: Any = json.dumps(messages, sort_keys=True)
    return sha256(told.encode()).hexdigest()
