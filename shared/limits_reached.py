"""Requests and analyses beyond what a person or an organization may have."""

from http import HTTPStatus

from shared.errors import MediLensError


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
