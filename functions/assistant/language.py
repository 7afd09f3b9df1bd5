"""A language is one file of sentences and names; it is offered once it is whole and reviewed."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any

from shared.words import label, unit

FOLDER = Path(__file__).parent / "languages"


class Voice(StrEnum):
    """Whom an explanation speaks to."""

    PATIENT = "patient"
    CLINICIAN = "clinician"
    RESEARCHER = "researcher"


@dataclass(frozen=True)
class Language:
    """The sentences and the words of one language, as its file has them.

    `sentences` are by id and voice; those of a pipeline (`opening`, `limits`) by its name.
    """

    code: str
    is_reviewed: bool
    sentences: Mapping[str, Mapping[Voice, str]]
    pipelines: Mapping[str, Mapping[str, Mapping[Voice, str]]]
    names: Mapping[str, str]
    tasks: Mapping[str, str]
    measures: Mapping[str, str]
    units: Mapping[str, str]
    positions: Mapping[str, str]
    bands: Mapping[str, str]
    verdicts: Mapping[str, str]
    reasons: Mapping[str, str]
    times: Mapping[str, str]
    unjudged: Mapping[str, str]
    at_most: str
    at_least: str
    conjunction: str
    nobody_named: str
    # Of conversations: fixed answers, questions that are offered, our own words and their meaning.
    answers: Mapping[str, Mapping[Voice, str]]
    questions: Mapping[str, Mapping[Voice, str]]
    terms: Mapping[str, Mapping[Voice, str]]
    term_words: Mapping[str, Sequence[str]]
    # What measures are in plain words, and what else people call them: none, where no pipeline
    # measures what is called so.
    meanings: Mapping[str, str]
    called: Mapping[str, Sequence[str]]

    def name(self, biomarker: str, voice: Voice) -> str:
        """Return what a biomarker is called; for patients in plain words where there are any."""
        if voice is not Voice.PATIENT:
            return label(biomarker)
        return self.names.get(biomarker) or self._of_task(biomarker) or label(biomarker)

    def _of_task(self, biomarker: str) -> str | None:
        """A task's measure is called by the task's words and the measure's."""
        for task, words in self.tasks.items():
            measure = self.measures.get(biomarker.removeprefix(f"{task}_"))
            if measure and biomarker.startswith(f"{task}_"):
                return measure.format(task=words)
        return None

    def description(self, biomarker: str, registered: str, voice: Voice) -> str:
        """Return what a biomarker is; for patients in plain words instead of the registry's."""
        if voice is not Voice.PATIENT:
            return registered
        return self.meanings.get(biomarker) or self._meaning_in_task(biomarker) or registered

    def _meaning_in_task(self, biomarker: str) -> str | None:
        tasks = [task for task in self.tasks if biomarker.startswith(f"{task}_")]
        measures = (biomarker.removeprefix(f"{task}_") for task in tasks)
        return next((self.meanings[name] for name in measures if name in self.meanings), None)

    def unit(self, ucum: str, voice: Voice) -> str:
        plain = self.units.get(ucum) if voice is Voice.PATIENT else None
        return unit(ucum) if plain is None else plain

    def range(self, written: str) -> str:
        """Return a range in words where it has a single limit."""
        return written.replace("≤", self.at_most).replace("≥", self.at_least)

    def days_later(self, days: int) -> str:
        """Say how long after the first measurement another was made."""
        form = self.times[{0: "same-day", 1: "next-day"}.get(days, "later")]
        return form.format(days=f"{days:,}")

    def sentence(self, name: str, voice: Voice) -> str:
        return self.sentences[name][voice]


@cache
def language(code: str) -> Language:
    """Read a language.

    Raises
    ------
    KeyError
        There is none of this code.
    """
    path = FOLDER / f"{code}.json"
    if code not in codes():
        raise KeyError(code)
    told: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return Language(code=code, **told)


@cache
def codes() -> frozenset[str]:
    return frozenset(path.stem for path in FOLDER.glob("*.json"))


def offered() -> list[str]:
    """The languages that explanations are given in."""
    return sorted(code for code in codes() if language(code).is_reviewed)
