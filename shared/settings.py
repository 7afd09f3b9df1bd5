"""Every setting, by the concern it belongs to; the README has the same list as a table.

All names start with MEDILENS_. A missing or malformed one ends the start of a deployed function
with a message that says what to set, and where; on a laptop whatever needs it first ends so.
"""

import os
from enum import StrEnum
from functools import cache
from ipaddress import IPv4Network, IPv6Network
from typing import ClassVar, Self

from pydantic import (
    AliasChoices,
    BaseModel,
    ConfigDict,
    Field,
    FilePath,
    SecretStr,
    ValidationError,
    field_validator,
    model_validator,
)

ONE_MEGABYTE = 1_000_000

# Lambda and Vercel set one of these for what they run.
PLATFORMS = {"AWS_EXECUTION_ENV", "VERCEL_REGION"}


class Environment(StrEnum):
    PRODUCTION = "production"
    DEVELOPMENT = "development"


class DatabasePool(StrEnum):
    NONE = "none"  # a connection a request
    SANDBOX = "sandbox"  # one connection kept by each warm sandbox


def _variable(name: str) -> str:
    return f"MEDILENS_{name.upper()}"


def words(value: object) -> object:
    """Split what a variable lists, separated by commas or blanks."""
    return value.replace(",", " ").split() if isinstance(value, str) else value


class Settings(BaseModel):
    """The base of all settings: each field is a variable of the environment."""

    # Built when they are read: no function reads all.
    model_config = ConfigDict(alias_generator=_variable, frozen=True, defer_build=True)

    # Whether MEDILENS_SECRET_ARN may hold some of them: `shared.aws.secrets` loads those.
    may_be_secret: ClassVar[bool] = False

    @classmethod
    def read(cls) -> Self:
        return cls.model_validate(dict(os.environ))


class SecretSettings(Settings):
    """Where on AWS the secret ones are kept."""

    secret_arn: str | None = None


class DatabaseSettings(Settings):
    """How the functions reach Postgres."""

    may_be_secret = True

    database_url: SecretStr = Field(
        min_length=1, validation_alias=AliasChoices("MEDILENS_DATABASE_URL", "DATABASE_URL")
    )
    database_pool: DatabasePool = Field(
        default=DatabasePool.NONE,
        validation_alias=AliasChoices("MEDILENS_DATABASE_POOL", "DATABASE_POOL"),
    )
    # Named statements save a round trip each, but not every pooler carries them.
    database_prepared_statements: bool = False
    database_connect_timeout_s: float = Field(default=10, gt=0)
    database_command_timeout_s: float = Field(default=30, gt=0)


class MigrationSettings(Settings):
    """What only the migration function gets."""

    may_be_secret = True

    direct_database_url: SecretStr = Field(min_length=1)
    app_password: SecretStr | None = None


class TokenSettings(Settings):
    """Whose tokens are accepted."""

    token_issuer: str = Field(min_length=1)
    token_jwks_url: str | None = None
    token_public_key: SecretStr | None = None
    token_audience: str | None = None
    # Origins that may have asked for a browser's token, separated by commas.
    authorized_parties: frozenset[str] = frozenset()

    # The claim that names the organization where it is neither Clerk's nor `org_id`: its name, or
    # the names on the way to it with dots between.
    organization_claim: str | None = Field(default=None, min_length=1)

    @field_validator("authorized_parties", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        return words(value)


class ScheduleSettings(Settings):
    """How the schedule of Vercel, which can only ask over HTTP, is told from anybody else."""

    may_be_secret = True

    cron_secret: SecretStr | None = Field(
        default=None,
        min_length=16,
        validation_alias=AliasChoices("MEDILENS_CRON_SECRET", "CRON_SECRET"),
    )


class ServiceSettings(Settings):
    """Limits and names that are the same for every function."""

    environment: Environment = Environment.PRODUCTION
    code_version: str = "unreleased"
    max_request_bytes: int = Field(default=6 * ONE_MEGABYTE, gt=0)
    # Networks of the proxies in front, separated by commas: what they say of their callers counts.
    trusted_proxies: frozenset[IPv4Network | IPv6Network] = frozenset()

    @field_validator("trusted_proxies", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        return words(value)


class SpeechSettings(Settings):
    """An operator's own voice model: its manifest, and the hash that the manifest must have."""

    speech_model: FilePath | None = None
    speech_model_sha256: str | None = Field(default=None, pattern="^[0-9a-f]{64}$")

    @model_validator(mode="after")
    def _both_or_neither(self) -> Self:
        if (self.speech_model is None) != (self.speech_model_sha256 is None):
            raise ValueError(
                "set MEDILENS_SPEECH_MODEL and MEDILENS_SPEECH_MODEL_SHA256, or neither"
            )
        return self


class AwsSettings(Settings):
    """Who we are to the store and the queue; on AWS the function's role answers that."""

    aws_region: str = Field(validation_alias=AliasChoices("MEDILENS_AWS_REGION", "AWS_REGION"))
    aws_access_key_id: str | None = None
    aws_secret_access_key: SecretStr | None = None


class StorageSettings(Settings):
    """Where uploads go; without a bucket there are none."""

    storage_bucket: str | None = None
    storage_endpoint: str | None = None  # of a store that is not AWS's
    storage_kms_key: str | None = None
    # The largest recording that any pipeline reads.
    max_upload_bytes: int = Field(default=256 * ONE_MEGABYTE, gt=0)


class QueueSettings(Settings):
    """Where analyses wait that nobody waits for; without a queue all are made at once."""

    queue_url: str | None = None


class SettingsMissing(RuntimeError):
    """A setting is missing or malformed; the message says which, and what it should be."""


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
        lines = ["  " + ": ".join(map(str, (*one["loc"], one["msg"]))) for one in error.errors()]
        where = "the function's environment" if _is_deployed() else ".env"
        raise SettingsMissing(
            "\n".join([f"Settings to put right in {where} (see README, Settings):", *lines])
        ) from None


def _is_deployed() -> bool:
    return not PLATFORMS.isdisjoint(os.environ)


def check_settings(*own: type[Settings]) -> None:
    """End the start of a function that is deployed with a setting that is missing or malformed.

    `own` are the concerns that no other function has. What a secret holds is read when it is
    first needed, for it must not be in a snapshot.

    Raises
    ------
    SettingsMissing
    """
    if not _is_deployed():
        return
    kinds = [ServiceSettings, TokenSettings, StorageSettings, QueueSettings, *own]
    if not load(SecretSettings).secret_arn:
        kinds += [DatabaseSettings, ScheduleSettings]
    if load(StorageSettings).storage_bucket or load(QueueSettings).queue_url:
        kinds.append(AwsSettings)
    for kind in kinds:
        load(kind)
