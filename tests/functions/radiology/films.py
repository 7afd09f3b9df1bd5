"""Chest films as files, made here."""

from functools import cache
from io import BytesIO
from typing import Any

import numpy as np
import numpy.typing as npt
import pydicom
from PIL import Image
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian, generate_uid

from functions.radiology.film import Film
from local.samples.film import ChestFilm, DrawnFilm, draw
from shared.recording import RecordingFile


@cache
def drawn(**changes: Any) -> DrawnFilm:
    return draw(ChestFilm(**changes))


def film(**changes: Any) -> Film:
    gray = drawn(**changes).gray
    return Film(gray, gray.shape[::-1], "PNG")


def png(gray: npt.NDArray[np.float32] | None = None) -> bytes:
    gray = drawn().gray if gray is None else gray
    stream = BytesIO()
    Image.fromarray(np.round(255 * gray).astype(np.uint8)).save(stream, "PNG")
    return stream.getvalue()


def file_of(content: bytes) -> RecordingFile:
    return RecordingFile("film", content)


def dicom(values: npt.NDArray[np.uint16] | None = None, **attributes: Any) -> bytes:
    """A DX object of 12 bits in 16, PA, with a name that nobody may see."""
    if values is None:
        values = np.round(4095 * drawn().gray).astype(np.uint16)
    dataset = Dataset()
    dataset.SOPClassUID = "1.2.840.10008.5.1.4.1.1.1.1"
    dataset.SOPInstanceUID = generate_uid(entropy_srcs=["film"])
    dataset.PatientName, dataset.PatientID = "Doe^Jane", "4711"
    dataset.Modality, dataset.ViewPosition, dataset.BodyPartExamined = "DX", "PA", "CHEST"
    dataset.PatientAge, dataset.BurnedInAnnotation = "061Y", "NO"
    dataset.PhotometricInterpretation, dataset.SamplesPerPixel = "MONOCHROME2", 1
    dataset.Rows, dataset.Columns = values.shape[:2]
    dataset.BitsAllocated, dataset.BitsStored, dataset.HighBit = 16, 12, 11
    dataset.PixelRepresentation = 0
    dataset.ImagerPixelSpacing = [0.4, 0.4]
    dataset.PixelData = values.tobytes()
    for name, value in attributes.items():
        setattr(dataset, name, value)
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    dataset.file_meta.MediaStorageSOPClassUID = dataset.SOPClassUID
    dataset.file_meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID
    stream = BytesIO()
    pydicom.dcmwrite(stream, dataset, enforce_file_format=True)
    return stream.getvalue()
