"""Whether a function is alive, and whether its database answers."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Annotated, Any

from fastapi import APIRouter, Query

from shared.database import sign_of_life
from shared.database.sign_of_life import SignOfLife
from shared.errors import Unavailable
from shared.health import Health

# Anybody may ask, so that the database is asked at most this often, whoever asks how often.
ASK_AGAIN_AFTER_S = 5.0


@dataclass
class Pulse:
    """The database's last sign of life, and who is waiting for the next."""

    ask: Callable[[], Awaitable[SignOfLife]]
    asked_at: float = float("-inf")
    failure: Unavailable | None = None
    told: SignOfLife = field(default_factory=SignOfLife)
    _asking: asyncio.Task[None] | None = None

    async def feel(self) -> SignOfLife:
        """Wait for the answer that is due, or repeat the last.

        Raises
        ------
        Unavailable
        """
        if time.monotonic() - self.asked_at >= ASK_AGAIN_AFTER_S:
            # One question for all who wait; whoever leaves does not end it for the others.
            if self._asking is None or self._asking.done() or self._is_of_another_loop():
                self._asking = asyncio.create_task(self._ask())
            await asyncio.shield(self._asking)
        if self.failure:
            raise self.failure
        return self.told

    def _is_of_another_loop(self) -> bool:
        return self._asking is None or self._asking.get_loop() is not asyncio.get_running_loop()

    async def _ask(self) -> None:
        try:
            self.told = await self.ask()
            self.failure = None
        except Unavailable as failure:
            self.failure = failure
        self.asked_at = time.monotonic()


def _told(function: str, told: SignOfLife) -> Health:
    known: dict[str, Any] = {"jobs": told.jobs, "sealing": told.sealing}
    if told.drift:
        known["drift"] = told.drift
    return Health(
        function=function,
        status="ok",
        database="drifted" if told.drift else "ok",
        altered_records=told.altered_records,
        **known,
    )


def health_routes(function: str) -> APIRouter:
    """Return the route that says whether the process is alive and, asked `deep`, the database."""
    router = APIRouter(tags=["health"])
    pulse = Pulse(sign_of_life.ping)

    @router.get(
        "/health",
        summary="Whether the function runs and, with deep=1, whether its database answers",
        response_model_exclude_unset=True,
    )
    async def health(deep: Annotated[bool, Query()] = False) -> Health:
        if not deep:
            return Health(function=function, status="ok", database=None)
        told = await pulse.feel()
        return _told(function, told)

    return router
