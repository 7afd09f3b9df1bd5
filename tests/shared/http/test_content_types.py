"""Bodies are read in the types that a route declares."""

from typing import Any

import pytest
from fastapi import Request

from shared.http.content_types import (
    FORM_TYPES,
    JSON_TYPES,
    UnsupportedMediaType,
    check_type,
)


def sent(content_type: str | None, body: bytes = b"{}") -> Request:
    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    headers = [(b"content-type", content_type.encode())] if content_type is not None else []
    return Request({"type": "http", "headers": headers}, receive)


async def refusal_of(request: Request, accepted: tuple[str, ...]) -> UnsupportedMediaType | None:
    try:
        await check_type(request, accepted)
    except UnsupportedMediaType as refusal:
        return refusal
    return None


class TestRead:
    @pytest.mark.parametrize(
        "content_type",
        [
            *("application/json", "Application/JSON; charset=utf-8", " application/json ;"),
            *("application/fhir+json", "application/merge-patch+json", "application/vnd.a.b+json"),
        ],
    )
    async def test_json_by_its_name_or_suffix(self, content_type: str) -> None:
        assert await refusal_of(sent(content_type), JSON_TYPES) is None

    @pytest.mark.parametrize(
        "content_type", ["multipart/form-data; boundary=x", "application/x-www-form-urlencoded"]
    )
    async def test_both_kinds_of_forms(self, content_type: str) -> None:
        assert await refusal_of(sent(content_type), FORM_TYPES) is None

    async def test_nothing_needs_no_type(self) -> None:
        assert await refusal_of(sent(None, b""), JSON_TYPES) is None


class TestRefused:
    @pytest.mark.parametrize(
        "content_type",
        [
            *("text/plain", "text/json", "application/xml", "application/json+xml"),
            *("application/+json", "image/svg+json", "application/a+json+zip", "json"),
            f"application/{'a' * 65}+json",
        ],
    )
    async def test_other_types_are_told_what_is_read(self, content_type: str) -> None:
        refusal = await refusal_of(sent(content_type), JSON_TYPES)
        assert refusal is not None
        assert refusal.answer_headers == {"Accept-Post": "application/json"}

    async def test_type_without_a_body_is_refused_too(self) -> None:
        assert await refusal_of(sent("text/plain", b""), JSON_TYPES) is not None

    @pytest.mark.parametrize("content_type", [None, "", "; charset=utf-8"])
    async def test_body_without_a_type(self, content_type: str | None) -> None:
        assert await refusal_of(sent(content_type), JSON_TYPES) is not None

    async def test_json_is_no_form(self) -> None:
        refusal = await refusal_of(sent("application/fhir+json"), FORM_TYPES)
        assert refusal is not None
        assert "multipart/form-data or application/x-www-form-urlencoded" in refusal.detail

    def test_one_refusal_does_not_change_another(self) -> None:
        UnsupportedMediaType("a", accepted="text/csv")
        assert UnsupportedMediaType("b").answer_headers == {}
        assert UnsupportedMediaType.headers == {}
