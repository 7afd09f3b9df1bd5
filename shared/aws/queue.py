"""The queue between a function that accepts an analysis and the worker that makes it."""

import json
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
    url = load(QueueSettings).queue_url
    assert url is not None
    body = json.dumps({"QueueUrl": url, "MessageBody": message.model_dump_json()})
    headers = {
        "content-type": "application/x-amz-json-1.0",
        "x-amz-target": "AmazonSQS.SendMessage",
    }
    endpoint = urlsplit(url)._replace(path="/").geturl()
    requests.call("sqs", "POST", endpoint, headers, body.encode()).close()
