"""The facts of a person's history: values by the days between them, and verdicts on change.

As those of an assessment they hold no name, identifier, date, file name or free text.
"""

from collections.abc import Iterator, Mapping, Sequence

from functions.assistant.facts import TOLD, Draft, Facts, Kind, numbered, of_value
from functions.assistant.histories.series import History, Measurement, Series
from functions.assistant.language import Language, Voice
from shared.examination.change import Change, Verdict

# So many of the latest measurements of a measure are facts by themselves; `count` counts them all.
MOST_POINTS = 12
NEVER_MEASURED = "never-measured"
OF_POINT = ("name", "value", "unit", "position")


def facts_of_history(history: History, language: Language, voice: Voice) -> Facts:
    """Return the facts of a history, in the words of a language and a voice."""
    drafts: list[Draft] = [
        (Kind.HISTORY, "history", "measured", {"series": str(len(history.series))}),
        *(draft for series in history.series for draft in _of_series(series, language, voice)),
        *(_absence(name, language, voice) for name in history.never_measured),
        (Kind.REVIEW, "review", history.review, {}),
    ]
    return numbered(history.pipelines, drafts)


def _of_series(series: Series, language: Language, voice: Voice) -> Iterator[Draft]:
    latest = series.latest.value
    slots = dict(of_value(latest, language, voice)) | {
        "description": language.description(series.name, series.description, voice),
        "count": str(len(series.measurements)),
        "first": dict(of_value(series.first.value, language, voice))["value"],
        "later": language.days_later(series.days_after_first(series.latest)),
        **_change(series.changes[-1], language),
    }
    yield Kind.SERIES, series.name, str(latest.status), slots
    if len(series.measurements) > 1:
        yield from (
            (Kind.POINT, series.name, change.verdict.name.lower(), slots)
            for change, slots in _points(series, language, voice)
        )


def _points(
    series: Series, language: Language, voice: Voice
) -> Iterator[tuple[Change, Mapping[str, str]]]:
    made: Sequence[tuple[Measurement, Change]] = list(
        zip(series.measurements, series.changes, strict=True)
    )
    for measurement, change in made[-MOST_POINTS:]:
        told = dict(of_value(measurement.value, language, voice))
        when = language.days_later(series.days_after_first(measurement))
        if measurement is series.first:
            when = language.times["first"]
        slots = {name: told[name] for name in OF_POINT if name in told}
        yield change, {**slots, "when": when, **_verdict(change, language)}


def _change(change: Change, language: Language) -> Mapping[str, str]:
    """The verdict on the latest value, or the reason why there is none."""
    if change.verdict in {Verdict.NOT_COMPARABLE, Verdict.UNKNOWN}:
        return {"unjudged": language.unjudged[change.verdict.name.lower()]}
    return _verdict(change, language)


def _verdict(change: Change, language: Language) -> Mapping[str, str]:
    return {"verdict": language.verdicts[change.verdict]} if change.verdict in TOLD else {}


def _absence(name: str, language: Language, voice: Voice) -> Draft:
    slots = {"name": language.name(name, voice), "reason": language.reasons[NEVER_MEASURED]}
    return Kind.ABSENCE, name, NEVER_MEASURED, slots
