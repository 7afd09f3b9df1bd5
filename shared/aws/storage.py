"""Where uploads lie: a bucket of S3, or of what speaks as S3 does.

A key is an organization's id and a random one, so it tells nothing about a person. Objects are
encrypted by the bucket, with the key of the settings where one is named. All of this waits for the
network: call it in a thread.
"""

from base64 import b64encode
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from tempfile import SpooledTemporaryFile
from urllib.parse import urlsplit

from shared.aws import requests
from shared.aws.requests import NotThere
from shared.errors import MediLensError
from shared.settings import AwsSettings, StorageSettings, load

SERVICE = "s3"
CHUNK_BYTES = 1 << 18

# Long enough for 256 MB over a slow line, short for whoever finds the address in a log.
ADDRESS_LIFETIME = timedelta(minutes=15)


class UploadsNotOffered(MediLensError):
    """The deployment has no bucket for uploads."""

    status = HTTPStatus.NOT_IMPLEMENTED
    code = "uploads-not-offered"
    title = "Uploads not configured"

    def __init__(self) -> None:
        super().__init__("This deployment takes no uploads: MEDILENS_STORAGE_BUCKET is not set.")


@dataclass(frozen=True)
class Object:
    """What an object has to be, byte for byte."""

    key: str
    content_type: str
    size_bytes: int
    sha256: str
    # How whoever fetches it by an address saves it; ours, never a caller's.
    file_name: str | None = None

    @property
    def headers(self) -> dict[str, str]:
        """What is sent with it: the store itself refuses another size or other bytes."""
        checksum = b64encode(bytes.fromhex(self.sha256)).decode()
        own = {"content-type": self.content_type, "x-amz-checksum-sha256": checksum}
        if self.file_name:
            own["content-disposition"] = f'attachment; filename="{self.file_name}"'
        key = load(StorageSettings).storage_kms_key
        encryption = {
            "x-amz-server-side-encryption": "aws:kms",
            "x-amz-server-side-encryption-aws-kms-key-id": key,
        }
        return own | ({name: str(value) for name, value in encryption.items()} if key else {})


@dataclass(frozen=True)
class SignedAddress:
    """Lets whoever has it send one object, once its headers are sent with it."""

    url: str
    headers: dict[str, str]
    expires_at: datetime


def signed_address(announced: Object) -> SignedAddress:
    """Allow exactly this object to be sent: type, size and hash are part of the signature."""
    return signed_put(address_of(announced.key), announced.headers, announced.size_bytes)


def signed_put(address: str, headers: dict[str, str], size_bytes: int) -> SignedAddress:
    """Allow so many bytes to be sent to an address, with these headers."""
    now = datetime.now(UTC)
    signed = {**headers, "content-length": str(size_bytes)}
    lifetime_s = int(ADDRESS_LIFETIME.total_seconds())
    url = requests.signer(SERVICE).url("PUT", address, signed, lifetime_s, now)
    return SignedAddress(url, headers, now + ADDRESS_LIFETIME)


def reading_address(key: str) -> str:
    """Allow exactly this object to be read, for some minutes, by whoever has the address."""
    lifetime_s = int(ADDRESS_LIFETIME.total_seconds())
    return requests.signer(SERVICE).url("GET", address_of(key), {}, lifetime_s, datetime.now(UTC))


def origin() -> str | None:
    """Where a browser sends uploads to, for its policy; None where there are none."""
    if load(StorageSettings).storage_bucket is None:
        return None
    parts = urlsplit(address_of(""))
    return f"{parts.scheme}://{parts.netloc}"


def put(announced: Object, content: bytes, *, bucket: str | None = None) -> None:
    """Store an object, in the bucket of the uploads unless another is named.

    Raises
    ------
    Unavailable
    """
    url = address_of(announced.key, bucket)
    requests.call(SERVICE, "PUT", url, announced.headers, content).close()


def put_file(announced: Object, file: SpooledTemporaryFile[bytes]) -> None:
    """Store what a file holds, a little at a time.

    Raises
    ------
    Unavailable
    """
    requests.call(SERVICE, "PUT", address_of(announced.key), announced.headers, file).close()


def read(key: str) -> Iterator[bytes]:
    """Read an object, a chunk at a time.

    Raises
    ------
    NotThere, Unavailable
    """
    with requests.answered(SERVICE, "GET", address_of(key), {}) as answer:
        while chunk := answer.read(CHUNK_BYTES):
            yield chunk


def get(key: str, *, bucket: str | None = None) -> bytes:
    """Read an object whole, from the bucket of the uploads unless another is named.

    Raises
    ------
    NotThere, Unavailable
    """
    with requests.answered(SERVICE, "GET", address_of(key, bucket), {}) as answer:
        return answer.read()


def size_of(key: str) -> int:
    """Return how many bytes an object has.

    Raises
    ------
    NotThere, Unavailable
    """
    with requests.call(SERVICE, "HEAD", address_of(key), {}) as answer:
        return int(answer.headers["content-length"])


def delete(key: str) -> None:
    """Remove an object; one that is not there is fine.

    Raises
    ------
    Unavailable
    """
    with suppress(NotThere):  # S3 says nothing of it, other stores do
        requests.call(SERVICE, "DELETE", address_of(key), {}).close()


def address_of(key: str, bucket: str | None = None) -> str:
    """Each bucket of AWS has a host of its own; elsewhere it is the path's first part."""
    settings = load(StorageSettings)
    place = bucket or settings.storage_bucket
    if place is None:
        raise UploadsNotOffered
    if settings.storage_endpoint:
        return f"{settings.storage_endpoint.rstrip('/')}/{place}/{key}"
    return f"https://{place}.s3.{load(AwsSettings).aws_region}.amazonaws.com/{key}"
