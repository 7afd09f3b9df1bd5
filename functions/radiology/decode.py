"""Bytes to a `Film`: a DICOM object, or a picture of a film as JPEG, PNG or TIFF."""

import numpy as np

from functions.radiology.film import Film
from functions.radiology.formats.dicom import read_dicom
from functions.radiology.gray import WORK_PX, at_working_size, spread
from shared.recording import RecordingFile
from shared.science.images.decode import decode_photograph, is_dicom, require_weight
from shared.science.images.luminance import luminance

FORMATS = ("DICOM (CR, DX, RG)", "JPEG", "PNG", "TIFF")
EXPECTED = "DICOM, JPEG, PNG or TIFF"


def decode_film(file: RecordingFile) -> Film:
    """Decode an uploaded film.

    Parameters
    ----------
    file : RecordingFile
        Told by its first bytes; its name counts for nothing.

    Returns
    -------
    Film
        A DICOM object and a picture of 16 bits have the gray between the tails of their values, the
        former after its own window, and one of 8 bits the gray it was sent with: nobody knows what
        was cut off it.

    Raises
    ------
    UnreadableUpload
        If it is damaged, too large or too small, or of no format that is read.
    WrongModality
        If a DICOM object says that it is no chest radiograph.
    """
    require_weight(len(file.content))
    if is_dicom(file.content):
        return read_dicom(file.content)
    photograph = decode_photograph(file, WORK_PX, EXPECTED)
    if photograph.deep is not None:
        gray = at_working_size(spread(photograph.deep))
        return Film(gray, photograph.size_px, photograph.file_format)
    gray = (luminance(photograph.rgb) / 255).astype(np.float32)
    return Film(at_working_size(gray), photograph.size_px, photograph.file_format, photograph.rgb)
