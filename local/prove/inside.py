"""A laptop's database from inside: as the functions, as the owner, and as the owner's other roles.

Whatever is changed to try something is taken back by the transaction it was changed in, so that the
people of the stack notice nothing.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import asdict, replace
from typing import Any
from uuid import UUID

import asyncpg
import jwt

from functions.maintenance import service
from functions.maintenance.service import Job
from local.prove.attacks import NotTried
from local.prove.stand import Organization, Stand
from shared import rates
from shared.caller import Caller
from shared.database import transaction
from shared.permissions import Permission, RoleName

# The owner's roles that look past row-level security, and what each sees.
SEES_RECORDS, SEES_TRAIL, SEES_IDENTITIES = (
    "medilens_keeper",
    "medilens_audit",
    "medilens_identity",
)
REQUEST = "prove-inside"
# A row is sealed once every transaction that is older has ended.
MOST_SEALINGS, SEALING_PAUSE_S = 40, 0.25


def caller(home: Organization, role: RoleName, **told: Any) -> Caller:
    """Return whom the functions would name for a token of the person of a role."""
    claims = jwt.decode(home.tokens[role], options={"verify_signature": False, "verify_aud": False})
    return replace(Caller(claims["sub"], home.identity, REQUEST), **told)


@asynccontextmanager
async def as_owner(stand: Stand) -> AsyncIterator[asyncpg.Connection]:
    """Connect as whoever owns the database, who is no superuser."""
    assert stand.databases is not None
    driver = await asyncpg.connect(stand.databases.direct_url)
    try:
        yield driver
    finally:
        await driver.close()


@asynccontextmanager
async def as_functions(stand: Stand) -> AsyncIterator[asyncpg.Connection]:
    """Connect with the password of the functions' role, and nothing else of theirs."""
    assert stand.databases is not None
    driver = await asyncpg.connect(stand.databases.app_url)
    try:
        yield driver
    finally:
        await driver.close()


@asynccontextmanager
async def entered(
    driver: asyncpg.Connection,
    known: Caller,
    permission: Permission = Permission.VIEW_ASSESSMENTS,
) -> AsyncIterator[asyncpg.Connection]:
    """Run the body in a request's own transaction, as an injected statement runs; take it back."""
    asked = {**asdict(known), **rates.limit(), "permission": permission, "read_only": False}
    await driver.execute(transaction.entering("enter", "request", **asked))
    try:
        yield driver
    finally:
        await driver.execute("ROLLBACK")


@asynccontextmanager
async def changed(
    owner: asyncpg.Connection, *changes: str, role: str | None = None
) -> AsyncIterator[asyncpg.Connection]:
    """Run the body after the owner's changes, perhaps as one of the owner's roles; take it back."""
    opened = owner.transaction()
    await opened.start()
    try:
        for statement in changes:
            await owner.execute(statement)
        if role:
            await owner.execute(f"SET LOCAL ROLE {role}")
        yield owner
    finally:
        await opened.rollback()


async def outcome(driver: asyncpg.Connection, sql: str, *values: object) -> str:
    """Return what became of a statement in a transaction: its tag, or the SQLSTATE."""
    await driver.execute("SAVEPOINT outcome")
    try:
        return str(await driver.execute(sql, *values))
    except asyncpg.PostgresError as refusal:
        return refusal.sqlstate or type(refusal).__name__
    finally:
        await driver.execute("ROLLBACK TO outcome")


async def organization_id(owner: asyncpg.Connection, home: Organization) -> UUID:
    """Return which key the database has for an organization of the stand."""
    async with changed(owner, role=SEES_RECORDS):
        key = await owner.fetchval(
            "SELECT id FROM organizations WHERE identity_organization = $1", home.identity
        )
    assert isinstance(key, UUID)
    return key


async def words(owner: asyncpg.Connection, stand: Stand, role: RoleName) -> Mapping[str, str]:
    """Return the names that statements of an attacker speak of: both organizations, two people."""
    month = await owner.fetchval("SELECT to_char(now() AT TIME ZONE 'UTC', 'YYYY_MM')")
    return {
        "ours": str(await organization_id(owner, stand.ours)),
        "theirs": str(await organization_id(owner, stand.theirs)),
        "me": str(await stand.ours.person(role)),
        "them": str(await stand.theirs.person(RoleName.PATIENT)),
        "name": stand.theirs.identity,
        "mac": "\\x" + "11" * 32,
        "month": month,
    }


async def seal_trail(owner: asyncpg.Connection, home: UUID) -> None:
    """Seal all rows of an organization; what is written at that moment is waited for."""
    for _ in range(MOST_SEALINGS):
        await service.run(Job.SEALING)
        if not await owner.fetchval("SELECT unsealed FROM medilens.unsealed_of($1)", home):
            return
        await asyncio.sleep(SEALING_PAUSE_S)
    raise NotTried("The trail cannot be sealed while another transaction writes for so long.")
