"""Which revision of a record a caller has seen: ETag and If-Match (RFC 9110, 13.1.1)."""

import re
from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated

from fastapi import Depends, Header

from shared.errors import InvalidRequest, MediLensError

ANY = "*"
ENTITY_TAG = r'(?:W/)?"[\x21\x23-\x7e\x80-\xff]*"'
IF_MATCH = re.compile(rf"\s*(?:\*|{ENTITY_TAG}(?:\s*,\s*{ENTITY_TAG})*)\s*")


class PreconditionRequired(MediLensError):
    """The request has to say which state of the record it is about."""

    status = HTTPStatus.PRECONDITION_REQUIRED
    code = "precondition-required"
    title = "Say which state you have seen"


class PreconditionFailed(MediLensError):
    """The record is not in the state that the request is about."""

    status = HTTPStatus.PRECONDITION_FAILED
    code = "precondition-failed"
    title = "Changed meanwhile"

    def __init__(self) -> None:
        super().__init__(
            "If-Match does not name the record's present state. Read the record"
            " again, and decide anew."
        )


@dataclass(frozen=True)
class Precondition:
    """The entity tags of an If-Match header."""

    tags: frozenset[str]

    def holds(self, revision: int) -> bool:
        """Compare strongly: a weak tag is never the same."""
        return bool(self.tags & {ANY, entity_tag(revision)})


def entity_tag(revision: int) -> str:
    """Return the `ETag` of a revision, a strong one."""
    return f'"{revision}"'


async def precondition(
    if_match: Annotated[
        str | None,
        Header(max_length=1024, description="The `ETag` of the state that this is about"),
    ] = None,
) -> Precondition | None:
    if if_match is None:
        return None
    if not IF_MATCH.fullmatch(if_match):
        raise InvalidRequest('if-match: expected entity tags in quotes, such as "1"')
    tags = re.findall(ENTITY_TAG, if_match) or [ANY]
    return Precondition(frozenset(tags))


IfMatch = Annotated[Precondition | None, Depends(precondition)]
