from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from shared import examples
from shared.schemas import Answer


class SiteNormCreate(BaseModel):
    """Which sessions a norm is to be fitted on."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "example": {"biomarker": "flanker_effect", "mode": "web", "task_version": "2"}
        },
    )

    biomarker: str = Field(
        pattern=r"^[a-z][a-z0-9_]{0,63}$",
        description="A score by which a task counts in its domain",
    )
    mode: Literal["web", "computer", "paper"] = Field(description="How the task was given")
    task_version: str | None = Field(
        default=None,
        pattern=r"^[vV]?[0-9][A-Za-z0-9._+-]{0,30}$",
        description="As the logs name it; null for logs that name none",
    )


class Terms(Answer):
    """The regression's coefficients; ages and school years in decades from their centers."""

    intercept: float
    age: float
    age_squared: float
    male: float
    education: float


NORM: dict[str, Any] = {
    "id": "0199b0f4-9c55-7a31-b2d4-5e6f70819203",
    "biomarker": "flanker_effect",
    "task_version": "2",
    "mode": "web",
    "pipeline_version": "1.0.0",
    "sample_size": 64,
    "coefficients": {
        "intercept": 41.2,
        "age": 2.1,
        "age_squared": 0.3,
        "male": -1.4,
        "education": -0.8,
    },
    "residual_sd": 18.5,
    "age_min_years": 19.0,
    "age_max_years": 78.0,
    "age_center_years": 44.5,
    "education_center_years": 13.2,
    "created_by": examples.CLINICIAN,
    "created_at": "2026-11-27T09:30:00Z",
}


class SiteNormRead(Answer):
    """One norm of the organization: what it expects, from how many people, since when."""

    model_config = ConfigDict(json_schema_extra={"example": NORM})

    id: UUID
    biomarker: str
    task_version: str | None
    mode: str
    pipeline_version: str
    sample_size: int
    coefficients: Terms
    residual_sd: float
    age_min_years: float
    age_max_years: float
    age_center_years: float
    education_center_years: float
    created_by: UUID
    created_at: datetime


class SiteNorms(Answer):
    """All norms of the organization, the newest first."""

    model_config = ConfigDict(json_schema_extra={"example": {"items": [NORM]}})

    items: list[SiteNormRead]
