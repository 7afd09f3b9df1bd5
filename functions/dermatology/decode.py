"""Bytes to a photograph: what is read, and at which size lesions are measured."""

from shared.recording import RecordingFile
from shared.science.images.decode import Photograph, decode_photograph, only_file

# The shorter side keeps at least this: a small lesion in a large picture keeps its pixels.
SIDE_PX = 1024


def decode(files: tuple[RecordingFile, ...]) -> Photograph:
    """Decode the one picture of a recording.

    Raises
    ------
    UnreadableUpload
    """
    return decode_photograph(only_file(files), SIDE_PX)
