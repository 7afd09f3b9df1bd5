"""An engine of a test's own."""

from collections.abc import AsyncIterator, Callable
from weakref import WeakKeyDictionary

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from shared import database, settings
from tests.conftest import Addresses

type Reconfigure = Callable[..., None]


@pytest.fixture
async def reconfigure(
    configured: Addresses, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Reconfigure]:
    """Set MEDILENS_ settings for one test, whose engine is made and disposed of anew."""
    engines: list[WeakKeyDictionary[object, AsyncEngine]] = []

    def change(**values: str) -> None:
        for name, value in values.items():
            monkeypatch.setenv(f"MEDILENS_{name.upper()}", value)
        settings.load.cache_clear()
        engines.append(WeakKeyDictionary())
        monkeypatch.setattr(database, "_engines", engines[-1])

    yield change
    for made in engines:
        for engine in made.values():
            await engine.dispose()
    settings.load.cache_clear()
