"""A function that is deployed with a wrong setting does not start, and says which one it is."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from shared import settings
from shared.http.application import create_app
from shared.settings import PLATFORMS, SettingsMissing, SpeechSettings, TokenSettings
from tests.conftest import INTERPRETER, ROOT, variables

RIGHT = {
    "MEDILENS_DATABASE_URL": "postgres://medilens_app@db.example/medilens",
    "MEDILENS_TOKEN_ISSUER": "https://clerk.example.org",
}
NO_MODEL = {"MEDILENS_SPEECH_MODEL": "/nowhere"}


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

        with pytest.raises(SettingsMissing, match=name) as told:
            create_app("trial", "For this test")
        assert str(told.value).startswith("Settings to put right in the function's environment")

    @pytest.mark.parametrize("name", ["MEDILENS_STORAGE_BUCKET", "MEDILENS_QUEUE_URL"])
    def test_store_and_queue_need_a_region(
        self, platform: str, name: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv(platform, "there")
        monkeypatch.setenv(name, "recordings")

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
    with pytest.raises(SettingsMissing, match=r"^Settings to put right in \.env "):
        settings.load(TokenSettings)


class TestVoiceModel:
    """Only the speech function asks for it."""

    @pytest.fixture
    def manifest(self, tmp_path: Path) -> str:
        place = tmp_path / "model.json"
        place.write_text("{}")
        return str(place)

    def start(self) -> None:
        create_app("trial", "For this test", own_settings=[SpeechSettings])

    def test_file_and_its_hash_or_neither_let_it_start(
        self, manifest: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("VERCEL_REGION", "fra1")
        self.start()
        monkeypatch.setenv("MEDILENS_SPEECH_MODEL", manifest)
        monkeypatch.setenv("MEDILENS_SPEECH_MODEL_SHA256", "0" * 64)
        settings.load.cache_clear()
        self.start()

    @pytest.mark.parametrize(
        ("path", "sha256", "named"),
        [
            ("there", None, "MEDILENS_SPEECH_MODEL_SHA256, or neither"),
            (None, "0" * 64, "MEDILENS_SPEECH_MODEL_SHA256, or neither"),
            ("/nowhere", "0" * 64, "MEDILENS_SPEECH_MODEL: "),
            ("there", "abc", "MEDILENS_SPEECH_MODEL_SHA256: "),
        ],
        ids=["no-hash", "no-path", "no-file", "no-sha256"],
    )
    def test_anything_else_does_not(
        self,
        path: str | None,
        sha256: str | None,
        named: str,
        manifest: str,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        monkeypatch.setenv("VERCEL_REGION", "fra1")
        if path:
            monkeypatch.setenv("MEDILENS_SPEECH_MODEL", manifest if path == "there" else path)
        if sha256:
            monkeypatch.setenv("MEDILENS_SPEECH_MODEL_SHA256", sha256)

        create_app("trial", "For this test")
        with pytest.raises(SettingsMissing, match=named):
            self.start()


class TestEntries:
    """What Lambda imports, each in a process of its own."""

    @pytest.mark.parametrize(
        ("entry", "given", "named"),
        [
            ("cardiology.app", {}, "MEDILENS_TOKEN_ISSUER"),
            ("cardiology.worker", {}, "MEDILENS_TOKEN_ISSUER"),
            ("maintenance.schedule", {}, "MEDILENS_TOKEN_ISSUER"),
            ("speech.app", RIGHT | NO_MODEL, "MEDILENS_SPEECH_MODEL"),
            ("speech.worker", RIGHT | NO_MODEL, "MEDILENS_SPEECH_MODEL"),
        ],
    )
    def test_none_starts_with_a_wrong_setting(
        self, entry: str, given: dict[str, str], named: str
    ) -> None:
        environment = {**INTERPRETER, "AWS_EXECUTION_ENV": "AWS_Lambda", **given}
        done = subprocess.run(
            [sys.executable, "-c", f"import functions.{entry}"],
            cwd=ROOT,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )

        assert done.returncode == 1
        assert "SettingsMissing: Settings to put right in the function's environment" in done.stderr
        assert named in done.stderr
