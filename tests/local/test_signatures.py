"""A request is believed by a signature over all of it, and for as long as it says."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from urllib.parse import urlsplit

import pytest
from starlette.requests import Request

from local.signatures import REGION, REQUEST_LIFETIME, Refused, verify
from shared.aws.signing import Credentials, Signer

SIGNER = Signer(Credentials("local", "secret"), REGION, "s3")
URL = "http://store.test/recordings/a/b"
DATED = "X-Amz-Date=20261122T163000Z"
BODY = sha256(b"a").hexdigest()


def request(
    url: str = URL, headers: Mapping[str, str] | None = None, method: str = "PUT"
) -> Request:
    parts = urlsplit(url)
    sent = {"host": parts.netloc, **(headers or {})}
    return Request(
        {
            "type": "http",
            "method": method,
            "scheme": parts.scheme,
            "path": parts.path,
            "query_string": parts.query.encode(),
            "headers": [(name.encode(), value.encode()) for name, value in sent.items()],
            "server": (parts.hostname, 80),
        }
    )


def now() -> datetime:
    return datetime.now(UTC)


def by_headers(at: datetime, **more: str) -> dict[str, str]:
    return SIGNER.headers("PUT", URL, more, BODY, at)


class TestHeaders:
    def test_signed_request_is_believed(self) -> None:
        verify(request(headers=by_headers(now())), SIGNER)

    @pytest.mark.parametrize("name", ["x-amz-date", "x-amz-content-sha256", "authorization"])
    def test_without_a_part_it_is_not(self, name: str) -> None:
        headers = by_headers(now())
        del headers[name]
        with pytest.raises(Refused):
            verify(request(headers=headers), SIGNER)

    @pytest.mark.parametrize(
        ("name", "value"),
        [("x-amz-content-sha256", "0" * 64), ("host", "evil.test"), ("content-type", "text/html")],
    )
    def test_another_value_of_what_was_signed_is_not(self, name: str, value: str) -> None:
        headers = by_headers(now(), **{"content-type": "audio/wav"}) | {name: value}
        with pytest.raises(Refused):
            verify(request(headers=headers), SIGNER)

    def test_header_that_was_not_signed_takes_no_part(self) -> None:
        verify(request(headers=by_headers(now()) | {"user-agent": "curl"}), SIGNER)

    @pytest.mark.parametrize("method", ["GET", "DELETE"])
    def test_another_method_is_not(self, method: str) -> None:
        with pytest.raises(Refused, match="SignatureDoesNotMatch"):
            verify(request(headers=by_headers(now()), method=method), SIGNER)

    @pytest.mark.parametrize("url", [f"{URL}c", f"{URL}?uploads=", "https://store.test:81/b"])
    def test_another_address_is_not(self, url: str) -> None:
        headers = {name: it for name, it in by_headers(now()).items() if name != "host"}
        with pytest.raises(Refused, match="SignatureDoesNotMatch"):
            verify(request(url, headers), SIGNER)

    def test_request_of_yesterday_is_not(self) -> None:
        late = now() - REQUEST_LIFETIME - timedelta(seconds=2)
        with pytest.raises(Refused, match="expired"):
            verify(request(headers=by_headers(late)), SIGNER)

    def test_request_of_some_minutes_ago_is_believed(self) -> None:
        verify(request(headers=by_headers(now() - REQUEST_LIFETIME / 2)), SIGNER)

    @pytest.mark.parametrize("value", ["", "Bearer abc", "AWS4-HMAC-SHA256 Credential=a"])
    def test_other_authorizations_are_not_read(self, value: str) -> None:
        with pytest.raises(Refused, match="not signed"):
            verify(request(headers={"authorization": value}), SIGNER)


class TestAddress:
    def signed(self, at: datetime, expires_s: int = 900, method: str = "PUT") -> str:
        return SIGNER.url(method, URL, {"content-type": "audio/wav"}, expires_s, at)

    def test_signed_address_is_believed(self) -> None:
        verify(request(self.signed(now()), {"content-type": "audio/wav"}), SIGNER)

    def test_its_life_is_the_one_that_it_says(self) -> None:
        at, headers = now() - timedelta(seconds=60), {"content-type": "audio/wav"}
        verify(request(self.signed(at, 90), headers), SIGNER)
        with pytest.raises(Refused, match="expired"):
            verify(request(self.signed(at, 30), headers), SIGNER)

    def test_header_that_it_names_has_to_come(self) -> None:
        with pytest.raises(Refused, match="SignatureDoesNotMatch"):
            verify(request(self.signed(now())), SIGNER)

    def test_more_of_a_query_is_another_address(self) -> None:
        with pytest.raises(Refused, match="SignatureDoesNotMatch"):
            verify(request(f"{self.signed(now())}&partNumber=2"), SIGNER)

    @pytest.mark.parametrize(
        ("query", "told"),
        [
            ("X-Amz-Signature=0", "no date"),
            ("X-Amz-Signature=0&X-Amz-Date=20261122T163000Z", "QueryParametersError"),
            ("X-Amz-Signature=0&X-Amz-Date=20261122T163000Z&X-Amz-Expires=1e3", "Parameters"),
            (
                "X-Amz-Signature=0&X-Amz-Date=20261122T163000Z&X-Amz-Expires=" + "9" * 20,
                "Parameters",
            ),
        ],
    )
    def test_half_an_address_is_told_as_such(self, query: str, told: str) -> None:
        with pytest.raises(Refused, match=told):
            verify(request(f"{URL}?{query}"), SIGNER)
