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
    """What the request says beside its files is longer than anything there is to say."""

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


class PersonMerged(Conflict):
    """The person was registered twice, and the other record stands for both."""

    code = "person-merged"

    def __init__(self, survivor: UUID) -> None:
        super().__init__(
            "This person was registered twice: person_ids names the record that stands for both."
            " Send that as subject_id."
        )
        self.survivor = survivor

    @property
    def members(self) -> dict[str, Any]:
        return {"person_ids": [self.survivor]}


class PersonErased(Conflict):
    """The person was erased, or is deleted and will be: nothing is written of them any more."""

    code = "person-erased"

    def __init__(self) -> None:
        super().__init__(
            "This person was erased, or is deleted and will be. Nothing is written of them any"
            " more."
        )


class TooManyRequests(MediLensError):
    """The person asks more often than anybody may; `Retry-After` says when to ask again."""

    status = HTTPStatus.TOO_MANY_REQUESTS
    code = "too-many-requests"
    title = "Ask less often"

    def __init__(self, wait_s: int) -> None:
        super().__init__(f"You have asked too often. Ask again in {wait_s} s.")
        self.wait_s = wait_s

    @property
    def answer_headers(self) -> dict[str, str]:
        return {"Retry-After": str(self.wait_s)}


class QuotaUsedUp(TooManyRequests):
    """The organization has had as many analyses today as its own settings allow."""

    code = "quota-used-up"
    title = "Nothing more today"

    def __init__(self, most: int, zone: str, wait_s: int) -> None:
        hours, minutes = divmod(wait_s // 60, 60)
        MediLensError.__init__(
            self,
            f"The organization's quota is used up: analyses_per_day in its settings is {most}. Its"
            f" next day begins in {hours} h {minutes} min, by the time zone {zone}.",
        )
        self.most, self.wait_s = most, wait_s

    @property
    def answer_headers(self) -> dict[str, str]:
        return {
            "Retry-After": str(self.wait_s),
            "RateLimit-Policy": f'"analyses";q={self.most};w=86400',
            "RateLimit": f'"analyses";r=0;t={self.wait_s}',
        }


class Unavailable(MediLensError):
    """A part MediLens depends on does not answer; try again soon."""

    status = HTTPStatus.SERVICE_UNAVAILABLE
    code = "unavailable"
    title = "Try again soon"
    headers: ClassVar[dict[str, str]] = {"Retry-After": "1"}
