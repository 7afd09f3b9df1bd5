"""How fast the audit trail is sealed and verified, and what a create costs with its audit."""

import asyncio
import time
from collections.abc import Mapping
from typing import Any

from bench.cluster import connected
from bench.competitors import WARM, settings_of_ours
from bench.seals import computed_ms
from bench.session import Session
from bench.subjects import Operation, ours

SEALED_ROWS, ORGANIZATIONS = 50_000, 20
ROUNDS = 8

# About as long as the rows of a request are: who, from where, with what, which record.
ADD_ROWS = """
    INSERT INTO audit_events (organization_id, user_id, actor_type, actor_role, actor_ip,
        user_agent, request_id, action, resource_type, resource_id, subject_id, outcome,
        phi_accessed, details)
    SELECT ('00000000-0000-7000-8000-' || lpad((n % $2)::text, 12, '0'))::uuid, gen_random_uuid(),
        'user', 'clinician', '192.0.2.7', repeat('agent ', 20), gen_random_uuid()::text, 'read',
        'assessments', gen_random_uuid(), gen_random_uuid(), 'success', true, '{"rows": 1}'
    FROM generate_series(1, $1) n
"""
VERIFY = "SELECT count(v.fault) FROM medilens.audit_heads h, LATERAL medilens.verify_chain("
VERIFY += "h.organization_id, 0, 1000000) v"
AUDITED = "ALTER TABLE assessments {} TRIGGER audit_insert"


def trail(here: Session) -> Mapping[str, Any]:
    """Return rows per second of a sealer and a verifier, and a create in turns with and without."""
    sealed = asyncio.run(_sealed(here.cluster.superuser_url))
    return {**sealed, "create_ms": _creates(here)}


async def _sealed(url: str) -> Mapping[str, float]:
    async with connected(url) as connection:
        while await connection.fetchval("SELECT medilens.seal_audit(100000)"):
            pass
        await connection.execute(ADD_ROWS, SEALED_ROWS, ORGANIZATIONS)
        began = time.perf_counter()
        number = await connection.fetchval("SELECT medilens.seal_audit($1)", SEALED_ROWS)
        sealed_s = time.perf_counter() - began
        rows = await connection.fetchval("SELECT count(*) FROM medilens.audit_seals")
        began = time.perf_counter()
        faults = await connection.fetchval(VERIFY)
        verified_s = time.perf_counter() - began
    return {
        "sealed": number,
        "sealed_per_s": number / sealed_s,
        "verified": rows,
        "verified_per_s": rows / verified_s,
        "faults": faults,
    }


def _creates(here: Session) -> dict[str, float]:
    """What client and server compute for a create, in turns with its audit row and without."""
    url = here.cluster.superuser_url
    subject = ours(WARM, settings_of_ours(here)[WARM], here.headers(), here.assessment_id())
    least: dict[str, float] = {}
    try:
        for _ in range(ROUNDS):
            for name, change in (("without", "DISABLE"), ("audited", "ENABLE")):
                asyncio.run(_change(url, AUDITED.format(change)))
                turn = computed_ms(url, subject, Operation.CREATE)
                least[name] = min(turn, least.get(name, turn))
    finally:
        asyncio.run(_change(url, AUDITED.format("ENABLE")))
        subject.close()
    return least


async def _change(url: str, statement: str) -> None:
    async with connected(url) as connection:
        await connection.execute(statement)


def rows(measured: Mapping[str, Any]) -> tuple[str, list[str], list[list[str]]]:
    """The table of the terminal and of the page."""
    create = measured["create_ms"]
    return (
        "The audit trail",
        ["what", "measured"],
        [
            [
                f"sealed, {ORGANIZATIONS} organizations at once",
                f"{measured['sealed_per_s']:,.0f} rows/s ({measured['sealed']:,} rows)",
            ],
            [
                "verified from the first row",
                f"{measured['verified_per_s']:,.0f} rows/s ({measured['verified']:,} rows)",
            ],
            ["a create without its audit, CPU ms", f"{create['without']:.2f}"],
            ["a create with its audit, CPU ms", f"{create['audited']:.2f}"],
        ],
    )
