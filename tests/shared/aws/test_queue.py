"""What is said to the queue, and for whom a message of it is."""

import json
from io import BytesIO
from typing import Any

import pytest
from pydantic import ValidationError

from shared.aws import queue, requests
from shared.aws.queue import Message, addressee
from shared.caller import Caller
from tests.conftest import Configure

URL = "https://sqs.eu-central-1.amazonaws.com/123456789012/analyses"
ADA = Caller("user_ada", "org_clinic", "request", ip="192.0.2.1")


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch, configure: Configure) -> list[tuple[Any, ...]]:
    """What was asked of the service, in place of asking it."""
    told: list[tuple[Any, ...]] = []

    def call(*asked: Any) -> BytesIO:
        told.append(asked)
        return BytesIO()

    configure(queue_url=URL)
    monkeypatch.setattr(requests, "call", call)
    return told


class TestAddressee:
    def test_is_the_function_of_a_message(self) -> None:
        assert addressee(Message(function="accounts", caller=ADA).model_dump_json()) == "accounts"

    def test_pipeline_is_a_function_too(self) -> None:
        assert addressee('{"pipeline": "retinal", "assessment_id": "a"}') == "retinal"

    @pytest.mark.parametrize("body", ["{}", "", "[]", '{"function": 7}', '{"function": null}'])
    def test_message_for_nobody_is_refused(self, body: str) -> None:
        with pytest.raises(ValidationError):
            addressee(body)


class TestMessage:
    def test_comes_back_as_it_was_sent(self) -> None:
        message = Message(function="accounts", caller=ADA)
        assert Message.model_validate_json(message.model_dump_json()) == message

    def test_holds_nothing_that_is_not_declared(self) -> None:
        body = json.loads(Message(function="accounts", caller=ADA).model_dump_json())
        with pytest.raises(ValidationError, match="patient"):
            Message.model_validate_json(json.dumps(body | {"patient": "Ada"}))


class TestAsked:
    def test_message_goes_to_the_queue_at_the_root_of_its_host(self, asked: list[Any]) -> None:
        queue.send(Message(function="accounts", caller=ADA))
        ((service, method, url, headers, body),) = asked
        assert (service, method) == ("sqs", "POST")
        assert url == "https://sqs.eu-central-1.amazonaws.com/"
        assert headers == {
            "content-type": "application/x-amz-json-1.0",
            "x-amz-target": "AmazonSQS.SendMessage",
        }
        assert json.loads(body)["QueueUrl"] == URL
        assert addressee(json.loads(body)["MessageBody"]) == "accounts"

    def test_delay_names_the_message_and_the_seconds(self, asked: list[Any]) -> None:
        queue.delay("handle", 30)
        ((*_, headers, body),) = asked
        assert headers["x-amz-target"] == "AmazonSQS.ChangeMessageVisibility"
        assert json.loads(body) == {
            "QueueUrl": URL,
            "ReceiptHandle": "handle",
            "VisibilityTimeout": 30,
        }


@pytest.mark.parametrize(("url", "offered"), [(URL, True), (None, False)])
def test_deployment_has_a_queue_or_none(
    configure: Configure, url: str | None, *, offered: bool
) -> None:
    configure(queue_url=url)
    assert queue.offered() is offered
