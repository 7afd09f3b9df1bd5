from pydantic import BaseModel, ConfigDict, Field

from shared.text import Prose


class ReviewCreate(BaseModel):
    """A professional's sign-off."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"example": {"note": "read by hand"}}
    )

    note: Prose | None = Field(default=None, max_length=4000)
