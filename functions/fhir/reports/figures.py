"""The pictures of a report: which are shown, and in a form that prints."""

import gzip
import re
import struct
from base64 import b64encode
from collections.abc import Sequence

from functions.fhir.reports.content import Figure
from functions.fhir.reports.pipelines import reported
from shared.database.repositories.pictures import PictureContent
from shared.drawing import svg
from shared.record import StoredPicture

# What takes a page of its own, at the scale that it is read at.
SHEETS = frozenset({"twelve_lead"})

DRAWN_FOR = b"Helvetica, Arial, &#x27;Liberation Sans&#x27;, sans-serif"
PRINTED_IN = b"Noto Sans"
SIZE_MM = re.compile(rb'<svg[^>]*? width="([\d.]+)mm" height="([\d.]+)mm"')
# Where a PNG says how many pixels it has: two big-endian numbers of its first chunk.
PNG_SIZE = struct.Struct(">II")
PNG_SIZE_AT = 16


def shown(pipeline: str, pictures: Sequence[StoredPicture]) -> list[StoredPicture]:
    """Return the pictures that a report of the pipeline shows, in their order; sheets come last."""
    stored = {picture.name: picture for picture in pictures}
    sheets = [name for name in stored if name in SHEETS]
    # A twelve-lead sheet has the rhythm strip's lead below it, at true scale.
    names = [*reported(pipeline).pictures, *sheets]
    return [stored[name] for name in names if name in stored]


def figure(picture: StoredPicture, stored: PictureContent) -> Figure:
    """Return a stored picture as vector graphics, its text in a font that is embedded."""
    content = (
        gzip.decompress(stored.content) if stored.content_encoding == "gzip" else stored.content
    )
    is_drawing = stored.media_type == svg.MEDIA_TYPE
    size = SIZE_MM.search(content) if is_drawing else None
    return Figure(
        svg=content.replace(DRAWN_FOR, PRINTED_IN).decode() if is_drawing else _framed(content),
        alt=picture.alt,
        caption=picture.alt.partition(". ")[0].rstrip(".") + ".",
        size_mm=(float(size[1]), float(size[2])) if size else None,
        is_sheet=picture.name in SHEETS,
    )


def _framed(png: bytes) -> str:
    """Wrap a photo into an SVG, which is passed on as text."""
    width, height = PNG_SIZE.unpack_from(png, PNG_SIZE_AT)
    size = {"width": width, "height": height}
    image = svg.element("image", href=f"data:image/png;base64,{b64encode(png).decode()}", **size)
    return svg.element("svg", image, xmlns=svg.NAMESPACE, viewBox=f"0 0 {width} {height}", **size)
