"""Whom a recording is of: by our id, or by an identifier of the clinic's."""

from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from fastapi import Form

from shared.errors import InvalidRequest
from shared.text import Line

# The system has no blank, and neither part a bar: the bar stands between them.
IDENTIFIER = r"^[^|\s]{1,200}\|[^|\s](?:[^|]{0,98}[^|\s])?$"


@dataclass(frozen=True)
class Subject:
    """The person examined, by our id or by an identifier of the clinic's."""

    id: UUID | None
    identifier: tuple[str, str] | None


async def subject(
    subject_id: Annotated[
        UUID | None, Form(description="The person examined; by default the caller")
    ] = None,
    subject_identifier: Annotated[
        Line | None,
        Form(
            pattern=IDENTIFIER,
            max_length=301,
            description="The person by an identifier of the clinic's: its system, `|`, its value",
        ),
    ] = None,
) -> Subject:
    if subject_identifier is None:
        return Subject(subject_id, None)
    if subject_id:
        raise InvalidRequest("subject_identifier: the person is named by subject_id already")
    system, _, value = subject_identifier.partition("|")
    return Subject(None, (system, value))
