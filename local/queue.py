"""A queue on the laptop that speaks as much of SQS as the functions use.

It keeps its messages in memory and hands each to the worker of its function, as Lambda would:
a few times at most, and then it is a dead letter. What waits when the laptop stops is lost; an
assessment stays pending until the scheduled function gives it up.
"""

import asyncio
import json
import logging
from dataclasses import dataclass, field
from hashlib import sha256
from http import HTTPStatus
from importlib import import_module
from uuid import uuid4

from anyio.to_thread import run_sync
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from local.signatures import REGION, Refused, verify
from shared.aws.queue import addressee
from shared.aws.signing import Credentials, Signer
from shared.http.worker import MAX_TRIES, Handler

log = logging.getLogger(__name__)

# A function out of order may be mended by the next try.
PAUSE_S = 1.0


@dataclass(frozen=True)
class MemoryQueue:
    """The messages that are being worked on, and those that were given up."""

    credentials: Credentials
    pause_s: float = PAUSE_S
    dead_letters: list[str] = field(default_factory=list)
    _deliveries: set[asyncio.Task[None]] = field(default_factory=set)

    def routes(self) -> list[Route]:
        return [Route("/", self.answer, methods=["POST"])]

    async def answer(self, request: Request) -> Response:
        """Take a message from the functions; nobody else can sign one."""
        body = await request.body()
        try:
            verify(request, Signer(self.credentials, REGION, "sqs"))
        except Refused as refusal:
            return PlainTextResponse(str(refusal), HTTPStatus.FORBIDDEN)
        if request.headers.get("x-amz-content-sha256") != sha256(body).hexdigest():
            return PlainTextResponse("SignatureDoesNotMatch", HTTPStatus.FORBIDDEN)
        message_id = str(uuid4())
        delivery = asyncio.create_task(self._deliver(message_id, json.loads(body)["MessageBody"]))
        self._deliveries.add(delivery)
        delivery.add_done_callback(self._deliveries.discard)
        return JSONResponse({"MessageId": message_id})

    async def _deliver(self, message_id: str, body: str) -> None:
        worker = _worker(addressee(body))
        for tries in range(1, MAX_TRIES + 1):
            attributes = {"ApproximateReceiveCount": str(tries)}
            record = {"messageId": message_id, "body": body, "attributes": attributes}
            answer = await run_sync(worker, {"Records": [record]}, None)
            if not answer["batchItemFailures"]:
                return
            await asyncio.sleep(self.pause_s)
        self.dead_letters.append(body)
        log.error("A message was tried %d times in vain: %s", MAX_TRIES, body)


def _worker(function: str) -> Handler:
    handler: Handler = import_module(f"functions.{function}.worker").handler
    return handler
