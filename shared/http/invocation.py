"""What Lambda invokes: HTTP events go to the application, warm-ups and test events are answered."""

from collections.abc import Callable
from typing import Any

from fastapi import FastAPI
from mangum import Mangum

type Handler = Callable[[Any, Any], dict[str, Any]]


def lambda_handler(app: FastAPI) -> Handler:
    """Return what Lambda invokes for an application.

    A schedule that keeps it warm and the console's test button send events of their own, which
    are no requests and no failures either.
    """
    answer = Mangum(app, lifespan="off")

    def invoke(event: Any, context: Any) -> dict[str, Any]:
        if not is_request(event):
            return idle("an HTTP event of API Gateway")
        response: dict[str, Any] = answer(event, context)
        return response

    return invoke


def is_request(event: Any) -> bool:
    """Whether an event is one of API Gateway's."""
    return isinstance(event, dict) and isinstance(event.get("requestContext"), dict)


def idle(expected: str) -> dict[str, Any]:
    """Answer an event that asks for nothing: the function has started, that is all."""
    return {"status": "ok", "detail": f"Nothing was done: this function expects {expected}."}
