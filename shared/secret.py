"""Settings that AWS Secrets Manager keeps, as one JSON object of them by their names."""

import json
import os
from urllib.error import HTTPError

from shared import aws
from shared.settings import SettingsMissing

SERVICE = "secretsmanager"


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
        with aws.call(SERVICE, "POST", _endpoint(arn), headers, asked) as answer:
            held = json.loads(json.load(answer)["SecretString"])
            return {name: str(value) for name, value in held.items()}
    except (aws.NotThere, HTTPError, KeyError, ValueError, AttributeError):
        raise SettingsMissing(
            f"{arn} does not hold a JSON object of settings that this function may read"
            " (see docs/deploy.md, Secrets)."
        ) from None


def _endpoint(arn: str) -> str:
    region = arn.split(":")[3]
    at_aws = f"https://{SERVICE}.{region}.amazonaws.com/"
    return os.environ.get("AWS_ENDPOINT_URL_SECRETS_MANAGER", at_aws)
