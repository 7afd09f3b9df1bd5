"""Signatures of checkpoints, by Ed25519: with a key at AWS KMS, else with one of the settings.

Cryptography takes a twentieth of a start, so whoever signs or verifies imports this when they do.
"""

from base64 import b64decode
from collections.abc import Mapping
from hashlib import sha256

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from shared.aws import kms, secrets
from shared.settings import CheckpointSettings


def sign(text: str) -> bytes:
    """Sign the hash of a text: KMS takes no more than 4 kB.

    Raises
    ------
    Unavailable
    """
    to = secrets.load(CheckpointSettings)
    if to.checkpoint_kms_key:
        return kms.sign(to.checkpoint_kms_key, _hash(text))
    return _own_key(to).sign(_hash(text))


def is_ours(signed: Mapping[str, str]) -> bool:
    """Whether a checkpoint's text was signed with our key.

    Raises
    ------
    Unavailable
    """
    key = public_key()
    if key is None:
        return False
    signature = b64decode(signed["signature"])
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(signature, _hash(signed["checkpoint"]))
    except InvalidSignature:
        return False
    return True


def public_key() -> bytes | None:
    """Return the 32 bytes of Ed25519 that verify our checkpoints.

    Raises
    ------
    Unavailable
    """
    to = secrets.load(CheckpointSettings)
    if to.checkpoint_kms_key:
        return kms.public_key(to.checkpoint_kms_key)
    return _own_key(to).public_key().public_bytes_raw() if to.checkpoint_key else None


def _hash(text: str) -> bytes:
    return sha256(text.encode()).digest()


def _own_key(to: CheckpointSettings) -> Ed25519PrivateKey:
    assert to.checkpoint_key is not None
    return Ed25519PrivateKey.from_private_bytes(bytes.fromhex(to.checkpoint_key.get_secret_value()))
