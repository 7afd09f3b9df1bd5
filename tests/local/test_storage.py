"""The laptop's store believes what S3 believes, and nothing else."""

import xml.etree.ElementTree as ET
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
from local.storage_parts import LEAST_BYTES
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


class TestParts:
    """In parts, as S3 takes them: signed for their place, size and hash."""

    async def test_are_listed_and_joined_in_order(
        self, client: httpx.AsyncClient, store: DiskStore
    ) -> None:
        key, contents = new_key(), {1: bytes(LEAST_BYTES), 2: CONTENT}
        together = await begin(client, key)
        for number in (2, 1):
            sent = await send_part(client, key, together, number, contents[number])
            assert sent.status_code == 200
        parts = list(ET.XML((await ask(client, "GET", f"{key}?uploadId={together}")).text))
        joined = await join(client, key, together, parts)

        assert [part.findtext("{*}PartNumber") for part in parts] == ["1", "2"]
        assert parts[1].findtext("{*}ChecksumSHA256") == checksum(CONTENT)
        assert "CompleteMultipartUploadResult" in joined.text
        assert (store.folder / key).read_bytes() == contents[1] + contents[2]
        assert (await ask(client, "GET", f"{key}?uploadId={together}")).status_code == 404

    async def test_part_sent_again_takes_the_formers_place(self, client: httpx.AsyncClient) -> None:
        key = new_key()
        together = await begin(client, key)
        for content in (b"former", CONTENT):
            await send_part(client, key, together, 1, content)
        (part,) = ET.XML((await ask(client, "GET", f"{key}?uploadId={together}")).text)

        assert part.findtext("{*}Size") == str(len(CONTENT))

    async def test_small_or_absent_parts_are_not_joined(self, client: httpx.AsyncClient) -> None:
        key = new_key()
        together = await begin(client, key)
        for number in (1, 2):
            await send_part(client, key, together, number, CONTENT)
        parts = list(ET.XML((await ask(client, "GET", f"{key}?uploadId={together}")).text))

        assert (await join(client, key, together, parts)).text == "EntityTooSmall"
        assert (await join(client, key, together, [])).text == "InvalidPart"
        assert (await join(client, key, together, parts[::-1])).text == "InvalidPart"

    @pytest.mark.parametrize(
        ("sent", "status"),
        [(CONTENT[:-1] + b"?", 400), (CONTENT + b"!", 403), (CONTENT[:-1], 403)],
    )
    async def test_other_bytes_are_refused(
        self, client: httpx.AsyncClient, sent: bytes, status: int
    ) -> None:
        key = new_key()
        together = await begin(client, key)
        headers = part_headers(CONTENT) | {"content-length": str(len(sent))}
        url = part_address(key, together, 1, CONTENT)

        assert (await client.put(url, content=sent, headers=headers)).status_code == status
        assert "Part>" not in (await ask(client, "GET", f"{key}?uploadId={together}")).text

    async def test_address_of_another_part_or_file_is_refused(
        self, client: httpx.AsyncClient
    ) -> None:
        key, headers = new_key(), part_headers(CONTENT)
        together = await begin(client, key)
        other = await begin(client, key)
        url = part_address(key, together, 1, CONTENT)
        for former, latter in (
            ("partNumber=1", "partNumber=2"),
            (together, other),
            (key, new_key()),
            ("partNumber=1&", ""),
            (f"partNumber=1&uploadId={together}&", ""),
        ):
            changed = url.replace(former, latter)
            assert (await client.put(changed, content=CONTENT, headers=headers)).status_code == 403

    async def test_parts_of_another_key_are_not_there(self, client: httpx.AsyncClient) -> None:
        together = await begin(client, new_key())
        for name in (together, "..", "a" * 32):
            answer = await ask(client, "DELETE", f"{new_key()}?uploadId={name}")
            assert answer.status_code == 404

    async def test_aborted_leave_nothing(self, client: httpx.AsyncClient, store: DiskStore) -> None:
        key = new_key()
        together = await begin(client, key)
        await send_part(client, key, together, 1, CONTENT)
        answer = await ask(client, "DELETE", f"{key}?uploadId={together}")
        late = await send_part(client, key, together, 1, CONTENT)

        assert (answer.status_code, late.status_code) == (204, 404)
        assert not [path for path in store.folder.rglob("*") if path.is_file()]


async def ask(
    client: httpx.AsyncClient, method: str, place: str, content: bytes = b""
) -> httpx.Response:
    signer = Signer(CREDENTIALS, REGION, "s3")
    digest = sha256(content).hexdigest()
    headers = signer.headers(method, address(place), {}, digest, now())
    return await client.request(method, address(place), headers=headers, content=content)


async def begin(client: httpx.AsyncClient, key: str) -> str:
    answer = await ask(client, "POST", f"{key}?uploads=")
    return ET.XML(answer.text).findtext("{*}UploadId", "")


def part_headers(content: bytes) -> dict[str, str]:
    return {
        "content-length": str(len(content)),
        "x-amz-checksum-sha256": checksum(content),
    }


def part_address(key: str, together: str, number: int, content: bytes) -> str:
    place = f"{key}?partNumber={number}&uploadId={together}"
    signer = Signer(CREDENTIALS, REGION, "s3")
    return signer.url("PUT", address(place), part_headers(content), 900, now())


async def send_part(
    client: httpx.AsyncClient, key: str, together: str, number: int, content: bytes
) -> httpx.Response:
    url = part_address(key, together, number, content)
    return await client.put(url, content=content, headers=part_headers(content))


async def join(
    client: httpx.AsyncClient, key: str, together: str, parts: list[ET.Element]
) -> httpx.Response:
    named = "".join(
        f"<Part><PartNumber>{part.findtext('{*}PartNumber')}</PartNumber>"
        f"<ETag>{part.findtext('{*}ETag')}</ETag></Part>"
        for part in parts
    )
    body = f"<CompleteMultipartUpload>{named}</CompleteMultipartUpload>".encode()
    return await ask(client, "POST", f"{key}?uploadId={together}", body)
