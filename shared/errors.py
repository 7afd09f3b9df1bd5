"""Everything MediLens refuses, as one family of exceptions.

Each carries the HTTP status and the stable `code` that callers see in the
`application/problem+json` answer. The message is for people: it says what was
wrong and what was expected, and never holds data of a patient.
"""

from http import HTTPStatus
from typing import Any, ClassVar
from uuid import UUID


class MediLensError(Exception):
    """Something MediLens refuses, with the reason in its message."""

    status: ClassVar[HTTPStatus] = HTTPStatus.INTERNAL_SERVER_ERROR
    code: ClassVar[str] = "internal"
    title: ClassVar[str] = "MediLens could not do this"
    headers: ClassVar[dict[str, str]] = {}

    @property
    def detail(self) -> str:
        return str(self)

    @property
    def answer_headers(self) -> dict[str, str]:
        return self.headers

    @property
    def members(self) -> dict[str, Any]:
        """What the answer tells beside its words (RFC 9457, 3.2), as `Problem` declares it."""
        return {}


class OurMistake(MediLensError):
    """A mistake of ours; the request's id finds it in the log."""

    code = "internal"


class UnreadableUpload(MediLensError):
    """The bytes are not a recording in a format that the pipeline reads."""

    status = HTTPStatus.UNPROCESSABLE_ENTITY
    code = "unreadable-upload"
    title = "Upload unreadable"


class UnusableRecording(MediLensError):
    """The recording was read, but nothing honest can be measured from it."""

    status = HTTPStatus.UNPROCESSABLE_ENTITY
    code = "unusable-recording"
    title = "Recording unusable"


class InvalidRequest(MediLensError):
    """A field, parameter or header is missing or makes no sense."""

    status = HTTPStatus.UNPROCESSABLE_ENTITY
    code = "invalid-request"
    title = "Request invalid"


class UploadTooLarge(MediLensError):
    """The upload is larger than a request may be."""

    status = HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    code = "upload-too-large"
    title = "Upload too large"


class RequestTooLarge(MediLensError):
    """The request is longer, beside its files, than any request has to be."""

    status = HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    code = "request-too-large"
    title = "Request too large"


class BadRequest(MediLensError):
    """The body breaks the rules of its own type, such as a form without its boundary."""

    status = HTTPStatus.BAD_REQUEST
    code = "bad-request"
    title = "Request malformed"


class MethodNotAllowed(MediLensError):
    """The path is right and the method is not; `Allow` names those that there are."""

    status = HTTPStatus.METHOD_NOT_ALLOWED
    code = "method-not-allowed"
    title = "Method not allowed"


class Unauthenticated(MediLensError):
    """The request carries no token, or one that does not verify."""

    status = HTTPStatus.UNAUTHORIZED
    code = "unauthenticated"
    title = "Sign in first"
    headers: ClassVar[dict[str, str]] = {"WWW-Authenticate": "Bearer"}


class Denied(MediLensError):
    """A record was asked for and not given: the audit trail keeps which."""

    def __init__(
        self, message: str, *, resource_type: str | None = None, resource_id: UUID | None = None
    ) -> None:
        super().__init__(message)
        self.resource_type = resource_type
        self.resource_id = resource_id


class Forbidden(Denied):
    """The signed-in person may not do this."""

    status = HTTPStatus.FORBIDDEN
    code = "forbidden"
    title = "Not allowed"


class NotFound(Denied):
    """There is no such record, or none that the caller may see."""

    status = HTTPStatus.NOT_FOUND
    code = "not-found"
    title = "Not found"


class Gone(Denied):
    """The record was deleted."""

    status = HTTPStatus.GONE
    code = "gone"
    title = "Deleted"


class Conflict(MediLensError):
    """The request contradicts what is stored."""

    status = HTTPStatus.CONFLICT
    code = "conflict"
    title = "Conflict"


class AnalysisUnfinished(Conflict):
    """The analysis has not ended: the assessment is pending or processing."""

    code = "analysis-unfinished"

    def __init__(self) -> None:
        super().__init__(
            "The analysis has not ended. Ask again when the assessment is completed or failed."
        )


class Unavailable(MediLensError):
    """A part MediLens depends on does not answer; try again soon."""

    status = HTTPStatus.SERVICE_UNAVAILABLE
    code = "unavailable"
    title = "Try again soon"
    headers: ClassVar[dict[str, str]] = {"Retry-After": "1"}
