"""A function that is deployed with a wrong setting does not start, and says which one it is."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from shared import settings
from shared.environment import PLATFORMS
from shared.http.application import create_app
from shared.model_settings import SpeechSettings, concerns
from shared.public_environment import public_environment
from shared.setting_check import UnknownSetting
from shared.settings import DatabasePool, DatabaseSettings, SettingsMissing, TokenSettings
from tests.conftest import INTERPRETER, ROOT, variables
from tests.nonempty import nonempty

RIGHT = {
    "MEDILENS_DATABASE_URL": "postgres://medilens_app@db.example/medilens",
    "MEDILENS_IDENTITY_KEY": "0123456789abcdef0123456789abcdef",
    "MEDILENS_TOKEN_ISSUER": "https://clerk.example.org",
    "MEDILENS_MASTER_KEY": "0123456789abcdef" * 4,
}
NO_MODEL = {"MEDILENS_SPEECH_MODEL": "/nowhere"}

# What has been pasted into settings, or may be; None is a required one that is not set.
WRONG = [
    ("MEDILENS_DATABASE_URL", None),
    ("MEDILENS_DATABASE_URL", ""),
    ("MEDILENS_DATABASE_URL", "db.example/medilens"),
    ("MEDILENS_DATABASE_URL", "mysql://medilens_app:hunter2@db.example/medilens"),
    ("MEDILENS_DATABASE_URL", "psql 'postgres://medilens_app:hunter2@db.example/medilens'"),
    ("MEDILENS_DATABASE_URL", "postgres://medilens_app:hunter2@db.example"),
    ("MEDILENS_DATABASE_URL", "postgres://db.example/medilens"),
    ("MEDILENS_DATABASE_URL", "postgres://medilens_app:hunter2@db.example:port/medilens"),
    ("MEDILENS_DATABASE_URL", "postgres://medilens_app@db.example/medilens?pgbouncer=true"),
    ("MEDILENS_DATABASE_URL", "postgres://medilens_app@db.example/medilens?sslmode=on"),
    ("DATABASE_URL", "db.example/medilens"),
    ("MEDILENS_IDENTITY_KEY", None),
    ("MEDILENS_IDENTITY_KEY", "hunter2"),
    ("MEDILENS_MASTER_KEY", "hunter2"),
    ("MEDILENS_MASTER_KEY", "0123456789abcdef" * 5),
    ("MEDILENS_MASTER_KMS_KEY", "medilens"),
    ("MEDILENS_DATABASE_POOL", "large"),
    ("MEDILENS_DATABASE_PREPARED_STATEMENTS", "sometimes"),
    ("MEDILENS_DATABASE_CONNECT_TIMEOUT_S", "10s"),
    ("MEDILENS_DATABASE_CONNECT_TIMEOUT_S", "inf"),
    ("MEDILENS_DATABASE_COMMAND_TIMEOUT_S", "0"),
    ("MEDILENS_DATABASE_COMMAND_TIMEOUT_S", "30000"),
    ("MEDILENS_TOKEN_ISSUER", None),
    ("MEDILENS_TOKEN_ISSUER", ""),
    ("MEDILENS_TOKEN_ISSUER", "clerk.example.org"),
    ("MEDILENS_TOKEN_ISSUER", "http://clerk.example.org"),
    ("MEDILENS_TOKEN_ISSUER", "https://clerk.example.org?env=live"),
    ("MEDILENS_TOKEN_JWKS_URL", "/.well-known/jwks.json"),
    ("MEDILENS_TOKEN_JWKS_URL", "http://clerk.example.org/.well-known/jwks.json"),
    ("MEDILENS_TOKEN_PUBLIC_KEY", "-----BEGIN RSA PRIVATE KEY-----\nhunter2\n-----END RSA PRIVATE"),
    ("MEDILENS_TOKEN_PUBLIC_KEY", "hunter2MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8A"),
    ("MEDILENS_TOKEN_AUDIENCE", "one two"),
    ("MEDILENS_AUTHORIZED_PARTIES", ","),
    ("MEDILENS_AUTHORIZED_PARTIES", "app.example.org"),
    ("MEDILENS_AUTHORIZED_PARTIES", "https://app.example.org/"),
    ("MEDILENS_AUTHORIZED_PARTIES", "https://app.example.org, *"),
    ("MEDILENS_CRON_SECRET", "hunter2"),
    ("CRON_SECRET", "hunter2"),
    ("MEDILENS_WEBHOOK_SECRET", "hunter2"),
    ("MEDILENS_WEBHOOK_SECRET", f"whsec_{'A' * 17}"),
    ("MEDILENS_WEBHOOK_SECRET", f"whsec_{'A' * 20} whsec_{'A' * 20}=="),
    ("MEDILENS_STEP_UP_MINUTES", "0"),
    ("MEDILENS_ENVIRONMENT", "prod"),
    ("MEDILENS_CODE_VERSION", "the newest one"),
    ("MEDILENS_MAX_REQUEST_BYTES", "4.5 MB"),
    ("MEDILENS_MAX_REQUEST_BYTES", "0"),
    ("MEDILENS_MAX_UPLOAD_BYTES", "-1"),
    ("MEDILENS_MAX_UPLOAD_BYTES", "6000000000"),
    ("MEDILENS_STORAGE_BUCKET", "s3://recordings"),
    ("MEDILENS_STORAGE_BUCKET", "arn:aws:s3:::recordings"),
    ("MEDILENS_STORAGE_ENDPOINT", "account.r2.cloudflarestorage.com"),
    ("MEDILENS_STORAGE_KMS_KEY", "medilens"),
    ("MEDILENS_QUEUE_URL", "arn:aws:sqs:eu-central-1:123456789012:analyses"),
    ("MEDILENS_SECRET_ARN", "medilens-secret"),
]
SECRET = {
    *("MEDILENS_DATABASE_URL", "MEDILENS_IDENTITY_KEY", "MEDILENS_MASTER_KEY"),
    *("MEDILENS_TOKEN_PUBLIC_KEY", "MEDILENS_CRON_SECRET", "MEDILENS_WEBHOOK_SECRET"),
}
WRONG_OF_SEVERAL_CONCERNS = {
    "MEDILENS_DATABASE_POOL": "large",
    "MEDILENS_TOKEN_ISSUER": "clerk.example.org",
    "MEDILENS_AUTHORIZED_PARTIES": ",",
    "MEDILENS_MAX_REQUEST_BYTES": "4.5 MB",
}
OPTIONAL = variables() - set(RIGHT) - {"MEDILENS_DIRECT_DATABASE_URL"}
RIGHT_FORMS = [
    ("MEDILENS_DATABASE_URL", "postgresql://medilens_app:x@h-pooler.neon.tech/m?sslmode=require"),
    ("MEDILENS_DATABASE_URL", "postgres://medilens_app:x@[::1]:6543/m?channel_binding=require\n"),
    ("MEDILENS_TOKEN_ISSUER", "https://login.example.org/realms/clinic"),
    ("MEDILENS_TOKEN_ISSUER", "https://clinic.eu.provider.example/"),
    ("MEDILENS_TOKEN_ISSUER", "http://127.0.0.1:8000"),
    ("MEDILENS_AUTHORIZED_PARTIES", "https://a.example.org,http://localhost:3000"),
    ("MEDILENS_MASTER_KEY", f"{'01' * 32} {'23' * 32}"),
    ("MEDILENS_STORAGE_KMS_KEY", "12345678-1234-1234-1234-123456789012"),
    ("MEDILENS_STORAGE_KMS_KEY", "arn:aws:kms:eu-central-1:1:key/1"),
    ("MEDILENS_AWS_REGION", "auto"),
    ("MEDILENS_CODE_VERSION", "v1.2.0+abc"),
]


@pytest.fixture(autouse=True)
def unset(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """An environment with nothing but what is right."""
    for name in variables() | {"DATABASE_URL", "CRON_SECRET", "AWS_REGION"} | PLATFORMS:
        monkeypatch.delenv(name, raising=False)
    for name, value in RIGHT.items():
        monkeypatch.setenv(name, value)
    settings.load.cache_clear()
    return monkeypatch


def start() -> None:
    create_app("trial", "For this test")


@pytest.mark.parametrize("platform", sorted(PLATFORMS))
class TestCheck:
    def test_right_ones_let_it_start(self, platform: str, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv(platform, "there")
        assert create_app("trial", "For this test").title == "MediLens trial"

    @pytest.mark.parametrize(("name", "value"), WRONG)
    def test_wrong_one_is_named_with_its_place_and_its_form(
        self, platform: str, name: str, value: str | None, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv(platform, "there")
        monkeypatch.setenv("AWS_REGION", "eu-central-1")
        monkeypatch.delenv(f"MEDILENS_{name}", raising=False)
        if value is None:
            monkeypatch.delenv(name)
        else:
            monkeypatch.setenv(name, value)
        with pytest.raises(SettingsMissing) as told:
            start()
        first, complaint = str(told.value).splitlines()
        assert first.startswith("Settings to put right in the function's environment")
        assert complaint.startswith(f"  {name} is ")
        assert re.search(r"It has to be .{10,}\.$", complaint)

    def test_all_wrong_ones_are_named_at_once(
        self, platform: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv(platform, "there")
        for name, value in WRONG_OF_SEVERAL_CONCERNS.items():
            monkeypatch.setenv(name, value)

        with pytest.raises(SettingsMissing) as told:
            start()
        assert {line.split()[0] for line in str(told.value).splitlines()[1:]} == set(
            WRONG_OF_SEVERAL_CONCERNS
        )

    @pytest.mark.parametrize(
        ("name", "value"), [(name, value) for name, value in WRONG if name in SECRET and value]
    )
    def test_value_of_a_secret_one_is_not_told(
        self, platform: str, name: str, value: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv(platform, "there")
        monkeypatch.setenv(name, value)

        with pytest.raises(SettingsMissing) as told:
            start()
        assert "hunter2" not in str(told.value)

    @pytest.mark.parametrize("name", sorted(OPTIONAL))
    def test_empty_is_unset(
        self, platform: str, name: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv(platform, "there")
        monkeypatch.setenv(name, "")
        start()
        monkeypatch.setenv(name, " \n")
        settings.load.cache_clear()
        start()

    @pytest.mark.parametrize(("name", "value"), RIGHT_FORMS)
    def test_right_form_lets_it_start(
        self, platform: str, name: str, value: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv(platform, "there")
        monkeypatch.setenv("AWS_REGION", "eu-central-1")
        monkeypatch.setenv(name, value)
        start()

    @pytest.mark.parametrize(
        "name", ["MEDILENS_AWS_ACCESS_KEY_ID", "MEDILENS_AWS_SECRET_ACCESS_KEY"]
    )
    def test_key_of_the_store_has_two_halves(
        self, platform: str, name: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv(platform, "there")
        monkeypatch.setenv("AWS_REGION", "eu-central-1")
        monkeypatch.setenv("MEDILENS_STORAGE_BUCKET", "recordings")
        monkeypatch.setenv(name, "half")

        with pytest.raises(SettingsMissing, match="AWS_SECRET_ACCESS_KEY, or neither"):
            start()

    @pytest.mark.parametrize(
        ("name", "meant"),
        [
            ("MEDILENS_TOKEN_AUDIENC", "MEDILENS_TOKEN_AUDIENCE"),
            ("MEDILENS_AUTHORISED_PARTIES", "MEDILENS_AUTHORIZED_PARTIES"),
        ],
    )
    def test_name_that_nothing_reads_is_warned_of(
        self, platform: str, name: str, meant: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv(platform, "there")
        monkeypatch.setenv(name, "something")

        with pytest.warns(UnknownSetting, match=f"Nothing reads {name}. Did you mean {meant}"):
            start()

    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("MEDILENS_STORAGE_BUCKET", "recordings"),
            ("MEDILENS_QUEUE_URL", "https://sqs.eu-central-1.amazonaws.com/1/analyses"),
        ],
    )
    def test_store_and_queue_need_a_region(
        self, platform: str, name: str, value: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv(platform, "there")
        monkeypatch.setenv(name, value)

        with pytest.raises(SettingsMissing, match="AWS_REGION"):
            create_app("trial", "For this test")

    def test_secret_is_not_asked_for(self, platform: str, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv(platform, "there")
        monkeypatch.delenv("MEDILENS_DATABASE_URL")
        monkeypatch.delenv("MEDILENS_IDENTITY_KEY")
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
            ("/nowhere", "0" * 64, "MEDILENS_SPEECH_MODEL is '/nowhere'"),
            ("there", "abc", "MEDILENS_SPEECH_MODEL_SHA256 is 'abc'"),
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
        # An empty value is no value.
        place = manifest if path == "there" else path
        monkeypatch.setenv("MEDILENS_SPEECH_MODEL", place or "")
        monkeypatch.setenv("MEDILENS_SPEECH_MODEL_SHA256", sha256 or "")
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


def test_where_nothing_is_said_no_connection_is_kept() -> None:
    assert DatabaseSettings.model_fields["database_pool"].default is DatabasePool.NONE


def test_operators_models_are_named_to_the_process_that_uses_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    hashes = {
        f"MEDILENS_{field.upper()}"
        for kind in concerns()
        for field in kind.model_fields
        if field.endswith("_model_sha256")
    }
    named = hashes | {name.removesuffix("_SHA256") for name in hashes}
    for name in nonempty(named):
        monkeypatch.setenv(name, "a value")
    assert named <= public_environment().keys()
