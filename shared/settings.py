"""Every setting, by the concern it belongs to; docs/settings.md has the same list as a table.

Those of models that an operator brings are in `shared/model_settings.py`.

All names start with MEDILENS_. A missing or malformed one ends the start of a deployed function
with a message that says which, where it is to be set, and the form it has to have; on a laptop
whatever needs it first ends so. An empty value is no value, and a name that nothing reads is
warned of.
"""

import os
from collections.abc import Sequence
from enum import StrEnum
from functools import cache
from typing import ClassVar, Self

from pydantic import (
    AliasChoices,
    BaseModel,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    model_validator,
)

from shared import setting_forms as forms
from shared.environment import given, is_deployed
from shared.setting_complaints import complaints

PREFIX = "MEDILENS_"
ONE_MEGABYTE = 1_000_000


class Environment(StrEnum):
    PRODUCTION = "production"
    DEVELOPMENT = "development"


class DatabasePool(StrEnum):
    NONE = "none"  # a connection per request
    SANDBOX = "sandbox"  # one connection kept by each warm sandbox


def _variable(name: str) -> str:
    return PREFIX + name.upper()


class Settings(BaseModel):
    """The base of all settings: each field is a variable of the environment."""

    # Built when they are read: no function reads all.
    model_config = ConfigDict(
        alias_generator=_variable, frozen=True, defer_build=True, hide_input_in_errors=True
    )

    # Whether MEDILENS_SECRET_ARN may hold some of them: `shared.aws.secrets` loads those.
    may_be_secret: ClassVar[bool] = False
    # Two of them, of which neither is set without the other.
    together: ClassVar[tuple[str, ...]] = ()

    @model_validator(mode="after")
    def _both_or_neither(self) -> Self:
        if len({getattr(self, name) is None for name in self.together}) > 1:
            raise ValueError(f"Set {' and '.join(map(_variable, self.together))}, or neither")
        return self

    @classmethod
    def read(cls) -> Self:
        return cls.model_validate(given(os.environ))


class SecretSettings(Settings):
    """Where on AWS the secret ones are kept."""

    secret_arn: forms.SecretArn | None = None


class DatabaseSettings(Settings):
    """How the functions reach Postgres."""

    may_be_secret = True

    database_url: forms.PostgresAddress = Field(
        validation_alias=AliasChoices("MEDILENS_DATABASE_URL", "DATABASE_URL")
    )
    database_pool: DatabasePool = Field(
        default=DatabasePool.NONE,
        validation_alias=AliasChoices("MEDILENS_DATABASE_POOL", "DATABASE_POOL"),
        description="none or sandbox",
    )
    # Named statements save a round trip each, but not every pooler carries them.
    database_prepared_statements: bool = Field(default=False, description="true or false")
    database_connect_timeout_s: float = forms.seconds(default=10, most=600)
    database_command_timeout_s: float = forms.seconds(default=30, most=600)


class IdentitySettings(Settings):
    """How the database tells a request of a function from a statement that somebody slipped in."""

    may_be_secret = True

    identity_key: forms.IdentityKey


class EncryptionSettings(Settings):
    """The master key, which opens the organizations' keys, and those open what is encrypted."""

    may_be_secret = True

    # Of two the first wraps, and the second still opens.
    master_key: forms.MasterKeys | None = None
    # Wraps in place of a local one, which may stay to open what it has wrapped.
    master_kms_key: forms.KmsKey | None = None

    @model_validator(mode="after")
    def _one_at_least(self) -> Self:
        if not (self.master_key or self.master_kms_key):
            raise ValueError("Set MEDILENS_MASTER_KEY or MEDILENS_MASTER_KMS_KEY")
        return self


class MigrationSettings(Settings):
    """What only the migration function gets, beside the key that the functions have too."""

    may_be_secret = True

    # That it is direct is the migration job's to say: the laptop's is checked there too.
    direct_database_url: forms.PostgresAddress
    app_password: forms.Password | None = None
    # The key that takes over: while it is set, requests sealed with either are let in.
    identity_key_next: forms.IdentityKey | None = None
    # Of the role that backs up and examines; without one nobody signs in as it.
    reader_password: forms.Password | None = None


class TokenSettings(Settings):
    """Whose tokens are accepted."""

    token_issuer: forms.Issuer
    token_jwks_url: forms.HttpsAddress | None = Field(
        default=None,
        description="the HTTPS address of a key set,"
        " such as https://clerk.example.org/.well-known/jwks.json",
    )
    token_public_key: forms.PublicKey | None = None
    token_audience: forms.Word | None = None
    # Who may have asked for a token: origins at Clerk, names of clients elsewhere.
    authorized_parties: forms.Parties = frozenset()
    # The claim that names the organization where it is neither Clerk's nor `org_id`: its name, or
    # the names on the way to it with dots between.
    organization_claim: forms.Word | None = None
    # Within how many minutes a second factor has to have been shown for what asks for one.
    step_up_minutes: int | None = Field(
        default=None, ge=1, le=1_440, description="a number of minutes from 1 to 1440"
    )


