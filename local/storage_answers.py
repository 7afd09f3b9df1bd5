"""What S3 says in XML."""

import xml.etree.ElementTree as ET
from base64 import b64encode
from collections.abc import Iterable

from starlette.responses import Response


def answer(name: str, **told: str) -> Response:
    return _sent(_element(name, told))


def listed_parts(parts: Iterable[tuple[int, str, int]]) -> Response:
    """Name parts by their numbers, SHA-256s and sizes."""
    root = _element("ListPartsResult", {})
    for number, sha256, size_bytes in parts:
        told = {
            "PartNumber": str(number),
            "ETag": f'"{sha256}"',
            "Size": str(size_bytes),
            "ChecksumSHA256": b64encode(bytes.fromhex(sha256)).decode(),
        }
        root.append(_element("Part", told))
    return _sent(root)


def _element(name: str, told: dict[str, str]) -> ET.Element:
    element = ET.Element(name)
    for key, value in told.items():
        ET.SubElement(element, key).text = value
    return element


def _sent(root: ET.Element) -> Response:
    root.set("xmlns", "http://s3.amazonaws.com/doc/2006-03-01/")
    return Response(ET.tostring(root), media_type="application/xml")
