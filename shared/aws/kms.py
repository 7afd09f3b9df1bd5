"""Keys that never leave AWS KMS: one signs (ECC_NIST_EDWARDS25519), another wraps other keys.

Whoever wraps gives an encryption context, which is part of the seal and of AWS's own trail: what
was wrapped for one organization does not open for another. Waits for the network: call it in a
thread.
"""

import json
import os
from base64 import b64decode, b64encode
from collections.abc import Mapping
from typing import Any

from shared.aws import requests
from shared.errors import Unavailable
from shared.settings import AwsSettings, load

SERVICE = "kms"
ALGORITHM = "ED25519_SHA_512"
# The header of a public key of Ed25519 (RFC 8410): 32 bytes follow.
SPKI_HEADER = bytes.fromhex("302a300506032b6570032100")


class NoEd25519Key(ValueError):
    """The key of KMS is of another kind than ECC_NIST_EDWARDS25519."""


class KeyRefused(Unavailable):
    """KMS does not let us use the key, or the key does not open this."""

    code = "encryption-key-refused"


def sign(key: str, message: bytes) -> bytes:
    """Return the signature of a message of at most 4,096 bytes, which is what KMS takes.

    Raises
    ------
    NotThere, Unavailable
    """
    told = _ask(
        "Sign",
        KeyId=key,
        Message=_written(message),
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


def encrypt(key: str, plain: bytes, context: Mapping[str, str]) -> bytes:
    """Wrap at most 4,096 bytes.

    Raises
    ------
    KeyRefused, Unavailable
    """
    return _wrapping("Encrypt", "CiphertextBlob", key, context, Plaintext=_written(plain))


def decrypt(key: str, wrapped: bytes, context: Mapping[str, str]) -> bytes:
    """Open what `encrypt` has wrapped with the same key and context.

    Raises
    ------
    KeyRefused, Unavailable
    """
    return _wrapping("Decrypt", "Plaintext", key, context, CiphertextBlob=_written(wrapped))


def _wrapping(
    action: str, answered: str, key: str, context: Mapping[str, str], **content: str
) -> bytes:
    try:
        told = _ask(action, KeyId=key, EncryptionContext=dict(context), **content)
    except (requests.NotThere, requests.RequestRefused):
        raise KeyRefused(
            f"AWS KMS refuses {action} with {key}: the key is disabled, is another one,"
            " or the function's role may not use it (see docs/operating.md, Rotation)."
        ) from None
    return b64decode(told[answered])


def _written(content: bytes) -> str:
    return b64encode(content).decode()


def _ask(action: str, **asked: Any) -> dict[str, Any]:
    at_aws = f"https://{SERVICE}.{load(AwsSettings).aws_region}.amazonaws.com/"
    url = os.environ.get("AWS_ENDPOINT_URL_KMS", at_aws)
    headers = {
        "content-type": "application/x-amz-json-1.1",
        "x-amz-target": f"TrentService.{action}",
    }
    with requests.answered(SERVICE, "POST", url, headers, json.dumps(asked).encode()) as answer:
        told: dict[str, Any] = json.load(answer)
    return told
