"""The cohort as CSV, and what is told of its columns and biomarkers."""

import csv
import gzip
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from io import StringIO
from typing import Any
from uuid import UUID

from functions.fhir.cohorts.anonymity import Disguise
from functions.fhir.cohorts.queries import Measured, Participant

COLUMNS = {
    "person": "Pseudonym of a person, in this cohort alone",
    "age_band": "Age at `as_of` in bands of ten years; 90+ from ninety up",
    "sex": "Sex at birth, or unknown",
    "site": "The organization that measured it",
    "assessment": "Pseudonym of an assessment, in this cohort alone",
    "recorded_on": "Day of the recording, moved back by the person's own number of days",
    "pipeline": "What measured it",
    "pipeline_version": "Its version",
    "quality_score": "Quality of the recording, 0 to 1",
    "biomarker": "What was measured: `biomarkers` has its unit and ranges",
    "value": "The value, in the unit",
    "unit": "Unit of the value, as UCUM writes it",
    "range_low": "Low end of the range that the value was judged by",
    "range_high": "High end of that range",
    "status": "The value in that range: normal, low, high, critical or unclassified",
    "confidence": "Signal quality of this measure, 0 to 1",
}


@dataclass
class Tally:
    """What the rows had of one biomarker."""

    unit: str
    pipeline: str
    description: str
    ranges: set[tuple[float | None, float | None, str | None]] = field(default_factory=set)
    versions: set[str] = field(default_factory=set)
    values: int = 0


@dataclass
class CohortTable:
    """The rows of a cohort, as they are written, and what they hold."""

    site: UUID
    disguise: Disguise
    text: StringIO = field(default_factory=lambda: StringIO(newline=""))
    biomarkers: dict[str, Tally] = field(default_factory=dict)
    people: set[str] = field(default_factory=set)
    assessments: set[str] = field(default_factory=set)
    rows: int = 0

    def __post_init__(self) -> None:
        csv.writer(self.text).writerow(COLUMNS)

    def add(self, people: Sequence[Participant], values: Iterable[Measured]) -> None:
        """Write the values of some people, in an order that tells nothing of them."""
        known = {person.user_id: person for person in people}
        rows = sorted(self._row(known[value.user_id], value) for value in values)
        csv.writer(self.text).writerows(rows)
        self.rows += len(rows)
        self.people.update(row[0] for row in rows)
        self.assessments.update(row[4] for row in rows)

    def _row(self, person: Participant, value: Measured) -> tuple[str, ...]:
        tally = self.biomarkers.setdefault(
            value.name, Tally(value.unit, value.pipeline, value.description)
        )
        tally.ranges.add((value.normal_range_min, value.normal_range_max, value.source))
        tally.versions.add(value.pipeline_version)
        tally.values += 1
        return (
            self.disguise.name(person.user_id),
            *(person.age_band, person.sex, str(self.site)),
            self.disguise.name(value.assessment_id),
            self.disguise.day(person.user_id, value.recorded_at).isoformat(),
            *(value.pipeline, value.pipeline_version, _number(value.quality_score)),
            *(value.name, repr(value.value), value.unit),
            *(_number(value.normal_range_min), _number(value.normal_range_max)),
            *(value.status, _number(value.confidence)),
        )

    @property
    def sha256(self) -> str:
        return sha256(self.text.getvalue().encode()).hexdigest()

    def packed(self) -> bytes:
        """Return the CSV as gzip, the same bytes for the same rows."""
        return gzip.compress(self.text.getvalue().encode(), mtime=0)

    def told(self) -> list[dict[str, Any]]:
        """Return the biomarkers of the table, by their names."""
        return [
            {
                "name": name,
                "unit": tally.unit,
                "pipeline": tally.pipeline,
                "description": tally.description,
                "values": tally.values,
                "pipeline_versions": sorted(tally.versions),
                "ranges": [
                    {"low": low, "high": high, "source": source}
                    for low, high, source in sorted(tally.ranges, key=str)
                ],
            }
            for name, tally in sorted(self.biomarkers.items())
        ]


def _number(value: float | None) -> str:
    return "" if value is None else repr(value)
