"""DICOM objects of radiography (PS3.3, A.2 and A.26) by a list of allowed attributes.

Nothing else is parsed: no name, no identifier, no private attribute and no overlay is ever looked
at, so none can travel on (PS3.15, Annex E).
"""

from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from math import isfinite
from typing import Any

import numpy as np
import numpy.typing as npt

from functions.radiology.film import Film, View
from functions.radiology.gray import at_working_size, spread
from shared.science.images.decode import require_size
from shared.science.images.modality import WrongModality
from shared.science.images.unreadable import DamagedPicture, SeveralFrames, UnsupportedPicture

ALLOWED = (
    *("Modality", "BodyPartExamined", "ViewPosition", "PatientOrientation", "BurnedInAnnotation"),
    *("PhotometricInterpretation", "Rows", "Columns", "BitsAllocated", "BitsStored", "HighBit"),
    *("PixelRepresentation", "SamplesPerPixel", "PlanarConfiguration", "NumberOfFrames"),
    *("PixelSpacing", "ImagerPixelSpacing", "PatientAge", "ModalityLUTSequence", "VOILUTSequence"),
    *("RescaleSlope", "RescaleIntercept", "RescaleType", "VOILUTFunction"),
    *("WindowCenter", "WindowWidth", "PixelData"),
)
RADIOGRAPHY = {"CR", "DX", "RG", "XR"}
DEFLATED = (b"1.2.840.10008.1.2.1.99", b"1.2.840.10008.1.2.8.1")
HEAD_BYTES = 4096  # the file's own header stands there
INVERTED, UPRIGHT = "MONOCHROME1", "MONOCHROME2"
CHEST = {"CHEST", "THORAX", "LUNG", "HEART", ""}
SIDEWAYS = ("LL", "RL", "LLD", "RLD", "LATERAL")
VIEWS = {"PA": View.PA, "AP": View.AP, **dict.fromkeys(SIDEWAYS, View.LATERAL)}
OLDEST_YEARS = 90.0  # who is older could be told by the age
DAYS_PER = {"Y": 365.25, "M": 30.4375, "W": 7.0, "D": 1.0}


@contextmanager
def foreign_reader() -> Iterator[None]:
    """Whatever pydicom or a codec makes of damage is a damaged picture.

    Raises
    ------
    DamagedPicture
        For the types listed, of which pydicom documents few; refusals of this project pass through.
    """
    try:
        yield
    except (OSError, ValueError, TypeError, KeyError, IndexError, AttributeError) as damage:
        raise DamagedPicture("DICOM") from damage
    except (OverflowError, MemoryError, EOFError, ArithmeticError) as damage:
        raise DamagedPicture("DICOM") from damage


def read_dicom(content: bytes) -> Film:
    """Read one radiograph.

    Raises
    ------
    UnreadableUpload
        Damaged, of several frames, too large, or in a transfer syntax that is named.
    WrongModality
        If the object says that it is no radiograph of a chest.
    """
    if any(syntax in content[:HEAD_BYTES] for syntax in DEFLATED):
        raise UnsupportedPicture("The DICOM file is deflated; send it uncompressed.")
    with foreign_reader():
        import pydicom  # noqa: PLC0415 - a quarter of a second that only a DICOM file should cost

        # What pydicom would print about a broken value quotes it.
        pydicom.config.settings.reading_validation_mode = pydicom.config.IGNORE
        dataset = pydicom.dcmread(BytesIO(content), specific_tags=list(ALLOWED))
        _require_radiograph(dataset)
        require_size(int(dataset.Columns), int(dataset.Rows))
        values = _presented(dataset)
        return _film(dataset, spread(values))


