"""The audit trail's seals, and the checkpoints that nobody in the database can rewrite."""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from anyio.to_thread import run_sync
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.aws import checkpoints
from shared.database.repositories.schedule import work

# Sealed in about a second; what is left over comes with the next run.
ROWS_AT_ONCE = 50_000
FORMAT = "medilens audit checkpoint 1"
# A break is told by every checkpoint after it: so many, and no checkpoint grows without end.
MAX_BREAKS = 1_000

type Told = Mapping[str, Any]


async def seal(connection: AsyncConnection) -> list[str]:
    """Number and chain the rows that no older one can come before any more."""
    (number,) = await work(connection, "seal_audit", most=ROWS_AT_ONCE)
    return [f"{number} rows sealed"] if number else []


async def keep_checkpoint(connection: AsyncConnection) -> list[str]:
    """Sign how far each chain has come, and keep that elsewhere; nothing new, no checkpoint.

    The one before is held against the chains first. Where they differ, this checkpoint and all
    that follow say so: a chain that its owner has rewritten does not become right by waiting.

    Raises
    ------
    Unavailable
    """
    (state,) = await work(connection, "audit_checkpoint")
    if not (state.pop("is_due") and checkpoints.are_kept()):
        return []
    stored = await run_sync(checkpoints.latest)
    before = json.loads(json.loads(stored)["checkpoint"]) if stored else None
    breaks = await _breaks(connection, before) if before else []
    number = max(state["number"], before["number"] if before else 0) + 1
    now = datetime.now(UTC)
    told = {
        **state,
        "format": FORMAT,
        "number": number,
        "made_at": now.isoformat(),
        "previous": sha256(stored).hexdigest() if stored else None,
        "breaks": breaks[-MAX_BREAKS:],
    }
    name = f"{now:%Y-%m-%dT%H-%M-%SZ}-{number:09}"
    content = await run_sync(checkpoints.keep, name, json.dumps(told))
    digest = sha256(content).hexdigest()
    await work(connection, "note_checkpoint", number=number, sealed=state["sealed"], hash=digest)
    return [f"checkpoint {number}"]


async def _breaks(connection: AsyncConnection, before: Told) -> Sequence[Told]:
    """What earlier checkpoints said of breaks, and what the chains now contradict."""
    number = before["number"]
    contradictions = await work(
        connection, "audit_contradictions", number=number, heads=before["heads"]
    )
    return [*before["breaks"], *({**told, "checkpoint": number} for told in contradictions)]
