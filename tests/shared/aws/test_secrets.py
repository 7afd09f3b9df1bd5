"""Secret settings kept by what speaks as Secrets Manager does."""

import json
import os
from collections.abc import Callable, Iterator

import httpx
import pytest

from shared import settings
from shared.aws import secrets
from shared.settings import DatabaseSettings, ServiceSettings, SettingsMissing, load

URL = "postgresql://medilens_app:p@example.neon.tech/medilens"

type Keep = Callable[[str], None]


@pytest.fixture
def keep(aws: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Keep]:
    """Keep a text as a secret and tell the functions where."""
    monkeypatch.setenv("AWS_ENDPOINT_URL_SECRETS_MANAGER", f"{aws}/")
    for name in ("MEDILENS_DATABASE_URL", "DATABASE_URL"):
        monkeypatch.delenv(name, raising=False)

    def keep(text: str) -> None:
        answer = httpx.post(
            aws,
            headers={
                "x-amz-target": "secretsmanager.CreateSecret",
                "authorization": "AWS4-HMAC-SHA256 Credential=key/20260101/us-east-1/secretsmanager"
                "/aws4_request, SignedHeaders=host, Signature=0",
            },
            json={"Name": os.urandom(8).hex(), "SecretString": text},
        )
        monkeypatch.setenv("MEDILENS_SECRET_ARN", answer.json()["ARN"])
        forget()

    def forget() -> None:
        settings.load.cache_clear()
        secrets._adopt_secret.cache_clear()

    before = dict(os.environ)
    yield keep
    for name in os.environ.keys() - before.keys():
        del os.environ[name]
    forget()


class TestKeptSettings:
    def test_a_secret_setting_is_read_from_there(self, keep: Keep) -> None:
        keep(json.dumps({"MEDILENS_DATABASE_URL": URL}))

        assert secrets.load(DatabaseSettings).database_url.get_secret_value() == URL

    def test_what_the_environment_says_goes_before(
        self, keep: Keep, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        keep(json.dumps({"MEDILENS_DATABASE_URL": URL}))
        monkeypatch.setenv("MEDILENS_DATABASE_URL", "postgresql://elsewhere/medilens")

        assert "elsewhere" in secrets.load(DatabaseSettings).database_url.get_secret_value()

    def test_starting_up_does_not_ask_for_it(
        self, keep: Keep, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        keep(json.dumps({"MEDILENS_DATABASE_URL": URL}))
        monkeypatch.setattr(secrets, "kept_settings", None)

        assert load(ServiceSettings).code_version

    @pytest.mark.parametrize("text", [URL, "[]", '"text"'])
    def test_a_secret_of_another_shape_is_refused_without_showing_it(
        self, keep: Keep, text: str
    ) -> None:
        keep(text)

        with pytest.raises(SettingsMissing, match=r"docs/deploy\.md") as refusal:
            secrets.load(DatabaseSettings)
        assert text not in str(refusal.value)

    def test_a_secret_that_is_not_there_is_refused(
        self, keep: Keep, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        keep("{}")
        monkeypatch.setenv("MEDILENS_SECRET_ARN", "arn:aws:secretsmanager:us-east-1:1:secret:none")

        with pytest.raises(SettingsMissing, match="secret:none does not hold"):
            secrets.load(DatabaseSettings)
