"""The queue between a function that accepts an analysis and the worker that makes it."""

import json
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from shared.aws import requests
from shared.caller import Caller
from shared.pipelines import PipelineName
from shared.settings import QueueSettings, load


class Message(BaseModel):
    """What is to be done, and in whose name; what was measured of whom stays in the database."""

    model_config = ConfigDict(extra="forbid")

    pipeline: PipelineName
    assessment_id: UUID
    caller: Caller


def offered() -> bool:
    """Whether this deployment has a queue."""
    return load(QueueSettings).queue_url is not None


def send(message: Message) -> None:
    """Send a message; it may arrive twice. Waits for the network: call it in a thread.

    Raises
    ------
    Unavailable
    """
    _ask("SendMessage", MessageBody=message.model_dump_json())


def delay(receipt_handle: str, delay_s: int) -> None:
    """Let a message that was received come again after `delay_s`. Waits for the network.

    Raises
    ------
    Unavailable
    """
    _ask("ChangeMessageVisibility", ReceiptHandle=receipt_handle, VisibilityTimeout=delay_s)


def _ask(operation: str, **parameters: Any) -> None:
    url = load(QueueSettings).queue_url
    assert url is not None
    headers = {
        "content-type": "application/x-amz-json-1.0",
        "x-amz-target": f"AmazonSQS.{operation}",
    }
    body = json.dumps({"QueueUrl": url, **parameters})
    endpoint = urlsplit(url)._replace(path="/").geturl()
    requests.call("sqs", "POST", endpoint, headers, body.encode()).close()
