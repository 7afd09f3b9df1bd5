"""The other way into a function: messages of its queue instead of requests."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, NotRequired, TypedDict

from shared import notices, rates
from shared.aws import queue
from shared.aws.queue import Message
from shared.database import engine
from shared.errors import Unavailable
from shared.outgoing import send_just_written
from shared.runtime import garbage
from shared.runtime.observability import FailuresLogged, log_failure
from shared.setting_check import check_settings
from shared.settings import Settings

# What a moment's outage failed comes again within seconds, and a database that is away for a
# quarter of an hour is back for the last try. A worker that is killed leaves its message to the
# queue's own timeout.
RETRY_AFTER_S = (5, 30, 180, 900)
# After this many the queue puts a message aside (its maxReceiveCount).
MAX_TRIES = len(RETRY_AFTER_S) + 1


# A message as SQS hands it to Lambda; who sends one by hand may have no handle of it.
class Delivery(TypedDict):
    messageId: str
    body: str
    attributes: dict[str, str]
    receiptHandle: NotRequired[str]


# What Lambda invokes with a batch of messages, answered with those that are to come again.
type Handler = Callable[[dict[str, Any], object], dict[str, Any]]


@dataclass(frozen=True)
class Task[Kind: Message]:
    """What is done with the messages of one kind, which may arrive twice.

    Attributes
    ----------
    kind : type
        The form of its messages.
    work : callable
        Does what a message asks for, in the caller's name. What it raises is tried again.
    give_up : callable
        Ends what was tried in vain for the last time; it is told what failed.
    """

    kind: type[Kind]
    work: Callable[[Kind], Awaitable[None]]
    give_up: Callable[[Kind, Exception], Awaitable[None]]


def queue_handler[Kind: Message](task: Task[Kind], *own_settings: type[Settings]) -> Handler:
    """Return what Lambda invokes with messages: it says which ones are to come again.

    Raises
    ------
    SettingsMissing
    """
    check_settings(*own_settings)

    def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
        # The console's test button and schedules that keep it warm bring no message.
        return asyncio.run(_handle(event.get("Records", []), task))

    garbage.take_up()
    return handler


async def _handle[Kind: Message](
    deliveries: Sequence[Delivery], task: Task[Kind]
) -> dict[str, list[dict[str, str]]]:
    rates.nobody_waits()
    failed = []
    for delivery in deliveries:
        with FailuresLogged(message_id=delivery["messageId"]):  # none takes others with it
            await _work(delivery, task)
            continue
        failed.append({"itemIdentifier": delivery["messageId"]})
        await _delay(delivery)
    await engine.current().dispose()  # its loop ends here
    return {"batchItemFailures": failed}


async def _work[Kind: Message](delivery: Delivery, task: Task[Kind]) -> None:
    message = task.kind.model_validate_json(delivery["body"])
    heard = notices.begin_request()
    try:
        await task.work(message)
    except Exception as failure:
        if _tries(delivery) >= MAX_TRIES:
            await task.give_up(message, failure)
        raise
    finally:
        await send_just_written(heard.messages)


async def _delay(delivery: Delivery) -> None:
    """Ask for the message sooner than the queue's timeout; where that fails, it comes then."""
    tries, handle = _tries(delivery), delivery.get("receiptHandle")
    if tries < MAX_TRIES and handle is not None:
        try:
            await asyncio.to_thread(queue.delay, handle, RETRY_AFTER_S[tries - 1])
        except Unavailable as failure:
            log_failure(failure, message_id=delivery["messageId"])


def _tries(delivery: Delivery) -> int:
    return int(delivery["attributes"]["ApproximateReceiveCount"])
