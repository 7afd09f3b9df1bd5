from datetime import UTC, datetime
from typing import Any

import pytest

from shared.database.repositories.exports import ExpiredExport
from shared.health import JobHealth, SealingHealth
from shared.identifiers import uuid7

AT = datetime(2026, 11, 27, 9, 30, tzinfo=UTC)
TOLD: dict[str, Any] = {"era": 1, "sealed": 5, "unsealed": 2, "checkpoint": 3}
STATES = {"is_late": False, "is_checkpoint_due": True}


@pytest.mark.parametrize(("told", "at"), [(AT.isoformat(), AT), (None, None)])
def test_a_job_that_never_succeeded_has_no_time(told: str | None, at: datetime | None) -> None:
    state = JobHealth.model_validate({"job": "seal", "succeeded_at": told, "is_late": True})
    assert (state.job, state.succeeded_at, state.is_late) == ("seal", at, True)


@pytest.mark.parametrize(("told", "at"), [(AT.isoformat(), AT), (None, None)])
def test_nothing_unsealed_waits_since_never(told: str | None, at: datetime | None) -> None:
    state = SealingHealth.model_validate({**TOLD, **STATES, "unsealed_since": told})
    assert state.unsealed_since == at
    assert (state.is_late, state.is_checkpoint_due) == (False, True)


@pytest.mark.parametrize("files", [0, 1, 3])
def test_an_expired_export_names_each_of_its_files_once(files: int) -> None:
    export = ExpiredExport(uuid7(), uuid7(), files)
    keys = list(export.storage_keys())
    assert len(set(keys)) == files
    assert all(f"/{export.organization_id}/{export.id}/" in key for key in keys)
