"""The audit trail of a test's organization: sealed, and tampered with as its owner could."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID

import asyncpg

from functions.maintenance import service
from functions.maintenance.service import Job
from local.prove.chain import REWIND
from tests.conftest import Clinic

# Recorded with triggers that refuse it; whoever owns the database switches them off.
AS_OWNER = "SET LOCAL session_replication_role = replica"


async def organization_id(auditor: asyncpg.Connection, clinic: Clinic) -> UUID:
    key: UUID = await auditor.fetchval(
        "SELECT id FROM organizations WHERE identity_organization = $1", clinic.identity
    )
    return key


async def seal_all() -> None:
    while (await service.run(Job.SEALING)).changed:
        pass


@asynccontextmanager
async def tampered(
    auditor: asyncpg.Connection, statement: str, *values: object
) -> AsyncIterator[None]:
    """Run the body where the owner has done this to the trail; afterwards it is as before."""
    transaction = auditor.transaction()
    await transaction.start()
    try:
        await auditor.execute(AS_OWNER)
        await auditor.execute(statement, *values)
        yield
    finally:
        await transaction.rollback()


async def remove_tail(auditor: asyncpg.Connection, ours: UUID, rows: int) -> None:
    """Remove the last rows with their seals, and let the head say so."""
    last = "SELECT seq FROM medilens.audit_heads WHERE organization_id = $1"
    remaining = await auditor.fetchval(last, ours) - rows
    await auditor.execute(
        "DELETE FROM audit_events WHERE id IN (SELECT event_id FROM medilens.audit_seals"
        " WHERE organization_id = $1 AND seq > $2)",
        ours,
        remaining,
    )
    await auditor.execute(
        "DELETE FROM medilens.audit_seals WHERE organization_id = $1 AND seq > $2", ours, remaining
    )
    await auditor.execute(REWIND, ours)
