"""Events that are requests, and events that are none."""

from typing import Any

import pytest
from fastapi import FastAPI

from shared.http.invocation import is_request, lambda_handler


@pytest.mark.parametrize("event", [{"requestContext": {}}, {"requestContext": {"http": {}}}])
def test_request_has_a_context(event: Any) -> None:
    assert is_request(event)


@pytest.mark.parametrize("event", [None, [], "requestContext", {}, {"requestContext": "warm"}])
def test_anything_else_is_none(event: Any) -> None:
    assert not is_request(event)


def test_application_never_sees_an_event_that_is_no_request() -> None:
    app = FastAPI(openapi_url=None)
    told = lambda_handler(app)({"source": "aws.events"}, None)
    assert told["status"] == "ok"
    assert "API Gateway" in told["detail"]
