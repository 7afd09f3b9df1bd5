"""Pages of a search: matches in their order, and where the next page begins."""

import binascii
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from functions.fhir.examinations.queries import Place
from functions.fhir.examinations.service import get_dossiers
from functions.fhir.resources.dossier import Dossier
from functions.fhir.resources.elements import Resource
from functions.fhir.search import CHANGED, RECORDED, SENT, Wanted
from shared.http.cursor import InvalidCursor
from shared.moment import parse_moment
from shared.record import Json

# Assessments that are read at once, and how often for one page: a rare code ends a page early.
CHUNK, MOST_CHUNKS = 20, 5


@dataclass(frozen=True)
class Matches:
    """Matches with the dossiers they are of, and where the next page begins."""

    entries: Sequence[tuple[Dossier, Resource]]
    next: Place | None

    @property
    def more(self) -> Sequence[Json] | None:
        """Where the next page begins, as it is written down."""
        if self.next is None:
            return None
        return [self.next.moment.isoformat(), str(self.next.assessment_id), self.next.skipped]


@dataclass(frozen=True)
class Kind:
    """What a search looks through: how it follows from a dossier, and which of it fits."""

    derive: Callable[[Dossier], Iterable[Resource]]
    fits: Callable[[Resource], bool] = lambda _: True


async def find(
    connection: AsyncConnection,
    base: str,
    kind: Kind,
    wanted: Wanted,
    *,
    count: int,
    place: Place | None,
) -> Matches:
    """Return at most `count` matches, from `place` on."""
    entries: list[tuple[Dossier, Resource]] = []
    for _ in range(MOST_CHUNKS):
        dossiers = await get_dossiers(connection, base, wanted, limit=CHUNK, place=place)
        for dossier in dossiers:
            skipped = place.skipped if place and place.assessment_id == _id(dossier) else 0
            derived = list(kind.derive(dossier))
            for number, resource in enumerate(derived[skipped:], start=skipped):
                if not kind.fits(resource):
                    continue
                if len(entries) == count:
                    return Matches(entries, _place(wanted, dossier, number))
                entries.append((dossier, resource))
            place = _place(wanted, dossier, len(derived))
        if len(dossiers) < CHUNK:
            return Matches(entries, None)
    return Matches(entries, place)


def _id(dossier: Dossier) -> UUID:
    return dossier.examination.id


def _place(wanted: Wanted, dossier: Dossier, skipped: int) -> Place:
    moments = {
        SENT: dossier.examination.created_at,
        RECORDED: dossier.examination.recorded_at,
        CHANGED: dossier.changed_at,
    }
    return Place(moments[wanted.order.by], _id(dossier), skipped)


def written(told: Sequence[Json]) -> str:
    """Write a place of a list as the word that a `next` link carries."""
    return urlsafe_b64encode(json.dumps(told).encode()).decode()


def told(cursor: str) -> Sequence[Any]:
    """Return what a word was written from.

    Raises
    ------
    InvalidCursor
    """
    try:
        place = json.loads(urlsafe_b64decode(cursor.encode()))
    except (ValueError, binascii.Error, RecursionError):
        raise InvalidCursor from None
    if not isinstance(place, list):
        raise InvalidCursor
    return place


def read(cursor: str | None) -> Place | None:
    """Return the assessment that a word names.

    Raises
    ------
    InvalidCursor
    """
    if cursor is None:
        return None
    try:
        moment, key, skipped = told(cursor)
        return Place(parse_moment(datetime.fromisoformat(moment)), UUID(key), abs(int(skipped)))
    except (ValueError, TypeError, AttributeError):
        raise InvalidCursor from None
