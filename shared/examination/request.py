"""What comes in beside a recording: whose it is, when it was made, what the visit is called."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Form, Header

from shared.errors import InvalidRequest
from shared.examination.subject import Subject, subject
from shared.moment import Moment
from shared.record import Json
from shared.schemas import SESSION_ID
from shared.text import Line

# Clocks of devices run ahead.
CLOCK_SKEW = timedelta(minutes=5)

# Among other preferences, as RFC 7240 writes them.
RESPOND_ASYNC = re.compile(r"(?:^|[,\s])respond-async(?:$|[,;\s])", re.IGNORECASE)


# More than any format has.
MAX_FILES = 32


@dataclass(frozen=True)
class AnalysisRequest:
    """Whose recording this is, and how the caller will refer to it."""

    subject_id: UUID | None
    session_id: str | None
    recorded_at: datetime
    idempotency_key: str | None
    upload_ids: tuple[UUID, ...] = ()
    respond_async: bool = False
    # The pending assessment that a worker finishes.
    assessment_id: UUID | None = None
    # The assessment of the same recording that this one is made after.
    predecessor_id: UUID | None = None
    # What a system of the clinic calls the person, in place of `subject_id`: system and value.
    subject_identifier: tuple[str, str] | None = None
    # Who says when it was recorded, for the provenance; until the file has said so, its arrival.
    moment_of: Mapping[str, Json] = MappingProxyType({"source": "request"})
    # What whoever ordered the examination calls the order; every export names it.
    order_reference: str | None = None


IdempotencyKey = Annotated[
    Line | None,
    Header(min_length=1, max_length=255, description="A repeated request is stored once"),
]
Prefer = Annotated[
    str | None,
    Header(max_length=256, description="`respond-async`: 202 at once, where there is a queue"),
]


def wants_no_answer(prefer: str | None) -> bool:
    return RESPOND_ASYNC.search(prefer or "") is not None


OrderReference = Annotated[
    Line | None,
    Form(
        min_length=1,
        max_length=64,
        description="The order it answers, such as an accession number; exports name it",
    ),
]
UploadIds = Annotated[
    list[UUID] | None, Form(description="A complete upload in place of `file`; repeatable")
]


async def analysis_request(
    person: Annotated[Subject, Depends(subject)],
    session_id: Annotated[
        str | None,
        Form(pattern=SESSION_ID, description="Groups the recordings of one visit"),
    ] = None,
    recorded_at: Annotated[
        Moment | None,
        Form(description="When the recording was made; if left out, what the file says, else now"),
    ] = None,
    order_reference: OrderReference = None,
    idempotency_key: IdempotencyKey = None,
    prefer: Prefer = None,
    upload_id: UploadIds = None,
) -> AnalysisRequest:
    now = datetime.now(UTC)
    named = upload_id or []
    if recorded_at and recorded_at > now + CLOCK_SKEW:
        raise InvalidRequest("recorded_at: lies in the future")
    if len(named) > MAX_FILES:
        raise InvalidRequest(f"upload_id: at most {MAX_FILES} files make a recording")
    # The same one twice is one file.
    uploads = tuple(dict.fromkeys(named))
    return AnalysisRequest(
        person.id,
        session_id,
        recorded_at or now,
        idempotency_key,
        uploads,
        wants_no_answer(prefer),
        subject_identifier=person.identifier,
        moment_of={"source": "request" if recorded_at else "arrival"},
        order_reference=order_reference,
    )


CurrentAnalysisRequest = Annotated[AnalysisRequest, Depends(analysis_request)]
