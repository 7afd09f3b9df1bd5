"""A queue of SQS, polled as Lambda polls it."""

import json
from contextlib import suppress
from typing import Any
from uuid import uuid4

import boto3

from shared.http.worker import MAX_TRIES


class Queue:
    """What a worker reports as failed comes again at once, and is put aside in the end."""

    def __init__(self, url: str) -> None:
        self.sqs = boto3.client(
            "sqs",
            endpoint_url=url,
            region_name="us-east-1",
            aws_access_key_id="key",
            aws_secret_access_key="secret",
        )
        self._received: list[str] = []
        name = uuid4().hex
        self.dead = self.sqs.create_queue(QueueName=f"{name}-dead")["QueueUrl"]
        arn = self.sqs.get_queue_attributes(QueueUrl=self.dead, AttributeNames=["QueueArn"])
        redrive = {
            "deadLetterTargetArn": arn["Attributes"]["QueueArn"],
            "maxReceiveCount": MAX_TRIES,
        }
        self.url = self.sqs.create_queue(
            QueueName=name,
            Attributes={"RedrivePolicy": json.dumps(redrive), "VisibilityTimeout": "0"},
        )["QueueUrl"]

    def receive(self, url: str | None = None) -> list[dict[str, Any]]:
        """Return what waits, shaped as Lambda shapes it."""
        for handle in self._received:
            with suppress(self.sqs.exceptions.ClientError):  # deleted, or put aside
                self.sqs.change_message_visibility(
                    QueueUrl=self.url, ReceiptHandle=handle, VisibilityTimeout=0
                )
        received = self.sqs.receive_message(
            QueueUrl=url or self.url, MaxNumberOfMessages=10, AttributeNames=["All"]
        )
        self._received = [message["ReceiptHandle"] for message in received.get("Messages", [])]
        return [
            {
                "messageId": message["MessageId"],
                "receiptHandle": message["ReceiptHandle"],
                "body": message["Body"],
                "attributes": message["Attributes"],
            }
            for message in received.get("Messages", [])
        ]

    def delete(self, record: dict[str, Any]) -> None:
        self.sqs.delete_message(QueueUrl=self.url, ReceiptHandle=record["receiptHandle"])
