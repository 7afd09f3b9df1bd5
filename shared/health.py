"""How a function, its database, the schedule and the trail's seals stand."""

from datetime import datetime
from typing import Literal

from pydantic import ConfigDict, Field

from shared.schemas import Answer


class JobHealth(Answer):
    """When a job of the schedule last succeeded, and whether the next time is overdue."""

    job: str
    succeeded_at: datetime | None
    is_late: bool


class SealingHealth(Answer):
    """How the audit trail's seals stand: a row waits for a minute or two, and late is late.

    `unsealed` is counted up to 1,000; `checkpoint` is the number of the last one.
    """

    era: int
    sealed: int
    unsealed: int
    unsealed_since: datetime | None
    is_late: bool
    checkpoint: int
    is_checkpoint_due: bool


class Health(Answer):
    model_config = ConfigDict(
        json_schema_extra={"example": {"function": "records", "status": "ok", "database": None}}
    )

    function: str
    status: Literal["ok"]
    database: Literal["ok", "drifted"] | None
    # In which respects the database's role is not as the migrations left it.
    drift: list[str] = Field(default=[])
    # The schedule's jobs, as the database knows them.
    jobs: list[JobHealth] = Field(default=[])
    sealing: SealingHealth | None = None
    # Assessments that were found changed behind the API, and not mended since.
    altered_records: int = 0
