from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict

from shared.schemas import Answer

COHORT: dict[str, Any] = {
    "id": "6f1a3c5e7b9d1f3a5c7e9b1d3f5a7c9e",
    "as_of": "2026-11-27T09:31:12Z",
    "definition": {"as_of": "2026-11-27T09:31:12+00:00", "pipeline": "cardiology"},
    "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "rows": 4120,
    "people": 58,
    "assessments": 206,
    "k": 5,
    "classes_by": ["age_band", "sex", "site"],
    "suppressed": {"people": 3, "classes": 2},
    "date_shift": "Each person's days are moved back by 1 to 364, the same in every cohort.",
    "columns": [{"name": "person", "description": "Pseudonym of a person, in this cohort alone"}],
    "biomarkers": [
        {
            "name": "heart_rate",
            "unit": "/min",
            "pipeline": "cardiology",
            "description": "Mean heart rate",
            "values": 206,
            "pipeline_versions": ["1.0.0"],
            "ranges": [{"low": 60.0, "high": 100.0, "source": "somebody-1996"}],
        }
    ],
    "data": "/api/fhir/cohorts/data.csv.gz?as_of=2026-11-27T09%3A31%3A12%2B00%3A00",
}


class SuppressedRead(BaseModel):
    """Whom the table leaves out: people of classes smaller than `k`."""

    people: int
    classes: int


class ColumnRead(BaseModel):
    """A column of the table."""

    name: str
    description: str


class RangeRead(BaseModel):
    """A range that values were judged by, and who published it."""

    low: float | None
    high: float | None
    source: str | None


class BiomarkerRead(BaseModel):
    """A biomarker of the table."""

    name: str
    unit: str
    pipeline: str
    description: str
    values: int
    pipeline_versions: list[str]
    ranges: list[RangeRead]


class Dictionary(Answer):
    """What a cohort's table holds, whom it leaves out, and the hash of its text."""

    model_config = ConfigDict(json_schema_extra={"example": COHORT})

    id: str
    as_of: datetime
    definition: dict[str, Any]
    sha256: str
    rows: int
    people: int
    assessments: int
    k: int
    classes_by: list[str]
    suppressed: SuppressedRead
    date_shift: str
    columns: list[ColumnRead]
    biomarkers: list[BiomarkerRead]
    data: str
