"""Histories made of what real analyses measured, one after the other, and their golden texts.

`python -m tests.functions.assistant.golden_histories` writes the texts anew, beside the lists of
what was measured.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from itertools import islice
from pathlib import Path
from typing import Any

from functions.assistant.explanations.drafts import document, draft_of_history, template
from functions.assistant.explanations.schemas import Document, ExplanationCreate
from functions.assistant.histories.series import History, Measurement, Series
from functions.assistant.language import Voice
from shared.examples import PATIENT
from shared.identifiers import uuid7
from shared.pipelines import PipelineName
from shared.record import Value
from tests.functions.assistant.golden_records import folder, kept, record
from tests.functions.assistant.records import MOMENT, SOMEBODY, biomarkers
from tests.functions.assistant.some_histories import REVIEWS

WRITER = "tests.functions.assistant.golden_histories"
WANTED = ExplanationCreate(subject_id=PATIENT)
# Of up to three analyses that measured the same, weeks apart, the first measures are told.
MOST_VISITS, MOST_MEASURES, WEEKS = 3, 3, 4


def histories(pipeline: PipelineName) -> Iterator[tuple[str, History]]:
    """Yield what each analysis of a pipeline and the next of the same measures say in time."""
    lists = [told for told in kept(pipeline) if told["measured"]]
    for place, first in enumerate(lists):
        names = [value["name"] for value in first["measured"]][:MOST_MEASURES]
        visits = [told for told in lists[place:] if set(names) <= _measured(told)]
        never = (
            name
            for name in biomarkers(pipeline)
            if not any(name in _measured(told) for told in visits)
        )
        series = [
            Series(pipeline, biomarkers(pipeline)[name].description, list(_course(name, visits)))
            for name in names
        ]
        yield first["name"], History(SOMEBODY, series, tuple(islice(never, place % 2)))


def _measured(told: Mapping[str, Any]) -> set[str]:
    return {value["name"] for value in told["measured"]}


def _course(name: str, visits: Sequence[Mapping[str, Any]]) -> Iterator[Measurement]:
    for number, told in enumerate(visits[:MOST_VISITS]):
        value: Value = next(of for of in record(told).biomarkers if of.name == name)
        at = MOMENT + timedelta(weeks=WEEKS * number)
        made = replace(value, method="1.0.0")
        yield Measurement(made, at, uuid7(), REVIEWS[number % len(REVIEWS)])


def told(history: History, voice: Voice) -> Document:
    draft = draft_of_history(history, WANTED, voice=voice)
    return document(draft, template(draft, 0.0), None)


def texts(pipeline: PipelineName, voice: Voice) -> Mapping[str, list[str]]:
    """Return what the template says of each history, by its name."""
    return {
        name: [sentence.text for sentence in told(history, voice).sentences]
        for name, history in histories(pipeline)
    }


def page(pipeline: PipelineName, voice: Voice) -> str:
    """Return the golden texts of a pipeline in one voice, a sentence a line."""
    parts = ["\n".join([f"# {name}", *lines]) for name, lines in texts(pipeline, voice).items()]
    return "\n\n".join(parts) + "\n"


def place(pipeline: PipelineName, voice: Voice) -> Path:
    return folder(pipeline) / f"history-for-{voice}.txt"


def main() -> None:
    for pipeline in PipelineName:
        for voice in Voice:
            place(pipeline, voice).write_text(page(pipeline, voice), "utf-8")


if __name__ == "__main__":
    main()
