"""A key at AWS KMS that wraps other keys; it never leaves there.

The encryption context is part of the seal and of AWS's own trail: what was wrapped for one
organization does not open for another. Waits for the network: call it in a thread.
"""

import json
import os
from base64 import b64decode, b64encode
from collections.abc import Mapping
from typing import Any
from urllib.error import HTTPError

from shared.aws import requests
from shared.errors import Unavailable
from shared.settings import AwsSettings, load

SERVICE = "kms"


class KeyRefused(Unavailable):
    """KMS does not let us use the key, or the key does not open this."""

    code = "encryption-key-refused"


def encrypt(key: str, plain: bytes, context: Mapping[str, str]) -> bytes:
    """Wrap at most 4,096 bytes.

    Raises
    ------
    KeyRefused, Unavailable
    """
    asked = {"KeyId": key, "Plaintext": _written(plain), "EncryptionContext": dict(context)}
    return b64decode(_ask("Encrypt", asked)["CiphertextBlob"])


def decrypt(key: str, wrapped: bytes, context: Mapping[str, str]) -> bytes:
    """Open what `encrypt` has wrapped with the same key and context.

    Raises
    ------
    KeyRefused, Unavailable
    """
    asked = {"KeyId": key, "CiphertextBlob": _written(wrapped), "EncryptionContext": dict(context)}
    return b64decode(_ask("Decrypt", asked)["Plaintext"])


def _ask(action: str, asked: Mapping[str, Any]) -> dict[str, str]:
    headers = {
        "content-type": "application/x-amz-json-1.1",
        "x-amz-target": f"TrentService.{action}",
    }
    try:
        with requests.call(
            SERVICE, "POST", _endpoint(), headers, json.dumps(asked).encode()
        ) as answer:
            told: dict[str, str] = json.load(answer)
            return told
    except (requests.NotThere, HTTPError):
        raise KeyRefused(
            f"AWS KMS refuses {action} with {asked['KeyId']}: the key is disabled, is another one,"
            " or the function's role may not use it (see docs/operating.md, Rotation)."
        ) from None


def _written(content: bytes) -> str:
    return b64encode(content).decode()


def _endpoint() -> str:
    at_aws = f"https://{SERVICE}.{load(AwsSettings).aws_region}.amazonaws.com/"
    return os.environ.get("AWS_ENDPOINT_URL_KMS", at_aws)
