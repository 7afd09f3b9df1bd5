"""ECGs as XML: HL7 aECG, GE MUSE and Philips Sierra, told apart by their root element."""

import xml.etree.ElementTree as ET

from functions.cardiology.ecg import Ecg
from functions.cardiology.formats import aecg, muse, sierra
from functions.cardiology.unreadable import MalformedRecording, UnknownFormat, foreign_reader

# A real file nests about 20 deep and has some thousands of elements.
_MAX_DEPTH, _MAX_ELEMENTS = 100, 200_000
_ENTITY = b"<!ENTITY"
_TYPED_ROOT = "RestingECG"


class _Tree(ET.TreeBuilder):
    """A tree of bounded size, names without their namespaces."""

    def __init__(self) -> None:
        super().__init__()
        self._depth = 0
        self._elements = 0
        self._has_document_type = False

    def doctype(self, *_: str | None) -> None:
        self._has_document_type = True

    def start(self, tag: str, attrs: dict[str, str]) -> ET.Element:
        self._depth += 1
        self._elements += 1
        if self._depth > _MAX_DEPTH or self._elements > _MAX_ELEMENTS:
            raise MalformedRecording("The XML is nested deeper or larger than any ECG.")
        if self._elements == 1 and local_name(tag) not in _ROOTS:
            raise UnknownFormat(
                "an XML document, but neither an HL7 aECG nor a GE MUSE or Philips Sierra export"
            )
        if self._has_document_type and self._elements == 1 and local_name(tag) != _TYPED_ROOT:
            raise MalformedRecording("The XML declares a document type, which only MUSE does.")
        return super().start(local_name(tag), attrs)

    def end(self, tag: str) -> ET.Element:
        self._depth -= 1
        return super().end(local_name(tag))


def local_name(tag: str) -> str:
    """The name of an element without its namespace."""
    return tag.rpartition("}")[2]


def read_xml(content: bytes, fs_hz: float | None = None) -> Ecg:
    """Read the recorded leads of an XML document; who was examined is not looked at.

    A document type may be named, as MUSE does; entities, which could grow without bound, are
    refused before anything is parsed.

    Parameters
    ----------
    content : bytes
    fs_hz : float, optional
        Of the request, for a document that states no rate.

    Returns
    -------
    Ecg

    Raises
    ------
    UnknownFormat
        If the root is not that of an aECG, a MUSE or a Sierra export.
    MalformedRecording
        If it declares entities, is nested deeper than any ECG, or breaks its rules.
    """
    if _ENTITY in content.replace(b"\0", b"").upper():
        raise MalformedRecording("The XML declares entities, which no ECG does.")
    with foreign_reader("an XML document"):
        root = ET.XML(content, ET.XMLParser(target=_Tree()))  # noqa: S314 - no entities
        return _ROOTS[root.tag](root, fs_hz)


_ROOTS = {
    "AnnotatedECG": aecg.read_aecg,
    "RestingECG": muse.read_muse,
    "restingecgdata": sierra.read_sierra,
}
