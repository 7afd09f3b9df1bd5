"""Settings that AWS Secrets Manager keeps, as one JSON object of them by their names."""

import json
import os
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache

from shared import settings
from shared.aws import requests
from shared.settings import SecretSettings, Settings, SettingsMissing

SERVICE = "secretsmanager"
RENEW_AFTER_S = 5
# What tells that a secret cannot be read, or does not hold what is told of it.
UNUSABLE = (requests.NotThere, requests.RequestRefused, KeyError, ValueError, AttributeError)


@dataclass
class Adopted:
    """What this process has from the secret, by name, and when the secret was read again."""

    values: dict[str, str] = field(default_factory=dict)
    renewed_at: float = float("-inf")


_adopted = Adopted()


def load[S: Settings](kind: type[S]) -> S:
    """Load settings that the secret may hold; the environment's own come first.

    The secret is read with the first of them, so that no snapshot (SnapStart) holds it.

    Raises
    ------
    SettingsMissing, Unavailable
    """
    _adopt_secret()
    loaded: S = settings.load(kind)
    return loaded


@cache
def _adopt_secret() -> None:
    arn = settings.load(SecretSettings).secret_arn
    if arn:
        _adopt(kept_settings(arn))


def _adopt(held: Mapping[str, str]) -> None:
    for name, value in held.items():
        if name in _adopted.values or name not in os.environ:
            os.environ[name] = _adopted.values[name] = value


def renew() -> bool:
    """Read the secret again, for one of its settings was refused; tell whether it has changed.

    Waits for the network: call it in a thread. Asked again and again it reads at most every
    `RENEW_AFTER_S`, however many requests are refused.

    Raises
    ------
    SettingsMissing, Unavailable
    """
    arn = settings.load(SecretSettings).secret_arn
    if arn is None or time.monotonic() - _adopted.renewed_at < RENEW_AFTER_S:
        return False
    _adopted.renewed_at = time.monotonic()
    before = dict(_adopted.values)
    _adopt(kept_settings(arn))
    settings.load.cache_clear()
    return before != _adopted.values


def kept_settings(arn: str) -> dict[str, str]:
    """Return what the secret holds.

    Raises
    ------
    SettingsMissing, Unavailable
    """
    asked = json.dumps({"SecretId": arn}).encode()
    headers = {
        "content-type": "application/x-amz-json-1.1",
        "x-amz-target": f"{SERVICE}.GetSecretValue",
    }
    try:
        with requests.answered(SERVICE, "POST", _endpoint(arn), headers, asked) as answer:
            held = json.loads(json.load(answer)["SecretString"])
            return {name: str(value) for name, value in held.items()}
    except UNUSABLE:
        raise SettingsMissing(
            f"{arn} does not hold a JSON object of settings that this function may read"
            " (see docs/deploy.md, Secrets)."
        ) from None


def _endpoint(arn: str) -> str:
    region = arn.split(":")[3]
    at_aws = f"https://{SERVICE}.{region}.amazonaws.com/"
    return os.environ.get("AWS_ENDPOINT_URL_SECRETS_MANAGER", at_aws)
