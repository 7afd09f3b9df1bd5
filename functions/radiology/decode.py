"""Bytes to a `Film`: a DICOM object, or a picture of a film as JPEG, PNG or TIFF."""

import numpy as np

from functions.radiology.film import Film
from functions.radiology.formats.dicom import read_dicom
from functions.radiology.gray import WORK_PX, at_working_size, spread
from shared.recording import RecordingFile
from shared.science.images.decode import decode_photograph, is_dicom, require_weight

FORMATS = ("DICOM (CR, DX, RG)", "JPEG", "PNG", "TIFF")
EXPECTED = "DICOM, JPEG, PNG or TIFF"
LUMA = np.array([0.299, 0.587, 0.114], np.float32)


def decode_film(file: RecordingFile) -> Film:
    """Decode an uploaded film.

    Raises
    ------
    UnreadableUpload, WrongModality
    """
    require_weight(len(file.content))
    if is_dicom(file.content):
        return read_dicom(file.content)
    photograph = decode_photograph(file, WORK_PX, EXPECTED)
    if photograph.deep is not None:
        gray = at_working_size(spread(photograph.deep))
        return Film(gray, photograph.size_px, photograph.file_format)
    gray = (photograph.rgb.astype(np.float32) @ LUMA / 255).astype(np.float32)
    return Film(at_working_size(gray), photograph.size_px, photograph.file_format, photograph.rgb)
