"""How often a person may ask: the limit, and what the database says is left of it.

The limit counts transactions in somebody's name that a request over HTTP begins; a worker that
finishes what was asked for counts nothing.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from shared.settings import ServiceSettings, load

NOTICE = "medilens.rate "
POLICY = "person"


@dataclass
class Standing:
    """What is left to whoever asks in this request, once the database has said so."""

    burst: int
    per_s: float
    left: int | None = None

    def hear(self, notice: str) -> None:
        if NOTICE in notice:
            self.left = max(0, int(notice.rpartition(" ")[2]))

    def headers(self) -> dict[str, str]:
        """The fields of draft-ietf-httpapi-ratelimit-headers, none before anybody was let in."""
        if self.left is None:
            return {}
        seconds = round(self.burst / self.per_s)
        return {
            "ratelimit-policy": f'"{POLICY}";q={self.burst};w={seconds}',
            "ratelimit": f'"{POLICY}";r={self.left};t={round(1 / self.per_s)}',
        }


_standing: ContextVar[Standing | None] = ContextVar("standing", default=None)


def begin_request() -> Standing | None:
    """Count what is begun from here on, where there is a limit."""
    settings = load(ServiceSettings)
    standing = None
    if settings.rate_limit_burst:
        standing = Standing(settings.rate_limit_burst, settings.rate_limit_per_s)
    _standing.set(standing)
    return standing


def nobody_waits() -> None:
    """Count nothing from here on: a worker finishes what was counted when it was asked for."""
    _standing.set(None)


@contextmanager
def counted_already() -> Iterator[None]:
    """Count nothing within: a request that was let in stores what it has paid for."""
    former = _standing.set(None)
    try:
        yield
    finally:
        _standing.reset(former)


def current() -> Standing | None:
    """Return how the request stands; None where nobody waits for one."""
    return _standing.get()


def limit() -> dict[str, dict[str, float]]:
    """What a request is sealed with, so that the database knows by what to measure it."""
    standing = _standing.get()
    if standing is None:
        return {}
    return {"rate": {"burst": standing.burst, "per_s": standing.per_s}}
