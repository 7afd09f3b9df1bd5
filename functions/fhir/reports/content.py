"""What stands in a report of one assessment: words and figures, laid out by nobody yet."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

# Said once in every report.
NO_DIAGNOSIS = (
    "Measurements and screening flags computed by software, for a professional to review: not a"
    " diagnosis."
)


@dataclass(frozen=True)
class Head:
    """Who issues the report: the organization, what it wants to stand there, and its logo.

    `logo` is a `data:` address.
    """

    organization: str
    lines: tuple[str, ...] = ()
    logo: str | None = None


@dataclass(frozen=True)
class Entry:
    """A label and what it stands for."""

    label: str
    words: str


@dataclass(frozen=True)
class Row:
    """One measured value as people read it.

    `flag` is empty where the value lies in its range or has none; `source` is the number of the
    citation at the foot; `interval` is where the true value lies with 95 % confidence.
    """

    label: str
    value: str
    unit: str
    reference: str
    population: str
    flag: str
    source: int | None
    interval: str = ""
    change: str = ""


@dataclass(frozen=True)
class Group:
    """Values of one category."""

    label: str
    rows: tuple[Row, ...]


@dataclass(frozen=True)
class Reason:
    """Why some measures are absent."""

    measures: tuple[str, ...]
    detail: str


@dataclass(frozen=True)
class Figure:
    """A picture as SVG, with the width and height it was drawn at in mm, or None where in pixels.

    A sheet takes a page of its own, at true scale.
    """

    svg: str
    alt: str
    caption: str
    size_mm: tuple[float, float] | None
    is_sheet: bool = False


@dataclass(frozen=True)
class Signature:
    """A professional's sign-off."""

    name: str
    signed_at: str
    note: str | None


@dataclass(frozen=True)
class Proof:
    """How a reader convinces themselves that the page says what is stored."""

    record_url: str
    record_sha256: str
    input_sha256: str | None

    @property
    def statements(self) -> tuple[str, ...]:
        """Return how to check it, in sentences."""
        record = (
            f"This page is made from the record at {self.record_url}, whose answer, byte for byte,"
            f" has SHA-256 {self.record_sha256}."
        )
        recording = f"The recording has SHA-256 {self.input_sha256}." if self.input_sha256 else ""
        return tuple(filter(None, (record, recording)))


@dataclass(frozen=True)
class Report:
    """A report of one assessment, or of one person over time.

    Without a place for them (None) there are no signatures; `verification` is in sentences.
    """

    language: str
    title: str
    status: str
    head: Head
    name: str
    person: tuple[Entry, ...]
    about: tuple[Entry, ...]
    findings: tuple[Entry, ...]
    groups: tuple[Group, ...]
    absent: tuple[Reason, ...]
    remarks: tuple[str, ...]
    figures: tuple[Figure, ...]
    signatures: tuple[Signature, ...] | None
    method: tuple[Entry, ...]
    citations: tuple[str, ...]
    verification: tuple[str, ...]
    as_of: datetime
    disclaimer: str = NO_DIAGNOSIS
    # Pictures that stand side by side, sheets apart.
    figures_abreast: int = 2

    @property
    def rows(self) -> Sequence[Row]:
        return [row for group in self.groups for row in group.rows]
