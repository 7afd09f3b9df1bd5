"""What encryption costs: one field against the cipher alone, and a list of people against plain.

The cipher alone takes and gives the same bytes: it makes the nonce of what it seals, and takes that
of what it opens from the envelope. Both sides of a ratio are measured in turns; the list by the
time that the function computes, for the server does the same for both.
"""

import asyncio
import math
import os
import time
import timeit
from collections.abc import Mapping
from typing import Any
from uuid import uuid4

import asyncpg

from bench.asgi import Request, app_of
from bench.competitors import PREPARED
from bench.session import Session
from bench.subjects import LISTED, READ_FROM, WARM_UP, configured
from shared.database import engine
from shared.database.encryption.envelope import (
    NONCE,
    NONCE_BYTES,
    SEALED,
    from_text,
    new_key,
    place,
)
from shared.database.encryption.texts import Texts

FIELD_TARGET, LIST_TARGET = 2.0, 1.10
# A name, and a note of some lines.
FIELDS = {"a name of 14 bytes": "Byron-Lovelace", "a note of 600 bytes": "Seen on Monday. " * 38}
# Short turns, of which some are undisturbed.
CALLS, TURNS = 200, 800
ROUNDS, RUNS = 8, 15
ACTS = (("sealing", "encrypt", "sealed"), ("opening", "decrypt", "opened"))
SURNAME = "Benchmarkson"

PLAIN = """
WITH plain AS (
    UPDATE users SET first_name = 'Ada', last_name = $2, phone = '+1 555 0100' WHERE id = ANY ($1)
) UPDATE person_keys SET wrapped = NULL, destroyed_at = now() WHERE user_id = ANY ($1)
"""
STORED = """
SELECT u.id, u.first_name, u.last_name, u.phone, k.wrapped
FROM users u JOIN person_keys k ON k.user_id = u.id WHERE u.id = ANY ($1)
"""
STORED_AGAIN = """
WITH sealed AS (
    UPDATE users SET first_name = $2, last_name = $3, phone = $4 WHERE id = $1
) UPDATE person_keys SET wrapped = $5, destroyed_at = NULL WHERE user_id = $1
"""


def encryption(here: Session) -> Mapping[str, Any]:
    """Return microseconds of each field, and milliseconds of the list both ways."""
    fields = {name: _field(text) for name, text in FIELDS.items()}
    with configured({"MEDILENS_DATABASE_URL": here.cluster.app_url} | PREPARED):
        return {"fields": fields, "list_ms": asyncio.run(_lists(here))}


def _field(text: str) -> Mapping[str, float]:
    row, organization, key = uuid4(), uuid4(), new_key()
    texts = Texts(organization, key)
    stored = texts.sealed("users", "last_name", row, text)
    assert stored is not None
    envelope = from_text(stored)
    assert envelope is not None
    where, plain = place("users", "last_name", row, organization), text.encode()
    ways = {
        "encrypt": lambda: key.cipher.encrypt(os.urandom(NONCE_BYTES), plain, where),
        "sealed": lambda: texts.sealed("users", "last_name", row, text),
        "decrypt": lambda: key.cipher.decrypt(envelope[NONCE], envelope[SEALED], where),
        "opened": lambda: texts.opened("users", "last_name", row, stored),
    }
    turns = [
        {name: timeit.timeit(way, number=CALLS) for name, way in ways.items()} for _ in range(TURNS)
    ]
    return {f"{name}_us": 1e6 * min(turn[name] for turn in turns) / CALLS for name in ways}


async def _lists(here: Session) -> Mapping[str, float]:
    app, headers = app_of("accounts"), here.headers(READ_FROM)
    asked = Request(
        "POST", "/api/accounts/patients/search", {}, headers,
        {"name_part": SURNAME, "limit": LISTED},
    )  # fmt: skip
    owner = await asyncpg.connect(here.cluster.superuser_url)
    try:
        people = [await _added(app, headers) for _ in range(LISTED)]
        stored = [tuple(row) for row in await owner.fetch(STORED, people)]
        least = {"plain": math.inf, "sealed": math.inf}
        for _ in range(ROUNDS):
            await owner.execute(PLAIN, people, SURNAME)
            least["plain"] = min(await _turn(app, asked), least["plain"])
            await owner.executemany(STORED_AGAIN, stored)
            least["sealed"] = min(await _turn(app, asked), least["sealed"])
    finally:
        await owner.close()
        await engine.current().dispose()
    return least


async def _added(app: Any, headers: Mapping[str, str]) -> str:
    body = {"first_name": "Ada", "last_name": SURNAME, "phone": "+1 555 0100"}
    asked = Request("POST", "/api/accounts/patients", {}, headers, body)
    return str((await asked.accepted_by(app)).json["id"])


async def _turn(app: Any, asked: Request) -> float:
    """Return the least that the list took of so many, in milliseconds of the function's CPU."""
    for _ in range(WARM_UP):
        assert len((await asked.accepted_by(app)).json["items"]) == LISTED
    spent = []
    for _ in range(RUNS):
        began = time.process_time()
        await asked.to(app)
        spent.append(1000 * (time.process_time() - began))
    return min(spent)


def _row(name: str, alone: float, whole: float) -> list[str]:
    ratio = f"{whole / alone:.1f} / {FIELD_TARGET}"
    return [name, f"{alone:.2f}", f"{whole:.2f}", ratio]


def rows(measured: Mapping[str, Any]) -> tuple[str, list[str], list[list[str]]]:
    """The table of the terminal and of the page."""
    listed = measured["list_ms"]
    ratio = listed["sealed"] / listed["plain"]
    return (
        "Encryption",
        ["what", "alone", "encrypted", "ratio / target"],
        [
            *(
                _row(f"{act} {name}, µs", spent[f"{alone}_us"], spent[f"{whole}_us"])
                for name, spent in measured["fields"].items()
                for act, alone, whole in ACTS
            ),
            [
                f"a list of {LISTED} people, plain, CPU ms",
                f"{listed['plain']:.2f}",
                f"{listed['sealed']:.2f}",
                f"{ratio:.2f} / {LIST_TARGET}",
            ],
        ],
    )
