"""Time zones by their names in the IANA database, such as Europe/Berlin."""

from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, Field


def _zone(name: str) -> str:
    try:
        return ZoneInfo(name).key
    except (KeyError, ValueError, OSError):  # nowhere, a name with a path in it, a folder
        raise ValueError(
            "expected a time zone of the IANA database, such as Europe/Berlin"
        ) from None


TimeZone = Annotated[str, Field(max_length=64), AfterValidator(_zone)]
