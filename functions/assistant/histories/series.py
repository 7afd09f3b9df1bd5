"""A person's history as an explanation takes it: measures, each with its measurements in time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from uuid import UUID

from shared.examination.change import Change, Point, history_changes
from shared.pipelines import PipelineName
from shared.record import Value

MOST_MEASURES = 20  # of a person in one explanation
# Whether professionals have looked at what a history rests on.
REVIEWED, WAITING = "reviewed", "waiting"
UNREVIEWED, PARTLY = "unreviewed", "partly"


@dataclass(frozen=True)
class Measurement:
    """A value of one assessment: when it was measured, and who has looked at the assessment."""

    value: Value
    measured_at: datetime
    assessment_id: UUID
    review: str


@dataclass(frozen=True)
class Series:
    """The measurements of one biomarker, oldest first; never empty.

    `is_continued` says that the person was measured before the first of them.
    """

    pipeline: PipelineName
    description: str
    measurements: Sequence[Measurement]
    is_continued: bool = False

    @property
    def name(self) -> str:
        return self.latest.value.name

    @property
    def first(self) -> Measurement:
        return self.measurements[0]

    @property
    def latest(self) -> Measurement:
        return self.measurements[-1]

    @cached_property
    def changes(self) -> Sequence[Change]:
        """The verdict on each measurement, against the first that is comparable with it."""
        points = [
            Point(made.value.value, made.measured_at, made.value.method)
            for made in self.measurements
        ]
        return history_changes(self.name, points, measured_before=self.is_continued)

    def days_after_first(self, measurement: Measurement) -> int:
        """Return the full days since the first measurement."""
        return (measurement.measured_at - self.first.measured_at) // timedelta(days=1)


@dataclass(frozen=True)
class History:
    """A person's series, and which of the measures asked for have none.

    `left_out` says in words what the history has beyond them.
    """

    person_id: UUID
    series: Sequence[Series]
    never_measured: Sequence[str] = ()
    left_out: Sequence[str] = ()

    @property
    def pipelines(self) -> Sequence[PipelineName]:
        return tuple(dict.fromkeys(series.pipeline for series in self.series))

    @property
    def measurements(self) -> Sequence[Measurement]:
        return [made for series in self.series for made in series.measurements]

    @property
    def assessments(self) -> Sequence[UUID]:
        """The assessments that it rests on, the latest last."""
        latest = {made.assessment_id: made.measured_at for made in self.measurements}
        return sorted(latest, key=lambda key: (latest[key], key))

    @property
    def review(self) -> str:
        reviews = {made.review for made in self.measurements}
        if len(reviews) == 1:
            return reviews.pop()
        return PARTLY if REVIEWED in reviews else WAITING
