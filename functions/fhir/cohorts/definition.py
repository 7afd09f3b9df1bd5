"""What a cohort is asked for by; the same definition names the same cohort."""

import json
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Annotated, Any

from fastapi import Query

from shared.errors import InvalidRequest
from shared.moment import Moment
from shared.pipelines import PipelineName
from shared.text import Line

MAX_BIOMARKERS = 64


@dataclass(frozen=True)
class Definition:
    """Which values, stored before `as_of`; None leaves a filter out."""

    as_of: datetime
    pipeline: str | None = None
    biomarkers: tuple[str, ...] | None = None
    recorded_from: datetime | None = None
    recorded_before: datetime | None = None

    def told(self) -> dict[str, Any]:
        """Return what the cohort was asked for by, as it is written down."""
        return {
            name: value.isoformat() if isinstance(value, datetime) else value
            for name, value in asdict(self).items()
            if value is not None
        }

    def parameters(self) -> dict[str, Any]:
        """Return what the query is filled in with."""
        return {
            name: list(value) if isinstance(value, tuple) else value
            for name, value in asdict(self).items()
            if value is not None
        }

    @property
    def filters(self) -> tuple[str, ...]:
        return tuple(sorted(self.parameters()))

    @property
    def hash(self) -> str:
        return sha256(json.dumps(self.told(), sort_keys=True).encode()).hexdigest()


Biomarkers = Annotated[
    list[Line] | None, Query(max_length=MAX_BIOMARKERS, description="Names; repeat it for more")
]
Bound = Annotated[Moment | None, Query(description="When it was recorded")]
AsOf = Annotated[
    Moment | None,
    Query(description="What was stored before this moment; send it again to get the same cohort"),
]


def asked(
    pipeline: PipelineName | None = None,
    biomarker: Biomarkers = None,
    recorded_from: Bound = None,
    recorded_before: Bound = None,
    as_of: AsOf = None,
) -> Definition:
    """Read a definition.

    Raises
    ------
    InvalidRequest
    """
    now = datetime.now(UTC)
    if as_of and as_of > now:
        raise InvalidRequest("as_of: lies in the future")
    if recorded_from and recorded_before and recorded_from >= recorded_before:
        raise InvalidRequest("recorded_before: lies before recorded_from")
    names = tuple(sorted(set(biomarker))) if biomarker else None
    return Definition(
        as_of or now, pipeline and str(pipeline), names, recorded_from, recorded_before
    )
