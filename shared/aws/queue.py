"""The queue between a function that accepts what takes long and the worker that does it."""

import json
from typing import Any
from urllib.parse import urlsplit

from pydantic import AliasChoices, BaseModel, ConfigDict, Field

from shared.aws import requests
from shared.caller import Caller
from shared.settings import QueueSettings, load


class Message(BaseModel):
    """Whose worker is to do something, and in whose name; each kind adds the key of its record.

    What is known of whom stays in the database.
    """

    model_config = ConfigDict(extra="forbid", validate_by_name=True, serialize_by_alias=True)

    function: str
    caller: Caller


class _Addressed(BaseModel):
    # Messages for analyses name their pipeline, which is a function too.
    function: str = Field(validation_alias=AliasChoices("function", "pipeline"))


def addressee(body: str) -> str:
    """Return the function whose worker a message is for, of whatever kind it is."""
    return _Addressed.model_validate_json(body).function


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
