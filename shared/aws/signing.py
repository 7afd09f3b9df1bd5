"""AWS Signature Version 4: what is sent to a store or a queue, signed by four HMACs."""

import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

ALGORITHM = "AWS4-HMAC-SHA256"
UNSIGNED_PAYLOAD = "UNSIGNED-PAYLOAD"
MOMENT = "%Y%m%dT%H%M%SZ"


@dataclass(frozen=True)
class Credentials:
    access_key_id: str
    secret_access_key: str = field(repr=False)
    session_token: str | None = field(default=None, repr=False)


@dataclass(frozen=True)
class Signer:
    """Signs what is sent to one service of one region."""

    credentials: Credentials
    region: str
    service: str

    def headers(
        self, method: str, url: str, headers: Mapping[str, str], payload_sha256: str, at: datetime
    ) -> dict[str, str]:
        """Return `headers` with those that carry the signature."""
        sent = _lowered(headers) | {
            "host": urlsplit(url).netloc,
            "x-amz-date": at.strftime(MOMENT),
            "x-amz-content-sha256": payload_sha256,
        }
        if self.credentials.session_token:
            sent["x-amz-security-token"] = self.credentials.session_token
        signature = self._signature(_canonical(method, url, sent, payload_sha256), at)
        sent["authorization"] = (
            f"{ALGORITHM} Credential={self._credential(at)},"
            f" SignedHeaders={_names(sent)}, Signature={signature}"
        )
        return sent

    def url(
        self, method: str, url: str, headers: Mapping[str, str], expires_s: int, at: datetime
    ) -> str:
        """Return an address that allows one request: this method, with exactly these headers."""
        sent = _lowered(headers) | {"host": urlsplit(url).netloc}
        query = {
            "X-Amz-Algorithm": ALGORITHM,
            "X-Amz-Credential": self._credential(at),
            "X-Amz-Date": at.strftime(MOMENT),
            "X-Amz-Expires": str(expires_s),
            "X-Amz-SignedHeaders": _names(sent),
        }
        if self.credentials.session_token:
            query["X-Amz-Security-Token"] = self.credentials.session_token
        unsigned = f"{url}{'&' if '?' in url else '?'}{urlencode(query, quote_via=quote)}"
        signature = self._signature(_canonical(method, unsigned, sent, UNSIGNED_PAYLOAD), at)
        return f"{unsigned}&X-Amz-Signature={signature}"

    def _credential(self, at: datetime) -> str:
        return f"{self.credentials.access_key_id}/{self._scope(at)}"

    def _scope(self, at: datetime) -> str:
        return f"{at:%Y%m%d}/{self.region}/{self.service}/aws4_request"

    def _signature(self, canonical: str, at: datetime) -> str:
        digest = sha256(canonical.encode()).hexdigest()
        text = "\n".join([ALGORITHM, at.strftime(MOMENT), self._scope(at), digest])
        key = f"AWS4{self.credentials.secret_access_key}".encode()
        for part in (*self._scope(at).split("/"), text):
            key = hmac.digest(key, part.encode(), "sha256")
        return key.hex()


def _canonical(method: str, url: str, headers: Mapping[str, str], payload_sha256: str) -> str:
    parts = urlsplit(url)
    query = sorted(parse_qsl(parts.query, keep_blank_values=True))
    return "\n".join(
        [
            method,
            parts.path or "/",
            urlencode(query, quote_via=quote, safe="-_.~"),
            *(f"{name}:{' '.join(headers[name].split())}" for name in sorted(headers)),
            "",
            _names(headers),
            payload_sha256,
        ]
    )


def _names(headers: Mapping[str, str]) -> str:
    return ";".join(sorted(headers))


def _lowered(headers: Mapping[str, str]) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}
