"""Signatures that any receiver of Standard Webhooks can verify."""

import hmac
from base64 import b64decode, b64encode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.outgoing.signature import new_secret, signature, signed_headers

# The example of the specification (standard-webhooks, spec/standard-webhooks.md).
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
KEY, SENT_AT, BODY = "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}'


def headers(body: bytes = BODY, secrets: tuple[str, ...] = (SECRET,)) -> dict[str, str]:
    return signed_headers(KEY, SENT_AT, body, secrets)


def test_example_of_the_specification() -> None:
    assert headers() == {
        "webhook-id": KEY,
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }


class TestSignature:
    @settings(max_examples=25)
    @given(st.binary(max_size=64), st.binary(min_size=24, max_size=64))
    def test_key_is_what_the_secret_encodes(self, signed: bytes, key: bytes) -> None:
        secret = "whsec_" + b64encode(key).decode()
        expected = hmac.digest(key, signed, "sha256")
        assert b64decode(signature(secret, signed)) == expected

    def test_body_is_signed_byte_for_byte(self) -> None:
        assert headers(BODY)["webhook-signature"] != headers(BODY + b" ")["webhook-signature"]

    def test_time_and_id_are_signed_too(self) -> None:
        told = {
            signed_headers(key, sent_at, BODY, [SECRET])["webhook-signature"]
            for key, sent_at in ((KEY, SENT_AT), (KEY, SENT_AT + 1), (KEY + "a", SENT_AT))
        }
        assert len(told) == 3


class TestRotation:
    def test_each_secret_that_is_good_now_signs(self) -> None:
        other = new_secret()
        signatures = headers(secrets=(SECRET, other))["webhook-signature"].split(" ")
        alone = [headers(secrets=(secret,))["webhook-signature"] for secret in (SECRET, other)]
        assert signatures == alone


class TestNewSecret:
    def test_is_of_the_kind_that_libraries_take(self) -> None:
        secret = new_secret()
        assert secret.startswith("whsec_")
        assert len(b64decode(secret.removeprefix("whsec_"), validate=True)) == 32

    def test_every_secret_is_another(self) -> None:
        assert len({new_secret() for _ in range(50)}) == 50


@pytest.mark.parametrize("secrets", [(), (SECRET, SECRET)])
def test_headers_are_the_same_however_many_sign(secrets: tuple[str, ...]) -> None:
    named = {"webhook-id", "webhook-timestamp", "webhook-signature"}
    assert headers(secrets=secrets).keys() == named
