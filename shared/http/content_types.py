"""Types of bodies that a route reads."""

import re
from collections.abc import Sequence
from http import HTTPStatus

from fastapi import Request

from shared.errors import MediLensError

JSON_SUFFIX = re.compile(r"application/[a-z0-9.-]{1,64}\+json")

JSON_TYPES = ("application/json",)

FORM_TYPES = ("multipart/form-data", "application/x-www-form-urlencoded")


class UnsupportedMediaType(MediLensError):
    """The body is of a type, or in an encoding, that the route does not read."""

    status = HTTPStatus.UNSUPPORTED_MEDIA_TYPE
    code = "unsupported-media-type"
    title = "Type of the body not read"

    def __init__(self, detail: str, *, accepted: str | None = None) -> None:
        super().__init__(detail)
        self.headers = {"Accept-Post": accepted} if accepted else {}  # type: ignore[misc]


async def check_type(request: Request, accepted: Sequence[str]) -> None:
    given = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    # Types such as FHIR's are JSON by their suffix (RFC 6839).
    read = given in accepted or (accepted is JSON_TYPES and JSON_SUFFIX.fullmatch(given))
    if not read and (given or await request.body()):
        raise UnsupportedMediaType(
            f"Send the body as {' or '.join(accepted)}, and say so in Content-Type.",
            accepted=", ".join(accepted),
        )
