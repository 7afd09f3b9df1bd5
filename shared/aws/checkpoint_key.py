"""The key of Ed25519 that signs checkpoints: at AWS KMS, else one of the settings.

Cryptography takes a twentieth of a start, so this is imported where something is to be signed.
"""

from base64 import b64decode
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from shared.aws import kms
from shared.settings import CheckpointSettings


@dataclass(frozen=True)
class CheckpointKey:
    """Our key, as the settings name it."""

    settings: CheckpointSettings

    def sign(self, text: str) -> bytes:
        """Sign the hash of a text: KMS takes no more than 4 kB.

        Raises
        ------
        Unavailable
        """
        if self.settings.checkpoint_kms_key:
            return kms.sign(self.settings.checkpoint_kms_key, _hash(text))
        return self._own().sign(_hash(text))

    def has_signed(self, stored: Mapping[str, str]) -> bool:
        """Whether a checkpoint's text was signed with this key.

        Raises
        ------
        Unavailable
        """
        key = self.public()
        if key is None:
            return False
        signature = b64decode(stored["signature"])
        try:
            Ed25519PublicKey.from_public_bytes(key).verify(signature, _hash(stored["checkpoint"]))
        except InvalidSignature:
            return False
        return True

    def public(self) -> bytes | None:
        """Return the 32 bytes that verify our checkpoints; None where no key is named.

        Raises
        ------
        Unavailable
        """
        if self.settings.checkpoint_kms_key:
            return kms.public_key(self.settings.checkpoint_kms_key)
        return self._own().public_key().public_bytes_raw() if self.settings.checkpoint_key else None

    def _own(self) -> Ed25519PrivateKey:
        secret = self.settings.checkpoint_key
        assert secret is not None
        return Ed25519PrivateKey.from_private_bytes(bytes.fromhex(secret.get_secret_value()))


def _hash(text: str) -> bytes:
    return sha256(text.encode()).digest()
