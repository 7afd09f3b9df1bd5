"""One file to rows, whichever way it writes them."""

from dataclasses import replace

from functions.cognitive.decimals import with_points
from functions.cognitive.frames import frame_document, is_frame_log
from functions.cognitive.json_text import json_document
from functions.cognitive.plaintext import Document, decoded_text
from functions.cognitive.tables import table_document
from shared.recording import RecordingFile


def read_document(file: RecordingFile) -> Document:
    """Read one file as E-Prime's log where it is marked so, as JSON or as a table.

    Raises
    ------
    UnreadableUpload
        A named subclass for everything that is not a log.
    """
    text, encoding = decoded_text(file.content)
    if is_frame_log(text):
        document = frame_document(text)
    elif text.lstrip()[:1] in ("{", "["):
        document = json_document(text)
    else:
        document = table_document(text)
    return replace(with_points(document), encoding=encoding)
