"""One log line a request, as JSON, without anything that identifies a patient."""

import traceback
from collections.abc import Iterator
from functools import cache
from typing import Any

from aws_lambda_powertools import Logger

from shared.errors import MediLensError
from shared.settings import SettingsMissing

SHOWN_FRAMES = 8


@cache
def logger() -> Logger:
    return Logger(service="medilens", log_uncaught_exceptions=False)


def causes(error: BaseException) -> list[dict[str, Any]]:
    """Say what went wrong by types and places: messages not our own may quote a row."""
    return [
        {
            "type": f"{type(one).__module__}.{type(one).__qualname__}",
            "sqlstate": getattr(one, "sqlstate", None),
            "at": _places(one),
            "message": str(one) if isinstance(one, MediLensError | SettingsMissing) else None,
        }
        for one in _chain(error)
    ]


def _chain(error: BaseException) -> Iterator[BaseException]:
    one: BaseException | None = error
    while one is not None:
        yield one
        one = one.__cause__ or (None if one.__suppress_context__ else one.__context__)


def _places(error: BaseException) -> list[str]:
    frames = list(traceback.walk_tb(error.__traceback__))[-SHOWN_FRAMES:]
    return [f"{frame.f_code.co_filename}:{line}" for frame, line in frames]
