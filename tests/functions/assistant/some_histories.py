"""Histories of all pipelines, made of the same registries as the records."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta

from functions.assistant.histories.series import (
    REVIEWED,
    UNREVIEWED,
    WAITING,
    History,
    Measurement,
    Series,
)
from shared.identifiers import uuid7
from shared.pipelines import PipelineName
from tests.functions.assistant.records import MOMENT, SOMEBODY, biomarkers, value

# How the values of a series lie in time, by kind; the last of them is told of at length.
COURSES = {
    "single": ("within",),
    "steady": ("within", "within"),
    "rising": ("low", "within", "high"),
    "falling": ("high", "high", "within", "low"),
    "long": ("within",) * 30,
}
REVIEWS = (REVIEWED, WAITING, UNREVIEWED)
PER_HISTORY = 6


def histories() -> Iterator[tuple[str, History]]:
    """Yield histories by name: the first measures of each pipeline in every course."""
    for number, pipeline in enumerate(PipelineName):
        names = list(biomarkers(pipeline))[:PER_HISTORY]
        for course in COURSES:
            series = [of(pipeline, name, course, place) for place, name in enumerate(names)]
            never = list(biomarkers(pipeline))[PER_HISTORY : PER_HISTORY + number]
            yield f"{pipeline}-{course}", History(SOMEBODY, series, never)


def of(pipeline: PipelineName, name: str, course: str, place: int = 0) -> Series:
    """Return a series three weeks apart; of every third the last was measured in another way."""
    made = [
        measurement(pipeline, name, kind, place, after=3 * number)
        for number, kind in enumerate(COURSES[course])
    ]
    if place % 3 == 1 and len(made) > 1:
        other = replace(made[-1].value, method="another")
        made[-1] = replace(made[-1], value=other)
    return Series(pipeline, biomarkers(pipeline)[name].description, made)


def measurement(
    pipeline: PipelineName, name: str, kind: str, place: int, *, after: int
) -> Measurement:
    measured = replace(value(pipeline, name, kind, place), method="1.0.0")
    at = MOMENT + timedelta(weeks=after)
    return Measurement(measured, at, uuid7(), REVIEWS[place % len(REVIEWS)])


def stroop(*effects: float) -> Sequence[Series]:
    """Return Stroop effects three weeks apart, whose retest error is known."""
    pipeline, name = PipelineName.COGNITIVE, "stroop_effect"
    made = [
        replace(point, value=replace(point.value, value=effect))
        for number, effect in enumerate(effects)
        for point in [measurement(pipeline, name, "within", 1, after=3 * number)]
    ]
    return [Series(pipeline, biomarkers(pipeline)[name].description, made)]
