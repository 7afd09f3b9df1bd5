from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from shared.schemas import Answer


class SiteNormCreate(BaseModel):
    """Which sessions a norm is to be fitted on."""

    model_config = ConfigDict(extra="forbid")

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


class SiteNormRead(Answer):
    """One norm of the organization: what it expects, from how many people, since when."""

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

    items: list[SiteNormRead]
