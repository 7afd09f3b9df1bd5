"""Secret settings kept by what speaks as Secrets Manager does."""

import json
import os
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Protocol

import asyncpg
import httpx
import pytest

from local.postgres import EmbeddedPostgres
from shared import settings
from shared.aws import secrets
from shared.database import engine, sign_of_life
from shared.errors import Unavailable
from shared.settings import (
    DatabasePool,
    DatabaseSettings,
    IdentitySettings,
    ServiceSettings,
    SettingsMissing,
    load,
)
from tests.conftest import IDENTITY_KEY, Addresses
from tests.shared.conftest import Reconfigure

URL = "postgresql://medilens_app:p@example.neon.tech/medilens"

type Keep = Callable[[str], None]


def held(configured: Addresses, key: str) -> str:
    """What the secret holds, with a key that seals requests."""
    return json.dumps({"MEDILENS_DATABASE_URL": configured.app, "MEDILENS_IDENTITY_KEY": key})


class Rotate(Protocol):
    async def __call__(self, *, in_the_secret: bool) -> None: ...


def ask_secrets_manager(url: str, operation: str, **parameters: str) -> dict[str, str]:
    answer = httpx.post(
        url,
        headers={
            "x-amz-target": f"secretsmanager.{operation}",
            "authorization": "AWS4-HMAC-SHA256 Credential=key/20260101/us-east-1/secretsmanager"
            "/aws4_request, SignedHeaders=host, Signature=0",
        },
        json=parameters,
    )
    told: dict[str, str] = answer.raise_for_status().json()
    return told


@pytest.fixture
def keep(aws: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Keep]:
    """Keep a text as a secret and tell the functions where."""
    monkeypatch.setenv("AWS_ENDPOINT_URL_SECRETS_MANAGER", f"{aws}/")
    for name in ("MEDILENS_DATABASE_URL", "DATABASE_URL"):
        monkeypatch.delenv(name, raising=False)

    def keep(text: str) -> None:
        made = ask_secrets_manager(aws, "CreateSecret", Name=os.urandom(8).hex(), SecretString=text)
        monkeypatch.setenv("MEDILENS_SECRET_ARN", made["ARN"])
        forget()

    def forget() -> None:
        settings.load.cache_clear()
        secrets._adopt_secret.cache_clear()
        secrets._adopted.values.clear()
        secrets._adopted.renewed_at = float("-inf")

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
        monkeypatch.setenv("MEDILENS_DATABASE_URL", "postgresql://medilens_app@elsewhere/medilens")

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


class TestRotation:
    """The password is changed at the server and in the secret; the sandbox has the old one."""

    @pytest.fixture
    async def rotate(
        self,
        aws: str,
        keep: Keep,
        postgres: EmbeddedPostgres,
        reconfigure: Reconfigure,
        monkeypatch: pytest.MonkeyPatch,
    ) -> AsyncIterator[Rotate]:
        administrator = await asyncpg.connect(postgres.url("medilens"))

        def held(password: str) -> str:
            url = postgres.url("medilens", user="rotated", password=password)
            return json.dumps({"MEDILENS_DATABASE_URL": url})

        async def rotate(*, in_the_secret: bool) -> None:
            await administrator.execute("ALTER ROLE rotated PASSWORD 'second'")
            if in_the_secret:
                arn = os.environ["MEDILENS_SECRET_ARN"]
                ask_secrets_manager(
                    aws, "PutSecretValue", SecretId=arn, SecretString=held("second")
                )

        await administrator.execute(
            "CREATE ROLE rotated LOGIN PASSWORD 'first' IN ROLE medilens_app"
        )
        reconfigure(database_pool=DatabasePool.NONE)
        monkeypatch.delenv("MEDILENS_DATABASE_URL", raising=False)
        keep(held("first"))
        yield rotate
        await administrator.execute("DROP ROLE rotated")
        await administrator.close()

    @pytest.mark.parametrize("pool", DatabasePool)
    async def test_refused_password_is_read_again_once(
        self, pool: DatabasePool, rotate: Rotate, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("MEDILENS_DATABASE_POOL", pool)
        await sign_of_life.ping()
        await rotate(in_the_secret=True)
        await engine.current().dispose()  # as if the kept connection had aged
        await sign_of_life.ping()
        await sign_of_life.ping()

    async def test_where_the_secret_has_not_changed_it_is_unavailable(self, rotate: Rotate) -> None:
        await sign_of_life.ping()
        await rotate(in_the_secret=False)
        for _ in range(2):
            with pytest.raises(Unavailable):
                await sign_of_life.ping()

    async def test_many_refusals_ask_for_the_secret_once(
        self, rotate: Rotate, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        asked = []

        def kept_settings(arn: str) -> dict[str, str]:
            asked.append(arn)
            return {}

        await sign_of_life.ping()
        await rotate(in_the_secret=False)
        monkeypatch.setattr(secrets, "kept_settings", kept_settings)
        for _ in range(5):
            with pytest.raises(Unavailable):
                await sign_of_life.ping()
        assert len(asked) == 1

    async def test_refused_key_is_read_again_too(
        self,
        aws: str,
        keep: Keep,
        configured: Addresses,
        reconfigure: Reconfigure,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        """The database takes the new key alone; the sandbox seals with the old one."""
        reconfigure()
        monkeypatch.delenv("MEDILENS_IDENTITY_KEY")
        keep(held(configured, "old" * 16))
        secrets.load(IdentitySettings)
        arn, new = os.environ["MEDILENS_SECRET_ARN"], held(configured, IDENTITY_KEY)
        ask_secrets_manager(aws, "PutSecretValue", SecretId=arn, SecretString=new)
        assert (await sign_of_life.ping()).drift == []