def _require_radiograph(dataset: Any) -> None:
    modality = str(dataset.get("Modality") or "").upper()
    if modality and modality not in RADIOGRAPHY:
        raise WrongModality(f"a DICOM object of modality {modality}", "a chest radiograph (CR, DX)")
    part = str(dataset.get("BodyPartExamined") or "").upper()
    if part not in CHEST:
        raise WrongModality(f"a radiograph of {part.lower()}", "a chest radiograph")
    if str(dataset.get("BurnedInAnnotation") or "").upper() == "YES":
        raise UnsupportedPicture(
            "The DICOM file says that text is burned into its pixels (Burned In Annotation YES): "
            "it may name a person; send the film without it."
        )
    frames = int(dataset.get("NumberOfFrames") or 1)
    if frames > 1:
        raise SeveralFrames(frames)
    kind = str(dataset.get("PhotometricInterpretation") or "")
    if kind not in {INVERTED, UPRIGHT} or int(dataset.get("SamplesPerPixel") or 1) != 1:
        raise UnsupportedPicture(f"The DICOM pixels are {kind or 'of no kind'}; expected gray.")


def _presented(dataset: Any) -> npt.NDArray[np.float32]:
    """Values as they are to be seen: modality, then values of interest, bright where dense."""
    from pydicom.pixels.processing import apply_modality_lut, apply_voi_lut  # noqa: PLC0415

    stored = _decoded(dataset)
    if stored.ndim != 2:
        raise UnsupportedPicture("The DICOM pixels have several samples; expected gray.")
    rescaled = apply_modality_lut(stored, dataset)
    if _has_window(dataset):
        rescaled = apply_voi_lut(rescaled, dataset)
    values = np.asarray(rescaled, np.float32)
    return -values if dataset.PhotometricInterpretation == INVERTED else values


def _decoded(dataset: Any) -> npt.NDArray[np.generic]:
    syntax = dataset.file_meta.TransferSyntaxUID
    try:
        return np.asarray(dataset.pixel_array)
    except (NotImplementedError, RuntimeError) as missing:
        raise UnsupportedPicture(
            f"The DICOM pixels are encoded as {syntax.name} ({syntax}), which is not decoded here; "
            "send them uncompressed, as JPEG baseline or as JPEG 2000."
        ) from missing


def _has_window(dataset: Any) -> bool:
    """Whether the file says which values matter; a window without width says nothing."""
    if dataset.get("VOILUTSequence"):
        return True
    widths = np.atleast_1d(dataset.get("WindowWidth") or 0)
    return dataset.get("WindowCenter") is not None and float(widths[0]) > 1


def _film(dataset: Any, gray: npt.NDArray[np.float32]) -> Film:
    warnings: tuple[str, ...] = ()
    if str(dataset.get("BurnedInAnnotation") or "").upper() != "NO":
        warnings = ("The DICOM file does not say whether text is burned into its pixels.",)
    return Film(
        gray=at_working_size(gray),
        size_px=(int(dataset.Columns), int(dataset.Rows)),
        file_format="DICOM",
        spacing_mm=_spacing_mm(dataset),
        view=VIEWS.get(str(dataset.get("ViewPosition") or "").upper()),
        age_years=_age_years(str(dataset.get("PatientAge") or "")),
        warnings=warnings,
    )


def _spacing_mm(dataset: Any) -> float | None:
    """Distance of columns at the detector; pixels that are not square are not trusted."""
    for keyword in ("ImagerPixelSpacing", "PixelSpacing"):
        pair = dataset.get(keyword)
        if pair is not None and len(pair) == 2:
            down, across = float(pair[0]), float(pair[1])
            if isfinite(across) and across > 0 and abs(down - across) <= 0.01 * across:
                return across
    return None


def _age_years(text: str) -> float | None:
    """Age of a DICOM age string, such as 062Y or 018M; some files leave the unit out."""
    number, unit = (text[:-1], text[-1]) if text[-1:] in DAYS_PER else (text, "Y")
    if not number.isdigit():
        return None
    years = int(number) * DAYS_PER[unit] / DAYS_PER["Y"]
    return min(years, OLDEST_YEARS)
