"""A delivery of the identity provider is believed for its signature and its time."""

import time
from collections.abc import Mapping
from datetime import UTC, datetime

import pytest

from functions.accounts.webhook.signature import TOLERANCE_S, SignatureRefused, verified
from shared.outgoing.signature import new_secret, signed_headers

SECRET, OTHER = new_secret(), new_secret()
BODY = b'{"type": "user.created"}'


def headers(
    changes: Mapping[str, str] | None = None, *, age_s: float = 0, secret: str = SECRET
) -> dict[str, str]:
    signed = signed_headers("msg_1", int(time.time() - age_s), BODY, [secret])
    return signed | {f"webhook-{name}": value for name, value in (changes or {}).items()}


class TestSigned:
    def test_id_time_and_body_come_back(self) -> None:
        delivery = verified(headers(), BODY, SECRET)
        assert (delivery.id, delivery.body) == ("msg_1", BODY)
        assert abs((datetime.now(UTC) - delivery.sent_at).total_seconds()) < TOLERANCE_S

    def test_under_the_names_that_svix_sends(self) -> None:
        svix = {name.replace("webhook", "svix"): value for name, value in headers().items()}
        assert verified(svix, BODY, SECRET).id == "msg_1"

    @pytest.mark.parametrize(
        "secrets", [f"{SECRET} {OTHER}", f"{OTHER} {SECRET}"], ids=["first", "second"]
    )
    def test_by_either_secret_while_they_change(self, secrets: str) -> None:
        assert verified(headers(), BODY, secrets).id == "msg_1"

    def test_one_right_signature_among_several(self) -> None:
        right = headers()["webhook-signature"]
        assert (
            verified(headers({"signature": f"v1,AAAA v2,BBBB {right}"}), BODY, SECRET).id == "msg_1"
        )


class TestRefused:
    @pytest.mark.parametrize(
        "changes",
        [
            {"id": "msg_2"},
            {"id": ""},
            {"timestamp": ""},
            {"timestamp": "now"},
            {"timestamp": "-1"},
            {"timestamp": "1e9"},
            {"timestamp": "9" * 400},
            {"signature": ""},
            {"signature": "v1,"},
            {"signature": "v1,\u00e4"},
        ],
    )
    def test_any_part_altered(self, changes: dict[str, str]) -> None:
        with pytest.raises(SignatureRefused):
            verified(headers(changes), BODY, SECRET)

    def test_another_body(self) -> None:
        with pytest.raises(SignatureRefused):
            verified(headers(), BODY + b" ", SECRET)

    @pytest.mark.parametrize("secrets", [OTHER, ""], ids=["another", "none"])
    def test_by_no_secret_that_is_known(self, secrets: str) -> None:
        with pytest.raises(SignatureRefused):
            verified(headers(), BODY, secrets)

    @pytest.mark.parametrize("sign", [1, -1])
    def test_too_old_or_too_early(self, sign: int) -> None:
        verified(headers(age_s=sign * (TOLERANCE_S - 60)), BODY, SECRET)
        with pytest.raises(SignatureRefused):
            verified(headers(age_s=sign * (TOLERANCE_S + 60)), BODY, SECRET)

    def test_signature_of_another_version(self) -> None:
        other = headers()["webhook-signature"].replace("v1,", "v2,")
        with pytest.raises(SignatureRefused):
            verified(headers({"signature": other}), BODY, SECRET)

    def test_unsigned(self) -> None:
        with pytest.raises(SignatureRefused):
            verified({}, BODY, SECRET)
