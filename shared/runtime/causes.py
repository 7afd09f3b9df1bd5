"""What went wrong, by types and places."""

import traceback
from collections.abc import Iterator
from typing import Any

from shared.errors import MediLensError
from shared.settings import SettingsMissing

SHOWN_FRAMES = 8


def causes(error: BaseException) -> list[dict[str, Any]]:
    """Say what went wrong by types and places: messages not our own may quote a row."""
    return [
        {
            "type": f"{type(cause).__module__}.{type(cause).__qualname__}",
            "sqlstate": getattr(cause, "sqlstate", None),
            "at": _places(cause),
            "message": str(cause) if isinstance(cause, MediLensError | SettingsMissing) else None,
        }
        for cause in _chain(error)
    ]


def _chain(error: BaseException) -> Iterator[BaseException]:
    cause: BaseException | None = error
    while cause is not None:
        yield cause
        cause = cause.__cause__ or (None if cause.__suppress_context__ else cause.__context__)


def _places(error: BaseException) -> list[str]:
    frames = list(traceback.walk_tb(error.__traceback__))[-SHOWN_FRAMES:]
    return [f"{frame.f_code.co_filename}:{line}" for frame, line in frames]
