"""What an identity that SQL cannot forge costs a warm request.

The same requests are timed in turns: with the checks of the seals, and with readers that believe
the setting as they find it, which is what policies did before.
"""

import asyncio
from collections.abc import Mapping
from typing import Any

import asyncpg

from bench.competitors import WARM, settings_of_ours
from bench.session import Session
from bench.subjects import WARM_UP, Operation, Sample, ours
from bench.timing import TURN_S

SEAL_TARGET = 1.05
ROUNDS = 6

# The look at the keys, by which a reader or a way in decides, and what takes its place.
CHECK = r"PERFORM\s+FROM medilens\.(seal|identity)_keys[^;]*;"
NO_CHECK = "PERFORM 1;"
CHECKING = (
    "SELECT pg_get_functiondef(oid) FROM pg_proc WHERE prosrc ~ $1 AND proname <> 'renew_seal'"
)


def seals(here: Session) -> dict[str, Any]:
    """Time each operation both ways and return the least of each, in milliseconds."""
    checked = asyncio.run(_definitions(here.cluster.superuser_url))
    subject = ours(WARM, settings_of_ours(here)[WARM], here.headers(), here.assessment_id())
    samples: dict[tuple[Operation, bool], list[Sample]] = {}
    try:
        for number in range(2 * ROUNDS):
            sealed = bool(number % 2)
            asyncio.run(_define(here.cluster.superuser_url, checked, sealed=sealed))
            for operation in Operation:
                for _ in range(WARM_UP):
                    subject.run(operation)
                samples.setdefault((operation, sealed), []).extend(
                    subject.samples(operation, least=4, seconds=TURN_S)
                )
    finally:
        asyncio.run(_define(here.cluster.superuser_url, checked, sealed=True))
        subject.close()
    return {
        str(operation): {
            name: min(wall for _, wall in samples[operation, sealed])
            for name, sealed in (("believed", False), ("sealed", True))
        }
        for operation in Operation
    }


async def _definitions(url: str) -> list[str]:
    connection = await asyncpg.connect(url)
    try:
        found: list[str] = [row[0] for row in await connection.fetch(CHECKING, CHECK)]
        return found
    finally:
        await connection.close()


async def _define(url: str, checked: list[str], *, sealed: bool) -> None:
    connection = await asyncpg.connect(url)
    try:
        for definition in checked:
            believed = "SELECT regexp_replace($1, $2, $3)"
            statement = (
                definition
                if sealed
                else await connection.fetchval(believed, definition, CHECK, NO_CHECK)
            )
            await connection.execute(statement)
    finally:
        await connection.close()


def rows(found: Mapping[str, Mapping[str, float]]) -> tuple[str, list[str], list[list[str]]]:
    """The table of the terminal and of the page."""
    head = ["operation", "settings believed, least ms", "sealed, least ms", "ratio / target"]
    return (
        "An identity that SQL cannot forge, in a warm request",
        head,
        [
            [
                operation,
                f"{times['believed']:.2f}",
                f"{times['sealed']:.2f}",
                f"{times['sealed'] / times['believed']:.2f} / {SEAL_TARGET}",
            ]
            for operation, times in found.items()
        ],
    )
