"""Whether the trail is as it was sealed, by the database and by a checkpoint out of its reach."""

import json
from typing import Any

from anyio.to_thread import run_sync
from sqlalchemy.ext.asyncio import AsyncConnection

from functions.audit import queries
from functions.audit.schemas import CheckpointRead, Fault, Verification
from shared.aws import checkpoints

# Checked in about two seconds; a caller goes on from `verified_to`.
ROWS_AT_ONCE = 100_000
NOT_OURS = "checkpoint-not-signed"


async def verify(connection: AsyncConnection, after: int) -> Verification:
    """Check the organization's chain beyond a row, and hold it against the latest checkpoint.

    Raises
    ------
    Unavailable
        The place of the checkpoints does not answer.
    """
    told = await queries.verify(connection, after=after, most=ROWS_AT_ONCE)
    fault = _fault(told)
    checkpoint = await _checkpoint(connection, told["organization_id"])
    suspect = checkpoint and (checkpoint.fault or checkpoint.breaks)
    return Verification(
        organization_id=told["organization_id"],
        is_intact=not (fault or suspect),
        fault=fault,
        verified_to=told["verified_to"],
        is_complete=told["is_complete"],
        unsealed=told["unsealed"],
        unsealed_since=told["unsealed_since"],
        checkpoint=checkpoint,
    )


def _fault(told: dict[str, Any]) -> Fault | None:
    if told["fault"] is None:
        return None
    return Fault(
        code=told["fault"],
        seq=told["seq"],
        event_id=told["event_id"],
        event_at=told["event_at"],
        rows=told["faults"],
    )


async def _checkpoint(connection: AsyncConnection, organization: str) -> CheckpointRead | None:
    stored = await run_sync(checkpoints.latest) if checkpoints.are_kept() else None
    if stored is None:
        return None
    told = json.loads(checkpoints.text_of(stored))
    is_signed = await run_sync(checkpoints.is_ours, stored)
    contradictions = await queries.contradictions(connection, told["number"], told["heads"])
    fault = contradictions[0]["fault"] if contradictions else None
    heads = {head[0]: head[1] for head in told["heads"]}
    return CheckpointRead(
        number=told["number"],
        made_at=told["made_at"],
        seq=heads.get(organization),
        is_signed=is_signed,
        fault=fault if is_signed else NOT_OURS,
        breaks=[entry for entry in told["breaks"] if entry["organization_id"] == organization],
    )
