"""Where a list goes on: a word that fits only the caller and the filters it was made for."""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as NotBase64
from datetime import datetime
from hashlib import sha256
from http import HTTPStatus
from uuid import UUID

from shared.caller import Caller
from shared.database.repositories.assessments import Filters
from shared.errors import MediLensError


class InvalidCursor(MediLensError):
    """The cursor was made for another caller or other filters, or is none."""

    status = HTTPStatus.BAD_REQUEST
    code = "invalid-cursor"
    title = "Start from the first page"

    def __init__(self) -> None:
        super().__init__("The cursor belongs to another list. Ask for the first page again.")


def encode(created_at: datetime, assessment_id: UUID, caller: Caller, filters: Filters) -> str:
    word = [created_at.isoformat(), str(assessment_id), _fingerprint(caller, filters)]
    return urlsafe_b64encode(json.dumps(word).encode()).decode()


def decode(cursor: str, caller: Caller, filters: Filters) -> tuple[datetime, UUID]:
    """Return the place where the last page ended.

    Raises
    ------
    InvalidCursor
    """
    try:
        created_at, assessment_id, fingerprint = json.loads(urlsafe_b64decode(cursor.encode()))
        place = datetime.fromisoformat(created_at), UUID(assessment_id)
    except (ValueError, TypeError, AttributeError, NotBase64):
        raise InvalidCursor from None
    if fingerprint != _fingerprint(caller, filters) or place[0].tzinfo is None:
        raise InvalidCursor
    return place


def _fingerprint(caller: Caller, filters: Filters) -> str:
    """Row-level security keeps tenants apart; this keeps a mix-up from looking like an answer."""
    belongs_to = [caller.organization, caller.subject, *map(str, vars(filters).values())]
    return sha256(json.dumps(belongs_to).encode()).hexdigest()[:16]
