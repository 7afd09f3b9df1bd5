"""Signatures are those that AWS's own library makes."""

from datetime import UTC, datetime
from hashlib import sha256
from unittest.mock import patch
from urllib.parse import parse_qsl, urlsplit

import pytest
from botocore import auth, credentials
from botocore.awsrequest import AWSRequest
from hypothesis import given
from hypothesis import strategies as st

from shared.aws.signing import Credentials, Signer

AT = datetime(2026, 11, 22, 16, 30, 5, tzinfo=UTC)
URL = "https://recordings.s3.eu-central-1.amazonaws.com/0190-a/0190-b"
KEYS = [("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", None), ("A", "b", "to/ken==")]

values = st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), min_size=1, max_size=40)
headers = st.dictionaries(st.from_regex(r"x-amz-[a-z]{1,12}", fullmatch=True), values, max_size=5)


def botocore_url(
    keys: tuple[str, str, str | None], sent: dict[str, str], expires_s: int
) -> dict[str, str]:
    request = AWSRequest("PUT", URL, headers=sent)
    signer = auth.S3SigV4QueryAuth(
        credentials.Credentials(*keys), "s3", "eu-central-1", expires=expires_s
    )
    with patch("botocore.auth.get_current_datetime", return_value=AT.replace(tzinfo=None)):
        signer.add_auth(request)
    return dict(parse_qsl(urlsplit(request.url).query))


class TestUrl:
    @pytest.mark.parametrize("keys", KEYS)
    @given(sent=headers, expires_s=st.integers(1, 604_800))
    def test_any_request_has_the_signature_of_botocore(
        self, keys: tuple[str, str, str | None], sent: dict[str, str], expires_s: int
    ) -> None:
        url = Signer(Credentials(*keys), "eu-central-1", "s3").url("PUT", URL, sent, expires_s, AT)

        assert dict(parse_qsl(urlsplit(url).query)) == botocore_url(keys, sent, expires_s)

    def test_another_size_type_or_hash_has_another_signature(self) -> None:
        signer = Signer(Credentials("A", "b"), "eu-central-1", "s3")
        values = {"content-length": "10", "content-type": "image/png", "x-amz-checksum-sha256": "x"}

        signatures = {signer.url("PUT", URL, values, 60, AT)} | {
            signer.url("PUT", URL, values | {name: "11"}, 60, AT) for name in values
        }

        assert len(signatures) == 4


class TestHeaders:
    @pytest.mark.parametrize("keys", KEYS)
    @pytest.mark.parametrize(
        ("service", "signer_of_botocore"), [("s3", auth.S3SigV4Auth), ("sqs", auth.SigV4Auth)]
    )
    @given(sent=headers, body=st.binary(max_size=50))
    def test_any_request_has_the_signature_of_botocore(
        self,
        keys: tuple[str, str, str | None],
        service: str,
        signer_of_botocore: type[auth.SigV4Auth],
        sent: dict[str, str],
        body: bytes,
    ) -> None:
        digest = sha256(body).hexdigest()
        url = "https://sqs.eu-central-1.amazonaws.com/"
        request = AWSRequest(
            "POST", url, headers=sent | {"x-amz-content-sha256": digest}, data=body
        )
        with patch("botocore.auth.get_current_datetime", return_value=AT.replace(tzinfo=None)):
            signer_of_botocore(credentials.Credentials(*keys), service, "eu-central-1").add_auth(
                request
            )

        signed = Signer(Credentials(*keys), "eu-central-1", service).headers(
            "POST", url, sent, digest, AT
        )

        assert signed["authorization"] == request.headers["Authorization"]

    def test_no_secret_shows_in_a_repr(self) -> None:
        assert "hidden" not in repr(Signer(Credentials("A", "hidden", "hidden"), "r", "s3"))
