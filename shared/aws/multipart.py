"""A large object in parts: an interruption costs the parts that were on their way, and no others.

The store checks each part against the hash that was signed for it and tells which parts it has. It
keeps no hash of the whole: who needs that reads the object. All of this waits for the network:
call it in a thread.
"""

import xml.etree.ElementTree as ET
from base64 import b64encode
from collections.abc import Sequence
from contextlib import suppress
from urllib.parse import quote
from xml.sax.saxutils import escape

from shared.aws import requests
from shared.aws.parts import Part
from shared.aws.requests import NotThere, RequestRefused
from shared.aws.storage import SERVICE, Object, SignedAddress, address_of, delete, signed_put
from shared.errors import Unavailable

CHECKSUM = "x-amz-checksum-sha256"
NOT_JOINED = "The storage did not join the parts of the file. Try again."


def begin(announced: Object) -> str:
    """Have the store expect the parts of an object, and return what it calls them together.

    Raises
    ------
    Unavailable
    """
    headers = {name: value for name, value in announced.headers.items() if name != CHECKSUM}
    headers["x-amz-checksum-algorithm"] = "SHA256"
    answer = _ask("POST", f"{address_of(announced.key)}?uploads=", headers)
    return answer.findtext("{*}UploadId", "")


def signed_part(
    key: str, multipart_id: str, number: int, size_bytes: int, sha256: str
) -> SignedAddress:
    """Allow exactly this part to be sent: its place, size and hash are part of the signature."""
    checksum = b64encode(bytes.fromhex(sha256)).decode()
    place = f"partNumber={number}&uploadId={quote(multipart_id, safe='')}"
    return signed_put(f"{address_of(key)}?{place}", {CHECKSUM: checksum}, size_bytes)


def arrived(key: str, multipart_id: str) -> Sequence[Part]:
    """Return the parts that the store has.

    Raises
    ------
    NotThere
        They were joined or aborted.
    Unavailable
    """
    listed = _ask("GET", _together(key, multipart_id))
    return [
        Part(
            number=int(part.findtext("{*}PartNumber", "")),
            size_bytes=int(part.findtext("{*}Size", "")),
            etag=part.findtext("{*}ETag", ""),
            checksum=part.findtext("{*}ChecksumSHA256"),
        )
        for part in listed.iterfind("{*}Part")
    ]


def join(key: str, multipart_id: str, parts: Sequence[Part]) -> None:
    """Make one object of parts, in their order.

    Raises
    ------
    NotThere
        They were joined or aborted before.
    Unavailable
    """
    named = "".join(map(_named, parts))
    body = f"<CompleteMultipartUpload>{named}</CompleteMultipartUpload>".encode()
    headers = {"content-type": "application/xml"}
    try:
        answer = _ask("POST", _together(key, multipart_id), headers, body)
    except RequestRefused as refusal:  # a part was sent again since they were listed
        raise Unavailable(NOT_JOINED) from refusal
    # A store that begins to answer while it joins can tell of a failure in the body alone.
    if not answer.tag.endswith("CompleteMultipartUploadResult"):
        raise Unavailable(NOT_JOINED)


def _named(part: Part) -> str:
    checksum = part.checksum and f"<ChecksumSHA256>{escape(part.checksum)}</ChecksumSHA256>"
    return (
        f"<Part><PartNumber>{part.number}</PartNumber><ETag>{escape(part.etag)}</ETag>"
        f"{checksum or ''}</Part>"
    )


def abort(key: str, multipart_id: str) -> None:
    """Remove parts that were not joined; where there are none is fine.

    Raises
    ------
    Unavailable
    """
    with suppress(NotThere):
        requests.call(SERVICE, "DELETE", _together(key, multipart_id), {}).close()


def remove(key: str, multipart_id: str | None) -> None:
    """Remove a file's bytes, those too that came in parts; where there are none is fine.

    Raises
    ------
    Unavailable
    """
    if multipart_id:
        abort(key, multipart_id)
    delete(key)


def _together(key: str, multipart_id: str) -> str:
    return f"{address_of(key)}?uploadId={quote(multipart_id, safe='')}"


def _ask(
    method: str, url: str, headers: dict[str, str] | None = None, body: bytes = b""
) -> ET.Element:
    try:
        with requests.answered(SERVICE, method, url, headers or {}, body) as answer:
            return ET.XML(answer.read())
    except ET.ParseError as failure:
        raise Unavailable("The storage broke off its answer. Try again.") from failure
