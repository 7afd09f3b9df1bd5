from pydantic import ConfigDict

from shared.schemas import Answer


class JobReport(Answer):
    """What a job changed; nothing, where all was done already."""

    model_config = ConfigDict(json_schema_extra={"example": {"job": "partitions", "changed": []}})

    job: str
    changed: list[str]
