"""Whether the bytes that came are the bytes that were announced."""

from hashlib import sha256
from http import HTTPStatus

from shared.aws import storage
from shared.aws.requests import NotThere
from shared.aws.storage import Object
from shared.errors import Conflict, MediLensError
from shared.examination.file_types import HEAD_BYTES, looks_like


class UploadNotArrived(Conflict):
    """The file was announced, but no bytes came."""

    code = "upload-not-arrived"

    def __init__(self) -> None:
        super().__init__("No file has arrived yet. Send it to its signed address first.")


class UploadDiffers(MediLensError):
    """What came is not what was announced."""

    status = HTTPStatus.UNPROCESSABLE_ENTITY
    title = "Upload rejected"


class SizeDiffers(UploadDiffers):
    """The bytes that came do not have the size that was announced."""

    code = "upload-size-differs"

    def __init__(self, announced: int, *, larger: bool) -> None:
        super().__init__(
            f"The file is {'larger' if larger else 'smaller'} than the {announced:,} bytes"
            " that were announced. The file was not kept."
        )


class HashDiffers(UploadDiffers):
    """The bytes that came do not have the SHA-256 that was announced."""

    code = "upload-hash-differs"

    def __init__(self) -> None:
        super().__init__("The file's SHA-256 is not the one announced. The file was not kept.")


class TypeDiffers(UploadDiffers):
    """The bytes that came do not begin as a file of the announced type does."""

    code = "upload-type-differs"

    def __init__(self, announced: str) -> None:
        super().__init__(
            f"The file's first bytes are not those of {announced}. The file was not kept."
        )


def inspect(announced: Object) -> None:
    """Read a file once, a chunk at a time, and check its size, hash and first bytes.

    Raises
    ------
    UploadNotArrived, SizeDiffers, HashDiffers, TypeDiffers, Unavailable
    """
    head, size, digest = b"", 0, sha256()
    try:
        for chunk in storage.read(announced.key):
            size += len(chunk)
            if size > announced.size_bytes:
                raise SizeDiffers(announced.size_bytes, larger=True)
            head += chunk[: HEAD_BYTES - len(head)]
            digest.update(chunk)
    except NotThere:
        raise UploadNotArrived from None
    if size < announced.size_bytes:
        raise SizeDiffers(announced.size_bytes, larger=False)
    if digest.hexdigest() != announced.sha256:
        raise HashDiffers
    if not looks_like(announced.content_type, head):
        raise TypeDiffers(announced.content_type)
