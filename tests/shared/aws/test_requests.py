"""Calls that meet a store out of order, and where credentials come from."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from shared import settings
from shared.aws import requests
from shared.aws.requests import CredentialsMissing, NotThere, RequestRefused
from shared.errors import Unavailable
from tests.shared.conftest import Answers

pytestmark = pytest.mark.usefixtures("quick")


class TestCall:
    def test_retries_a_store_that_stumbles(self, answers: type[Answers]) -> None:
        answers.statuses, answers.body = [503, 500, 200], b"here"
        with requests.call("s3", "GET", answers.url, {}) as answer:
            assert answer.read() == b"here"
        assert len(answers.received) == 3

    def test_gives_up_on_one_that_stays_down(self, answers: type[Answers]) -> None:
        answers.statuses = [503, 503, 503]
        with pytest.raises(Unavailable):
            requests.call("s3", "GET", answers.url, {})

    def test_what_is_not_there_is_asked_for_once(self, answers: type[Answers]) -> None:
        answers.statuses = [404]
        with pytest.raises(NotThere):
            requests.call("s3", "GET", answers.url, {})

    def test_refusal_is_our_mistake_and_not_repeated(self, answers: type[Answers]) -> None:
        answers.statuses = [403]
        with pytest.raises(RequestRefused, match="403"):
            requests.call("s3", "GET", answers.url, {})
        assert len(answers.received) == 1

    def test_nobody_listening_is_unavailable(self) -> None:
        with pytest.raises(Unavailable):
            requests.call("s3", "GET", "http://127.0.0.1:9/", {})


class TestCredentials:
    def test_the_roles_own_come_with_their_session(self, answers: type[Answers]) -> None:
        answers.statuses = [200]
        requests.call("s3", "GET", answers.url, {}).close()

        assert answers.received[0]["x-amz-security-token"] == "session"
        assert "Credential=role/" in answers.received[0]["authorization"]

    def test_those_of_the_settings_come_first_and_alone(
        self, answers: type[Answers], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("MEDILENS_AWS_ACCESS_KEY_ID", "own")
        monkeypatch.setenv("MEDILENS_AWS_SECRET_ACCESS_KEY", "secret")
        settings.load.cache_clear()
        answers.statuses = [200]
        requests.call("s3", "GET", answers.url, {}).close()

        assert "Credential=own/" in answers.received[0]["authorization"]
        assert "x-amz-security-token" not in answers.received[0]

    @pytest.mark.parametrize(
        ("lent", "missing"),
        [
            ({}, "AWS_ACCESS_KEY_ID"),
            ({}, "AWS_SECRET_ACCESS_KEY"),
            ({"AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://127.0.0.1:9/"}, "AWS_ACCESS_KEY_ID"),
        ],
    )
    def test_without_any_it_is_said(
        self, monkeypatch: pytest.MonkeyPatch, lent: dict[str, str], missing: str
    ) -> None:
        monkeypatch.delenv(missing)
        for name, value in lent.items():
            monkeypatch.setenv(name, value)
        with pytest.raises(CredentialsMissing, match="MEDILENS_AWS_ACCESS_KEY_ID"):
            requests.call("s3", "GET", "http://127.0.0.1:9/", {})

    def test_lender_that_is_silent_is_unavailable(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://127.0.0.1:9/")
        monkeypatch.setenv("AWS_CONTAINER_AUTHORIZATION_TOKEN", "let me in")
        with pytest.raises(Unavailable, match="lends no credentials"):
            requests.signer("s3")

    @pytest.mark.parametrize(("minutes", "asked"), [(60, 1), (4, 2)])
    def test_lent_ones_are_kept_until_they_run_out(
        self, answers: type[Answers], monkeypatch: pytest.MonkeyPatch, minutes: int, asked: int
    ) -> None:
        expires_at = datetime.now(UTC) + timedelta(minutes=minutes)
        lent = {"AccessKeyId": "lent", "SecretAccessKey": "s", "Token": "t"}
        answers.statuses = [200] * 3
        answers.body = json.dumps(
            lent | {"Expiration": f"{expires_at:%Y-%m-%dT%H:%M:%SZ}"}
        ).encode()
        monkeypatch.setenv("AWS_CONTAINER_CREDENTIALS_FULL_URI", answers.url)
        monkeypatch.setenv("AWS_CONTAINER_AUTHORIZATION_TOKEN", "let me in")

        signers = [requests.signer("s3") for _ in range(2)]

        assert {signer.credentials.access_key_id for signer in signers} == {"lent"}
        assert [entry["authorization"] for entry in answers.received] == ["let me in"] * asked
