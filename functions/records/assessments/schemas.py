from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from shared import examples
from shared.moment import Moment
from shared.pipelines import PipelineName
from shared.schemas import SESSION_ID, Answer, AssessmentSummary
from shared.vocabulary import AssessmentStatus


class AssessmentQuery(BaseModel):
    """Which assessments a list shows; a filter that is not known is refused, not left out."""

    model_config = ConfigDict(extra="forbid")

    subject_id: UUID | None = Field(
        default=None, description="The person; by default everybody within reach"
    )
    pipeline: PipelineName | None = None
    status: AssessmentStatus | None = None
    session_id: str | None = Field(default=None, pattern=SESSION_ID)
    requires_review: bool | None = Field(
        default=None, description="True: only assessments that wait for a review"
    )
    created_from: Moment | None = None
    created_to: Moment | None = None
    limit: int = Field(default=20, ge=1, le=100)
    cursor: str | None = Field(default=None, max_length=512)


class AssessmentPage(Answer):
    """One page of a list, newest first; without `next_cursor` it is the last."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"items": [examples.SUMMARY], "next_cursor": None}}
    )

    items: list[AssessmentSummary]
    next_cursor: str | None
