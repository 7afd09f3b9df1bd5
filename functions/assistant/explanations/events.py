"""An explanation as server-sent events: what is being done, then each sentence that is stored.

A sentence is told once it was verified and stored, under an id that says what it belongs to: those
of `pending` are the template's, and those of `complete` are read in their place. Whoever comes back
with the last id that they heard (`Last-Event-ID`) hears what follows it.
"""

import asyncio
import json
import re
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Self
from uuid import UUID

from functions.assistant.explanations import asking
from functions.assistant.explanations.asking import Question
from functions.assistant.explanations.schemas import ExplanationRead, Status
from functions.assistant.explanations.service import get_finished
from shared.caller import Caller
from shared.database import transaction
from shared.errors import MediLensError
from shared.permissions import Permission
from shared.runtime.observability import log_failure

MEDIA_TYPE = "text/event-stream"
# How often a pending explanation is looked at, by whoever streams and by whoever asks again.
LOOK_AGAIN_S = 2
HEARTBEAT_S = 5.0
# So many streams of a caller wait in a process; a further one is told to come back at once.
MOST_WAITING = 4
# A stream ends after this, and whoever reads it comes back: no connection is held for nobody.
MOST_S = 60.0
HEARTBEAT = ": nothing new\n\n"
COME_BACK = f"retry: {LOOK_AGAIN_S * 1000}\n\n"
ASKING = "asking"
DOING = {
    ASKING: "A language model is asked. Each of its sentences is verified before it is told.",
    Status.PENDING: "These are the template's sentences. A language model's may replace them.",
    Status.COMPLETE: "This is what the explanation says for good.",
}
EXAMPLE = (
    'id: complete-1\nevent: sentence\ndata: {"name": "measure", "text": "Your heart rate was 74.1'
    ' per minute.", "form": "Your {F1.name} was {F1.value} {F1.unit}.", "facts": ["F1"]}\n\n'
)
# What goes on though whoever asked for it has left.
_RUNNING: set[asyncio.Task[ExplanationRead]] = set()
# How many streams of each caller wait.
_WAITING: Counter[tuple[str, str]] = Counter()


@dataclass(frozen=True)
class Heard:
    """The last sentence that somebody heard: under which status, and its place from 1."""

    status: str | None = None
    place: int = 0

    @classmethod
    def of(cls, last_event_id: str | None) -> Self:
        """Read a `Last-Event-ID`; whoever sends another's hears everything."""
        known = re.fullmatch(r"(pending|complete)-([0-9]{1,4})", last_event_id or "")
        return cls(known[1], int(known[2])) if known else cls()

    def before(self, status: Status, place: int) -> bool:
        """Whether a sentence follows what was heard."""
        return self.status != status or self.place < place


def asked(caller: Caller, question: Question, *, most_s: float) -> AsyncIterator[str]:
    """Ask a model, and return what tells of it; it is asked and stored though nobody listens."""
    task = asyncio.create_task(asking.ask(caller, question))
    _RUNNING.add(task)
    task.add_done_callback(_ended)
    return _awaited(caller, question.draft.id, task, most_s=most_s)


async def _awaited(
    caller: Caller, explanation_id: UUID, task: asyncio.Task[ExplanationRead], *, most_s: float
) -> AsyncIterator[str]:
    yield _event("status", {"id": str(explanation_id), "status": ASKING, "detail": DOING[ASKING]})
    while not task.done():
        await asyncio.wait({task}, timeout=HEARTBEAT_S)
        if not task.done():
            yield HEARTBEAT
    try:
        read = task.result()
    except MediLensError as refusal:
        yield _refused(refusal)
        return
    async for event in followed(caller, Permission.CHAT, read, Heard(), most_s=most_s):
        yield event


async def followed(
    caller: Caller, permission: Permission, read: ExplanationRead, heard: Heard, *, most_s: float
) -> AsyncIterator[str]:
    """Tell an explanation that was read, and what a model's words make of it within `most_s`."""
    for event in _told(read, heard):
        yield event
    if read.status is Status.PENDING:
        with _waiting(caller) as may_wait:
            until_s = asyncio.get_running_loop().time() + (most_s if may_wait else 0)
            async for event in _looked_for(caller, permission, read, heard, until_s=until_s):
                yield event
    else:
        yield _done(read)


async def _looked_for(
    caller: Caller, permission: Permission, read: ExplanationRead, heard: Heard, *, until_s: float
) -> AsyncIterator[str]:
    finished = None
    while finished is None:
        if asyncio.get_running_loop().time() >= until_s:
            yield COME_BACK
            return
        await asyncio.sleep(LOOK_AGAIN_S)
        yield HEARTBEAT
        try:
            async with transaction.begin(caller, permission, read_only=True) as connection:
                finished = await get_finished(connection, read.id)
        except MediLensError as refusal:
            yield _refused(refusal)
            return
    for event in _told(finished, heard):
        yield event
    yield _done(finished)


@contextmanager
def _waiting(caller: Caller) -> Iterator[bool]:
    """Count a stream of a caller while it waits; says whether it may."""
    key = caller.organization, caller.subject
    _WAITING[key] += 1
    try:
        yield _WAITING[key] <= MOST_WAITING
    finally:
        _WAITING[key] -= 1
        if not _WAITING[key]:
            del _WAITING[key]


def _told(read: ExplanationRead, heard: Heard) -> Iterator[str]:
    status = read.status
    yield _event("status", {"id": str(read.id), "status": status, "detail": DOING[status]})
    for place, sentence in enumerate(read.sentences, start=1):
        if heard.before(status, place):
            yield _event("sentence", sentence.model_dump(mode="json"), f"{status}-{place}")


def _done(read: ExplanationRead) -> str:
    return _event("done", {"id": str(read.id), "engine": read.engine, "why": read.why_template})


def _refused(refusal: MediLensError) -> str:
    told = {"code": refusal.code, "title": refusal.title, "status": refusal.status}
    return _event("problem", told | {"detail": refusal.detail})


def _event(name: str, data: Mapping[str, Any], key: str | None = None) -> str:
    """One event: JSON holds no line break, so its data is one line."""
    line = f"id: {key}\n" if key else ""
    return f"{line}event: {name}\ndata: {json.dumps(data)}\n\n"


def _ended(task: asyncio.Task[ExplanationRead]) -> None:
    _RUNNING.discard(task)
    if not task.cancelled() and (failure := task.exception()):
        log_failure(failure)
