"""Lists of who was erased, beside the audit trail's checkpoints: a restored backup has them not.

Each list is numbered, signed as checkpoints are, and never written again; the newest is stored a
second time by that name. All of this waits for the network: call it in a thread.
"""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from shared.aws import checkpoints
from shared.errors import Unavailable

FORMAT = "medilens erasures 1"
FOLDER = "erasures"
NEWEST = f"{FOLDER}/newest.json"

type People = Sequence[Sequence[str]]
"""Organization and person, by their ids."""


def after(known: int) -> Sequence[tuple[int, People]]:
    """Return the lists beyond a number, each with its own.

    Raises
    ------
    Unavailable
        The place does not answer, a list is missing, or one is not signed with our key.
    """
    stored = checkpoints.read(NEWEST)
    newest = _opened(stored, NEWEST)["number"] if stored else 0
    return [(number, _people_of(number)) for number in range(known + 1, newest + 1)]


def _people_of(number: int) -> People:
    place = _place(number)
    stored = checkpoints.read(place)
    if stored is None:
        raise Unavailable(f"The list of erased people {place} is missing beside the checkpoints.")
    people: People = _opened(stored, place)["people"]
    return people


def keep(number: int, people: People) -> None:
    """Sign a list and store it.

    Raises
    ------
    Unavailable
    """
    told = {
        "format": FORMAT,
        "number": number,
        "made_at": datetime.now(UTC).isoformat(),
        "people": people,
    }
    checkpoints.write((_place(number), NEWEST), json.dumps(told))


def _place(number: int) -> str:
    return f"{FOLDER}/{number:09}.json"


def _opened(stored: bytes, place: str) -> dict[str, Any]:
    if not checkpoints.is_ours(stored):
        raise Unavailable(f"The list of erased people {place} is not signed with our key.")
    told: dict[str, Any] = json.loads(checkpoints.text_of(stored))
    return told
