"""Signatures by a key that never leaves AWS KMS (ECC_NIST_EDWARDS25519): Ed25519 over a message."""

import json
import os
from base64 import b64decode, b64encode
from typing import Any

from shared.aws import requests
from shared.settings import AwsSettings, load

SERVICE = "kms"
ALGORITHM = "ED25519_SHA_512"
# The header of a public key of Ed25519 (RFC 8410): 32 bytes follow.
SPKI_HEADER = bytes.fromhex("302a300506032b6570032100")
MAX_MESSAGE_BYTES = 4_096


class NoEd25519Key(ValueError):
    """The key of KMS is of another kind than ECC_NIST_EDWARDS25519."""


def sign(key: str, message: bytes) -> bytes:
    """Return the signature of a message of at most 4,096 bytes, which is what KMS takes.

    Raises
    ------
    NotThere, Unavailable
    """
    told = _ask(
        "Sign",
        KeyId=key,
        Message=b64encode(message).decode(),
        MessageType="RAW",
        SigningAlgorithm=ALGORITHM,
    )
    return b64decode(told["Signature"])


def public_key(key: str) -> bytes:
    """Return the 32 bytes that verify what the key signs.

    Raises
    ------
    NoEd25519Key, NotThere, Unavailable
    """
    told = b64decode(_ask("GetPublicKey", KeyId=key)["PublicKey"])
    if not told.startswith(SPKI_HEADER):
        raise NoEd25519Key(f"{key} is no key of the kind ECC_NIST_EDWARDS25519.")
    return told.removeprefix(SPKI_HEADER)


def _ask(action: str, **asked: str) -> dict[str, Any]:
    at_aws = f"https://{SERVICE}.{load(AwsSettings).aws_region}.amazonaws.com/"
    url = os.environ.get("AWS_ENDPOINT_URL_KMS", at_aws)
    headers = {
        "content-type": "application/x-amz-json-1.1",
        "x-amz-target": f"TrentService.{action}",
    }
    with requests.call(SERVICE, "POST", url, headers, json.dumps(asked).encode()) as answer:
        told: dict[str, Any] = json.load(answer)
    return told
