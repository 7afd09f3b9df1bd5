"""A function that is deployed with a wrong setting does not start, and says which one it is."""

from collections.abc import Iterator

import pytest

from shared import settings
from shared.settings import PLATFORMS, SettingsMissing
from shared.web import create_app
from tests.conftest import variables

RIGHT = {
    "MEDILENS_DATABASE_URL": "postgres://medilens_app@db.example/medilens",
    "MEDILENS_TOKEN_ISSUER": "https://clerk.example.org",
}


@pytest.fixture(autouse=True)
def unset(monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    """An environment with nothing but what is right."""
    for name in variables() | {"DATABASE_URL", "CRON_SECRET", "AWS_REGION"} | PLATFORMS:
        monkeypatch.delenv(name, raising=False)
    for name, value in RIGHT.items():
        monkeypatch.setenv(name, value)
    settings.load.cache_clear()
    yield monkeypatch
    monkeypatch.undo()
    settings.load.cache_clear()


@pytest.mark.parametrize("platform", sorted(PLATFORMS))
class TestCheck:
    def test_right_ones_let_it_start(self, platform: str, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv(platform, "there")
        assert create_app("trial", "For this test").title == "MediLens trial"

    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("MEDILENS_DATABASE_URL", None),
            ("MEDILENS_DATABASE_URL", ""),
            ("MEDILENS_TOKEN_ISSUER", None),
            ("MEDILENS_TOKEN_ISSUER", ""),
            ("MEDILENS_DATABASE_POOL", "large"),
            ("MEDILENS_MAX_REQUEST_BYTES", "4.5 MB"),
            ("MEDILENS_MAX_UPLOAD_BYTES", "-1"),
            ("CRON_SECRET", "short"),
        ],
    )
    def test_wrong_one_is_named(
        self, platform: str, name: str, value: str | None, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv(platform, "there")
        if value is None:
            monkeypatch.delenv(name)
        else:
            monkeypatch.setenv(name, value)

        with pytest.raises(SettingsMissing, match=name):
            create_app("trial", "For this test")

    def test_bucket_needs_a_region(self, platform: str, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv(platform, "there")
        monkeypatch.setenv("MEDILENS_STORAGE_BUCKET", "recordings")

        with pytest.raises(SettingsMissing, match="AWS_REGION"):
            create_app("trial", "For this test")

    def test_secret_is_not_asked_for(self, platform: str, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv(platform, "there")
        monkeypatch.delenv("MEDILENS_DATABASE_URL")
        monkeypatch.setenv("MEDILENS_SECRET_ARN", "arn:aws:secretsmanager:nowhere-1:1:secret:none")

        create_app("trial", "For this test")


def test_on_a_laptop_each_is_asked_for_when_it_is_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MEDILENS_TOKEN_ISSUER")
    create_app("trial", "For this test")
