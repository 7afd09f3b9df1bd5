"""Published ranges of biomarkers, and the circumstances that they hold in."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from shared.biomarkers import BiomarkerStatus
from shared.vocabulary import Sex


@dataclass(frozen=True)
class ReferenceRange:
    """A published range of one biomarker; a missing limit is open.

    `source` is a key of the method card's `sources`, `population` says whom it was taken from.
    """

    low: float | None
    high: float | None
    source: str
    population: str
    critical_low: float | None = None
    critical_high: float | None = None

    def status(self, value: float) -> BiomarkerStatus:
        """Return where a value lies; a critical limit comes before a reference limit."""
        if _is_below(value, self.critical_low) or _is_above(value, self.critical_high):
            return BiomarkerStatus.CRITICAL
        if _is_below(value, self.low):
            return BiomarkerStatus.LOW
        if _is_above(value, self.high):
            return BiomarkerStatus.HIGH
        return BiomarkerStatus.NORMAL


def _is_below(value: float, limit: float | None) -> bool:
    return limit is not None and value < limit


def _is_above(value: float, limit: float | None) -> bool:
    return limit is not None and value > limit


@dataclass(frozen=True)
class Circumstances:
    """What decides whether a range holds: the person, the task, the length of the recording."""

    sex: Sex | None = None
    age_years: float | None = None
    task: str | None = None
    duration_s: float = 0.0


@dataclass(frozen=True)
class Norm:
    """A reference range and the circumstances it holds in; None and 0 stand for any.

    An age that is not known is taken for one within `min_age_years` and `max_age_years`: the
    range's population says whom it was taken from.
    """

    range: ReferenceRange
    sex: Sex | None = None
    min_age_years: float = 0.0
    max_age_years: float = float("inf")
    task: str | None = None
    min_duration_s: float = 0.0

    def holds_in(self, given: Circumstances) -> bool:
        """Return whether the range was published for such circumstances."""
        age_fits = (
            given.age_years is None or self.min_age_years <= given.age_years <= self.max_age_years
        )
        return (
            self.sex in (None, given.sex)
            and age_fits
            and self.task in (None, given.task)
            and given.duration_s >= self.min_duration_s
        )


type Norms = Mapping[str, Sequence[Norm]]


def reference_range(norms: Norms, name: str, given: Circumstances) -> ReferenceRange | None:
    """Return the first range of the biomarker that holds in the circumstances, if there is one."""
    held = (norm.range for norm in norms.get(name, ()) if norm.holds_in(given))
    return next(held, None)
