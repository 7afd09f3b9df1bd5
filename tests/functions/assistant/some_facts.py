"""Facts of one record, by the letters that the sentences of the evidence name them with."""

import re
from dataclasses import replace
from functools import cache

from functions.assistant.facts import Facts, Known, facts_of
from functions.assistant.language import Voice, language
from functions.assistant.model import wording
from functions.assistant.selection import selection
from functions.assistant.slots import SLOT, Sentence
from shared.examination.change import Change, Verdict
from shared.pipelines import PipelineName
from shared.record import Absence
from tests.functions.assistant.records import biomarkers, descriptions, norm, record

LETTER = re.compile(r"\{([RVWUAN])\.")
PIPELINE = PipelineName.CARDIOLOGY
ENGLISH = language("en")


@cache
def facts(voice: Voice = Voice.CLINICIAN) -> Facts:
    """R recording, V and W with ranges and verdicts, U without a range, A absent, N warnings."""
    ranged = [name for name in biomarkers(PIPELINE) if norm(PIPELINE, name)]
    unranged = [name for name in biomarkers(PIPELINE) if not norm(PIPELINE, name)]
    made = replace(
        record(PIPELINE, [*ranged[:3], *unranged[:2]], "within"),
        absent=tuple(Absence(name, "too-short", "words of a file") for name in ranged[5:7]),
        warnings=("Lead JANEROE is missing.",),
        requires_review=True,
    )
    change = Change(Verdict.NO_RELIABLE_CHANGE, "No reliable change")
    return facts_of(made, Known(descriptions(), dict.fromkeys(ranged[:2], change)), ENGLISH, voice)


def template(voice: Voice = Voice.CLINICIAN) -> list[Sentence]:
    return selection(facts(voice), ENGLISH, voice)


@cache
def keys() -> dict[str, str]:
    listed = facts().listed
    recording, first, second, _, unranged, *others = listed
    absent = next(fact for fact in others if fact.kind == "absence")
    warned = next(fact for fact in others if fact.kind == "warnings")
    named = {"R": recording, "V": first, "W": second, "U": unranged, "A": absent, "N": warned}
    return {letter: fact.key for letter, fact in named.items()}


def written(text: str) -> str:
    """A sentence of the evidence with the keys of facts in place of letters."""
    return LETTER.sub(lambda letter: f"{{{keys()[letter[1]]}.", text)


def refusal(text: str, of: Facts | None = None) -> str | None:
    """Why a sentence that cites its facts rightly is refused."""
    sentence = written(text)
    cited = {key for key, _ in SLOT.findall(sentence)}
    return wording.refusal(sentence, cited, of or facts(), ())
