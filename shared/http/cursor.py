"""Where a list goes on: a word that we signed, for one caller and one set of filters alone."""

import hmac
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import datetime
from functools import cache
from hashlib import scrypt, sha256
from http import HTTPStatus

from shared.aws import secrets
from shared.caller import Caller
from shared.errors import MediLensError
from shared.moment import parse_moment
from shared.settings import DatabaseSettings

SIGNATURE_BYTES = 16
# As much as makes guessing a weak password dear; once a process (40 ms).
SCRYPT_N, SCRYPT_R, SCRYPT_P = 2**14, 8, 1


class InvalidCursor(MediLensError):
    """The cursor names no place of this list: another caller's, other filters', or made up."""

    status = HTTPStatus.BAD_REQUEST
    code = "invalid-cursor"
    title = "Start from the first page"

    def __init__(self) -> None:
        super().__init__("The cursor names no place of this list. Ask for the first page again.")


def encode(created_at: datetime, key: object, caller: Caller, filters: object) -> str:
    """Say where a page ended: at the row `key` of that time; `filters` are a dataclass."""
    place = json.dumps([created_at.isoformat(), str(key)]).encode()
    return urlsafe_b64encode(_signature(place, caller, filters) + place).decode()


def decode(cursor: str, caller: Caller, filters: object) -> tuple[datetime, str]:
    """Return the place where the last page ended.

    Raises
    ------
    InvalidCursor
    """
    try:
        word = urlsafe_b64decode(cursor.encode())
    except ValueError:
        raise InvalidCursor from None
    signature, place = word[:SIGNATURE_BYTES], word[SIGNATURE_BYTES:]
    if not hmac.compare_digest(signature, _signature(place, caller, filters)):
        raise InvalidCursor
    created_at, key = json.loads(place)
    return parse_moment(datetime.fromisoformat(created_at)), key


def _signature(place: bytes, caller: Caller, filters: object) -> bytes:
    """Row-level security keeps tenants apart; this keeps a mix-up from looking like an answer."""
    belongs_to = [caller.organization, caller.subject, *map(str, vars(filters).values())]
    signed = json.dumps(belongs_to).encode() + b"\n" + place
    address = secrets.load(DatabaseSettings).database_url.get_secret_value()
    return hmac.digest(_key(address), signed, sha256)[:SIGNATURE_BYTES]


@cache
def _key(database_address: str) -> bytes:
    """Make a key of the secret that all functions of a deployment have: the database's address."""
    return scrypt(
        database_address.encode(),
        salt=b"medilens list cursor",
        n=SCRYPT_N,
        r=SCRYPT_R,
        p=SCRYPT_P,
        dklen=32,
    )
