"""Checkpoints signed by what speaks as AWS KMS does, and stored in a bucket."""

import json
import threading
from base64 import b64decode, b64encode
from collections.abc import Iterator
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from functions.audit.verifier import is_signed_by
from shared import settings
from shared.aws import checkpoints, kms, storage

KEY = "arn:aws:kms:us-east-1:123456789012:key/0199b0f4-5c10-7d4c-9b21-0a1f2e3d4c5b"
SIGNER = ed25519.Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
OTHER = ec.generate_private_key(ec.SECP256R1())


class Kms(BaseHTTPRequestHandler):
    """Answers `Sign` and `GetPublicKey` of one key, to signed requests alone."""

    def do_POST(self) -> None:  # the library's name
        asked = json.loads(self.rfile.read(int(self.headers["content-length"])))
        action = self.headers["x-amz-target"]
        assert "/us-east-1/kms/aws4_request" in self.headers["authorization"]
        told = json.dumps(self.answer(action, asked)).encode()
        self.send_response(200)
        self.send_header("content-length", str(len(told)))
        self.end_headers()
        self.wfile.write(told)

    def answer(self, action: str, asked: dict[str, Any]) -> dict[str, str]:
        if action == "TrentService.Sign":
            assert asked["MessageType"] == "RAW"
            assert asked["SigningAlgorithm"] == "ED25519_SHA_512"
            signature = SIGNER.sign(b64decode(asked["Message"]))
            return {"KeyId": asked["KeyId"], "Signature": b64encode(signature).decode()}
        assert action == "TrentService.GetPublicKey"
        key = OTHER.public_key() if asked["KeyId"] == "alias/other" else SIGNER.public_key()
        told = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        return {"PublicKey": b64encode(told).decode()}

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def bucket(aws: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The settings of a bucket and a key of KMS."""
    server = HTTPServer(("127.0.0.1", 0), Kms)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setenv("AWS_ENDPOINT_URL_KMS", f"http://127.0.0.1:{server.server_port}/")
    monkeypatch.setenv("MEDILENS_CHECKPOINT_BUCKET", "checkpoints")
    monkeypatch.setenv("MEDILENS_CHECKPOINT_KMS_KEY", KEY)
    settings.load.cache_clear()
    httpx.put(f"{aws}/checkpoints").raise_for_status()
    yield "checkpoints"
    server.shutdown()
    server.server_close()


class TestCheckpoints:
    def test_each_is_signed_stored_by_its_name_and_the_latest(self, bucket: str) -> None:
        assert checkpoints.are_kept()
        names = ("2026-11-28T04-00-00Z-000000001", "2026-11-28T04-01-00Z-000000002")
        for name in names:
            content = checkpoints.keep(name, f'{{"name": "{name}"}}')
            assert checkpoints.latest() == content
            stored = storage.get(f"audit/checkpoints/{name}.json", bucket=bucket)
            assert stored == content
        told = json.loads(content)
        assert json.loads(told["checkpoint"])["name"] == names[1]
        key = checkpoints.signing_key().public()
        assert key == SIGNER.public_key().public_bytes_raw() == b64decode(told["public_key"])
        digest = sha256(told["checkpoint"].encode()).digest()
        assert is_signed_by(key, b64decode(told["signature"]), digest)
        assert not is_signed_by(key, b64decode(told["signature"]), digest[::-1])

    @pytest.mark.usefixtures("bucket")
    def test_a_key_of_another_kind_is_refused(self) -> None:
        with pytest.raises(kms.NoEd25519Key, match="alias/other"):
            kms.public_key("alias/other")

    def test_without_a_place_or_a_key_none_is_kept(self, monkeypatch: pytest.MonkeyPatch) -> None:
        settings.load.cache_clear()
        assert not checkpoints.are_kept()
        monkeypatch.setenv("MEDILENS_CHECKPOINT_BUCKET", "checkpoints")
        settings.load.cache_clear()
        assert not checkpoints.are_kept()
        assert checkpoints.signing_key().public() is None