class ScheduleSettings(Settings):
    """How the schedule of Vercel, which can only ask over HTTP, is told from anybody else."""

    may_be_secret = True

    cron_secret: SecretStr | None = Field(
        default=None,
        min_length=16,
        validation_alias=AliasChoices("MEDILENS_CRON_SECRET", "CRON_SECRET"),
        description="at least 16 characters, such as `openssl rand -hex 24` prints",
    )


class WebhookSettings(Settings):
    """What the identity provider signs its announcements with; without it there are none."""

    may_be_secret = True

    webhook_secret: forms.WebhookSecret | None = None


class ServiceSettings(Settings):
    """Limits and names that are the same for every function."""

    environment: Environment = Field(
        default=Environment.PRODUCTION, description="production or development"
    )
    code_version: forms.Version = "unreleased"
    # Under which path of its domain the API lies, where a gateway leaves that path on.
    base_path: forms.BasePath | None = None
    # Where no gateway answers for them, as on Vercel: web applications of other origins.
    allowed_origins: forms.Origins = frozenset()
    # How often a person may ask over HTTP: so many requests at once, and so many a second for long;
    # without any at once, as often as they like.
    rate_limit_burst: int = Field(
        default=200, ge=0, le=100_000, description="a number of requests from 0 to 100000"
    )
    rate_limit_per_s: float = Field(
        default=50, gt=0, le=10_000, allow_inf_nan=False, description="a number from 0 to 10000"
    )
    max_request_bytes: int = forms.size(default=6 * ONE_MEGABYTE, most=1000 * ONE_MEGABYTE)
    # What the operator's own proxies say of their callers counts.
    trusted_proxies: forms.Networks = frozenset()


class AnalysisSettings(Settings):
    """What an analysis may take, where it runs in a process beside the one that serves."""

    analysis_processes: int = Field(default=1, ge=0, le=64, description="a number from 0 to 64")
    analysis_timeout_s: float = forms.seconds(default=25, most=3_600)
    analysis_memory_mb: int = Field(
        default=1_000, ge=100, le=100_000, description="a number of MB from 100 to 100000"
    )

    @property
    def processes(self) -> int:
        """None on Lambda, which gives a process one request at a time."""
        is_lambda = "AWS_EXECUTION_ENV" in os.environ and "VERCEL_REGION" not in os.environ
        return 0 if is_lambda else self.analysis_processes


class AwsSettings(Settings):
    """Who we are to the store and the queue; on AWS the function's role answers that."""

    aws_region: forms.Region = Field(
        validation_alias=AliasChoices("MEDILENS_AWS_REGION", "AWS_REGION")
    )
    aws_access_key_id: forms.Word | None = None
    aws_secret_access_key: SecretStr | None = None

    together = ("aws_access_key_id", "aws_secret_access_key")


class StorageSettings(Settings):
    """Where uploads go; without a bucket there are none."""

    storage_bucket: forms.Bucket | None = None
    storage_endpoint: forms.StoreAddress | None = None  # of one that is not AWS's
    storage_kms_key: forms.KmsKey | None = None
    # The largest recording that any pipeline reads. A single PUT carries at most 5 GB.
    max_upload_bytes: int = forms.size(default=256 * ONE_MEGABYTE, most=5000 * ONE_MEGABYTE)


class CheckpointSettings(Settings):
    """Where the audit trail's checkpoints go, and what signs them; without both there are none."""

    may_be_secret = True

    checkpoint_bucket: forms.Bucket | None = None
    checkpoint_folder: forms.Folder | None = None  # in place of a bucket, on a laptop
    checkpoint_kms_key: forms.KmsKey | None = None
    checkpoint_key: forms.SigningKey | None = None


class ConsoleSettings(Settings):
    console_client_id: forms.Word = "medilens-console"  # to the identity provider


class OutgoingSettings(Settings):
    """Whom organizations may have called beside the public internet."""

    outgoing_networks: forms.Networks = frozenset()


class QueueSettings(Settings):
    """Where work waits that takes long; without a queue all is done at once."""

    queue_url: forms.QueueAddress | None = None


class SettingsMissing(RuntimeError):
    """A setting is missing or malformed; the message says which, where, and its form."""

    def __init__(self, message: str, complaints: Sequence[str] = ()) -> None:
        super().__init__(message)
        self.complaints = complaints

    @classmethod
    def of(cls, place: str, complaints: Sequence[str]) -> Self:
        told = "\n  ".join(complaints)
        return cls(
            f"Settings to put right in {place} (see docs/settings.md):\n  {told}", complaints
        )


@cache
def load[S: Settings](kind: type[S]) -> S:
    """Read the settings of one concern once a process.

    Raises
    ------
    SettingsMissing
    """
    try:
        return kind.read()
    except ValidationError as error:
        raise SettingsMissing.of(
            _place(kind), list(complaints(kind.model_fields.values(), error))
        ) from None


def _place(kind: type[Settings]) -> str:
    if not is_deployed():
        return ".env"
    arn = given(os.environ).get("MEDILENS_SECRET_ARN")
    if kind.may_be_secret and arn:
        return f"the secret {arn}"
    return "the function's environment"


def public_path(path: str) -> str:
    """Return the path of a route as a caller writes it."""
    return (load(ServiceSettings).base_path or "") + path
