"""How an answer is encoded: as its caller asks for (RFC 9110, 12.5.3)."""

import gzip
from dataclasses import dataclass
from http import HTTPStatus

from starlette.responses import Response

from shared.errors import MediLensError

BROTLI, GZIP, IDENTITY, ANY = "br", "gzip", "identity", "*"


class NotAcceptable(MediLensError):
    """The request accepts none of the encodings that the answer can have."""

    status = HTTPStatus.NOT_ACCEPTABLE
    code = "not-acceptable"
    title = "No encoding that you accept"


@dataclass(frozen=True)
class Encoded:
    """A body as it is kept, and how it is encoded there."""

    content: bytes
    media_type: str
    encoding: str


def encoded_response(
    body: Encoded, accept_encoding: str | None, headers: dict[str, str] | None = None
) -> Response:
    """Answer with a body, unpacked for whoever does not read it packed.

    Raises
    ------
    NotAcceptable
    """
    encoding = chosen(accept_encoding, body.encoding)
    content = body.content
    if encoding == IDENTITY and body.encoding == GZIP:
        content = gzip.decompress(content)
    own = {"Vary": "Accept-Encoding", **(headers or {})}
    if encoding != IDENTITY:
        own["Content-Encoding"] = encoding
    return Response(content, media_type=body.media_type, headers=own)


def chosen(accept_encoding: str | None, *offered: str) -> str:
    """Return the encoding of an answer: the offered one that is liked best, the first of equals.

    Raises
    ------
    NotAcceptable
    """
    accepted = weights(accept_encoding)
    liked = {name: accepted.get(name, accepted.get(ANY, 0.0)) for name in offered}
    best = max(offered, key=lambda name: liked[name])
    if best != IDENTITY and liked[best] > 0:
        return best
    if accepted.get(IDENTITY, accepted.get(ANY, 1.0)) > 0:
        return IDENTITY
    raise NotAcceptable(
        f"Accept-Encoding: {', '.join(dict.fromkeys([*offered, IDENTITY]))} can be had."
    )


def weights(header: str | None) -> dict[str, float]:
    """Return what a header accepts, each with its weight; what cannot be read weighs nothing."""
    accepted = {}
    for part in (header or "").split(","):
        name, *parameters = [word.strip().lower() for word in part.split(";")]
        if name:
            quality = next((word[2:] for word in parameters if word.startswith("q=")), "1")
            accepted["gzip" if name == "x-gzip" else name] = _weight(quality)
    return accepted


def _weight(quality: str) -> float:
    try:
        return min(max(float(quality), 0.0), 1.0)
    except ValueError:
        return 0.0
