"""The laptop's store believes what S3 believes, and nothing else."""

from base64 import b64encode
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from uuid import uuid4

import httpx
import pytest
from starlette.applications import Starlette

from local.signatures import REGION
from local.storage import DiskStore, NotDevelopment
from shared.aws.signing import Credentials, Signer

CREDENTIALS = Credentials("local", "secret")
CONTENT = b"a recording" * 1000


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> DiskStore:
    monkeypatch.setenv("MEDILENS_ENVIRONMENT", "development")
    return DiskStore.open(tmp_path / "storage", CREDENTIALS)


@pytest.fixture
async def client(store: DiskStore) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(Starlette(routes=store.routes()))
    async with httpx.AsyncClient(transport=transport, base_url="http://store.test") as client:
        yield client


def address(key: str) -> str:
    return f"http://store.test/recordings/{key}"


def new_key() -> str:
    return f"{uuid4()}/{uuid4()}"


def checksum(content: bytes) -> str:
    return b64encode(sha256(content).digest()).decode()


def headers_of(content: bytes) -> dict[str, str]:
    return {
        "content-type": "audio/wav",
        "content-length": str(len(content)),
        "x-amz-checksum-sha256": checksum(content),
    }


def now() -> datetime:
    """The moment of the call: a signature of when the tests were collected has expired by then."""
    return datetime.now(UTC)


def signed(
    key: str,
    content: bytes = CONTENT,
    at: datetime | None = None,
    credentials: Credentials = CREDENTIALS,
) -> str:
    signer = Signer(credentials, REGION, "s3")
    return signer.url("PUT", address(key), headers_of(content), 900, at or now())


async def get(client: httpx.AsyncClient, key: str, credentials: Credentials = CREDENTIALS) -> int:
    signer = Signer(credentials, REGION, "s3")
    headers = signer.headers("GET", address(key), {}, sha256(b"").hexdigest(), now())
    return (await client.get(address(key), headers=headers)).status_code


class TestPut:
    async def test_signed_file_comes_back_byte_for_byte(
        self, client: httpx.AsyncClient, store: DiskStore
    ) -> None:
        key = new_key()
        answer = await client.put(signed(key), content=CONTENT, headers=headers_of(CONTENT))

        assert answer.status_code == 200
        assert (store.folder / key).read_bytes() == CONTENT
        assert await get(client, key) == 200

    async def test_file_of_an_export_comes_back_too(self, client: httpx.AsyncClient) -> None:
        key = f"exports/{new_key()}/12"
        answer = await client.put(signed(key), content=CONTENT, headers=headers_of(CONTENT))

        assert answer.status_code == 200
        assert await get(client, key) == 200

    async def test_expired_address_is_refused(self, client: httpx.AsyncClient) -> None:
        url = signed(new_key(), at=now() - timedelta(minutes=16))
        answer = await client.put(url, content=CONTENT, headers=headers_of(CONTENT))

        assert answer.status_code == 403
        assert "expired" in answer.text

    async def test_wrong_signature_is_refused(self, client: httpx.AsyncClient) -> None:
        stranger = Credentials("local", "another secret")
        url = signed(new_key(), credentials=stranger)
        answer = await client.put(url, content=CONTENT, headers=headers_of(CONTENT))

        assert answer.status_code == 403

    async def test_address_of_another_file_is_refused(self, client: httpx.AsyncClient) -> None:
        key = new_key()
        url = signed(key).replace(key, new_key())
        answer = await client.put(url, content=CONTENT, headers=headers_of(CONTENT))

        assert answer.status_code == 403

    @pytest.mark.parametrize(
        "change", [{"content-type": "text/html"}, {"x-amz-checksum-sha256": checksum(b"other")}]
    )
    async def test_other_headers_are_refused(
        self, client: httpx.AsyncClient, change: dict[str, str]
    ) -> None:
        headers = headers_of(CONTENT) | change
        answer = await client.put(signed(new_key()), content=CONTENT, headers=headers)

        assert answer.status_code == 403

    async def test_another_size_is_refused(self, client: httpx.AsyncClient) -> None:
        larger = CONTENT + b"!"
        headers = headers_of(CONTENT) | {"content-length": str(len(larger))}
        answer = await client.put(signed(new_key()), content=larger, headers=headers)

        assert answer.status_code == 403

    async def test_other_bytes_leave_nothing(
        self, client: httpx.AsyncClient, store: DiskStore
    ) -> None:
        key = new_key()
        other = CONTENT[:-1] + b"?"
        answer = await client.put(signed(key), content=other, headers=headers_of(CONTENT))

        assert answer.status_code == 400
        assert not [path for path in store.folder.rglob("*") if path.is_file()]

    async def test_longer_life_than_signed_is_refused(self, client: httpx.AsyncClient) -> None:
        url = signed(new_key()).replace("X-Amz-Expires=900", "X-Amz-Expires=9000")
        answer = await client.put(url, content=CONTENT, headers=headers_of(CONTENT))

        assert answer.status_code == 403


class TestOthers:
    async def test_reading_needs_a_signature(self, client: httpx.AsyncClient) -> None:
        key = new_key()
        await client.put(signed(key), content=CONTENT, headers=headers_of(CONTENT))

        assert (await client.get(address(key))).status_code == 403
        assert await get(client, key, Credentials("local", "guess")) == 403

    async def test_address_to_put_does_not_read(self, client: httpx.AsyncClient) -> None:
        key = new_key()
        await client.put(signed(key), content=CONTENT, headers=headers_of(CONTENT))

        assert (await client.get(signed(key), headers=headers_of(CONTENT))).status_code == 403

    @pytest.mark.parametrize("key", ["../../etc/passwd", "%2e%2e/%2e%2e/etc/passwd", "a", ""])
    async def test_key_that_is_no_key_is_404(self, client: httpx.AsyncClient, key: str) -> None:
        assert (await client.get(f"/recordings/{key}")).status_code == 404

    @pytest.mark.parametrize(
        "query",
        [
            "X-Amz-Signature=0",
            "X-Amz-Signature=0&X-Amz-Date=yesterday",
            "X-Amz-Signature=0&X-Amz-Date=20261122T163000Z&X-Amz-Expires=many",
            "X-Amz-Signature=%C3%A9&X-Amz-Date=20261122T163000Z&X-Amz-Expires=99999999999999999999",
        ],
    )
    async def test_half_a_signature_is_refused(self, client: httpx.AsyncClient, query: str) -> None:
        answer = await client.put(f"/recordings/{new_key()}?{query}", content=CONTENT)

        assert answer.status_code == 403

    def test_not_outside_development(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("MEDILENS_ENVIRONMENT", "production")
        with pytest.raises(NotDevelopment):
            DiskStore.open(tmp_path, CREDENTIALS)
