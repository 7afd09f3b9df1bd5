"""The master key at AWS KMS: it wraps and opens an organization's keys, and nothing else's."""

from uuid import uuid4

import boto3
import pytest

from shared import settings
from shared.aws import kms
from shared.aws.kms import KeyRefused
from shared.database.encryption import masters, memory
from shared.database.encryption.masters import MasterKeyMissing, Parts
from tests.conftest import MASTER_KEY
from tests.shared.conftest import Reconfigure

CONTEXT = {"organization": "a", "number": "1"}


@pytest.fixture
def key(aws: str, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("AWS_ENDPOINT_URL_KMS", aws)
    client = boto3.client(
        "kms",
        endpoint_url=aws,
        region_name="us-east-1",
        aws_access_key_id="key",
        aws_secret_access_key="secret",
    )
    return str(client.create_key()["KeyMetadata"]["KeyId"])


def test_what_was_wrapped_opens_again(key: str) -> None:
    wrapped = kms.encrypt(key, b"a key", CONTEXT)
    assert b"a key" not in wrapped
    assert kms.decrypt(key, wrapped, CONTEXT) == b"a key"


def test_not_for_another_organization_nor_when_a_byte_was_changed(key: str) -> None:
    wrapped = kms.encrypt(key, b"a key", CONTEXT)
    for blob, context in (
        (wrapped, CONTEXT | {"organization": "b"}),
        (wrapped[:-1] + bytes([wrapped[-1] ^ 1]), CONTEXT),
    ):
        with pytest.raises(KeyRefused, match=r"docs/operating\.md"):
            kms.decrypt(key, blob, context)


def test_an_unknown_key_is_refused_by_name(key: str) -> None:
    with pytest.raises(KeyRefused, match=r"Encrypt with alias/none"):
        kms.encrypt("alias/none", key.encode(), CONTEXT)


async def test_organizations_keys_are_wrapped_there_and_opened_once(
    key: str, reconfigure: Reconfigure, monkeypatch: pytest.MonkeyPatch
) -> None:
    reconfigure(master_kms_key=key)
    wrapped = await masters.wrap(uuid4(), 1, parts := Parts.new())
    assert wrapped.master == f"kms:{key}" == masters.current_master()
    first = await masters.opened([wrapped])
    assert first.index == parts.index
    monkeypatch.setattr(kms, "decrypt", None)
    assert await masters.opened([wrapped]) is first
    memory.ORGANIZATIONS.forget()
    with pytest.raises(TypeError):
        await masters.opened([wrapped])


async def test_what_a_local_key_has_wrapped_opens_beside_kms(
    key: str, reconfigure: Reconfigure, monkeypatch: pytest.MonkeyPatch
) -> None:
    wrapped = await masters.wrap(uuid4(), 1, parts := Parts.new())
    assert wrapped.master.startswith("local:")
    assert MASTER_KEY not in repr(wrapped)
    reconfigure(master_kms_key=key)
    assert await masters.unwrap(wrapped) == parts
    monkeypatch.delenv("MEDILENS_MASTER_KEY")
    settings.load.cache_clear()
    with pytest.raises(MasterKeyMissing):
        await masters.unwrap(wrapped)
