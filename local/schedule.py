"""The schedule of a laptop: the jobs of vercel.json, asked for over HTTP as Vercel asks."""

import json
import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import httpx

from local.home import ROOT

log = logging.getLogger(__name__)

EVERY_MINUTE = "* * * * *"
MINUTE_S = 60.0
MINUTES_OF_A_DAY = 24 * 60
# Whoever starts the stack looks at it first.
FIRST_AFTER_S = 10.0
PATIENCE_S = 120.0


def due(minute: int) -> list[str]:
    """Return the paths of the jobs of a minute after the start; at first it is all of them.

    Of cron expressions only `EVERY_MINUTE` is told from the rest, which counts as daily: the job of
    every hour runs once a day here.
    """
    crons = json.loads((ROOT / "vercel.json").read_text(encoding="utf-8"))["crons"]
    is_daily = minute % MINUTES_OF_A_DAY == 0
    return [cron["path"] for cron in crons if is_daily or cron["schedule"] == EVERY_MINUTE]


@contextmanager
def scheduled(url: str, secret: str) -> Iterator[None]:
    """Run the jobs of the stack at `url` while the body runs."""
    leaving = threading.Event()

    def run() -> None:
        pause_s, minute = FIRST_AFTER_S, 0
        while not leaving.wait(pause_s):
            for path in due(minute):
                ask(url + path, secret)
            pause_s, minute = MINUTE_S, minute + 1

    thread = threading.Thread(target=run, name="schedule", daemon=True)
    thread.start()
    try:
        yield
    finally:
        leaving.set()
        thread.join()


def ask(address: str, secret: str) -> None:
    """Have a job done; a failure is said and tried again with the next minute or day."""
    try:
        answer = httpx.get(
            address, headers={"Authorization": f"Bearer {secret}"}, timeout=PATIENCE_S
        )
        if answer.is_error:
            log.warning("%s: %s", address, answer.text)
    except httpx.TransportError as failure:
        log.warning("%s: %s", address, failure)
