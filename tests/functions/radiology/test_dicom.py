from typing import Any

import numpy as np
import pytest

from functions.radiology.decode import decode_film
from functions.radiology.film import Film, View
from shared.errors import MediLensError
from shared.science.images.modality import WrongModality
from shared.science.images.unreadable import DamagedPicture, SeveralFrames, UnsupportedPicture
from tests.functions.radiology.films import dicom, drawn, file_of


def decoded(content: bytes) -> Film:
    return decode_film(file_of(content))


def likeness(film: Film) -> float:
    return float(np.corrcoef(film.gray.ravel(), drawn().gray.ravel())[0, 1])


class TestPixels:
    def test_are_those_of_the_film(self) -> None:
        film = decoded(dicom())
        assert likeness(film) > 0.999
        assert film.size_px == (1024, 1024)

    def test_inverted_film_is_turned_bright_where_dense(self) -> None:
        values = (4095 - np.round(4095 * drawn().gray)).astype(np.uint16)
        assert likeness(decoded(dicom(values, PhotometricInterpretation="MONOCHROME1"))) > 0.999

    def test_rescale_and_window_are_applied(self) -> None:
        film = decoded(
            dicom(RescaleSlope=2, RescaleIntercept=-100, WindowCenter=3000, WindowWidth=2000)
        )
        below = 2 * 4095 * drawn().gray - 100 < 1900
        assert film.gray[below].max() < 0.02
        assert film.gray[~below].std() > 0.05

    @pytest.mark.parametrize("function", ["LINEAR", "LINEAR_EXACT", "SIGMOID"])
    def test_every_kind_of_window_keeps_the_order(self, function: str) -> None:
        film = decoded(dicom(WindowCenter=2048, WindowWidth=4096, VOILUTFunction=function))
        assert likeness(film) > 0.95

    def test_window_without_width_says_nothing(self) -> None:
        assert likeness(decoded(dicom(WindowCenter=0, WindowWidth=0))) > 0.999


class TestAttributes:
    def test_taken_are_view_age_and_spacing(self) -> None:
        film = decoded(dicom())
        assert (film.view, film.age_years, film.spacing_mm) == (View.PA, 61, 0.4)
        assert film.warnings == ()

    @pytest.mark.parametrize(
        ("stated", "years"),
        [("018M", 1.5), ("092Y", 90), ("62", 62), ("", None), ("old", None), ("010D", 10 / 365.25)],
    )
    def test_ages(self, stated: str, years: float | None) -> None:
        age_years = decoded(dicom(PatientAge=stated)).age_years
        assert age_years == (None if years is None else pytest.approx(years, rel=1e-3))

    @pytest.mark.parametrize("spacing", [[0.0, 0.0], [0.4, 0.2], []])
    def test_spacing_without_sense_is_none(self, spacing: list[float]) -> None:
        assert decoded(dicom(ImagerPixelSpacing=spacing or None)).spacing_mm is None

    def test_silence_about_burned_in_text_is_warned_of(self) -> None:
        assert "burned" in decoded(dicom(BurnedInAnnotation="")).warnings[0]

    def test_nothing_names_the_person(self) -> None:
        assert "Doe" not in repr(decoded(dicom()))


class TestRefusals:
    @pytest.mark.parametrize(
        ("attributes", "kind", "told"),
        [
            ({"Modality": "US"}, WrongModality, "modality US"),
            ({"BodyPartExamined": "HAND"}, WrongModality, "radiograph of hand"),
            ({"BurnedInAnnotation": "YES"}, UnsupportedPicture, "Burned In"),
            ({"NumberOfFrames": 3}, SeveralFrames, "3 pictures"),
            ({"PhotometricInterpretation": "RGB"}, UnsupportedPicture, "RGB"),
        ],
    )
    def test_say_what_was_sent(
        self, attributes: dict[str, Any], kind: type[MediLensError], told: str
    ) -> None:
        with pytest.raises(kind, match=told):
            decoded(dicom(**attributes))

    def test_deflated_file_is_refused_before_it_is_inflated(self) -> None:
        content = dicom().replace(b"1.2.840.10008.1.2.1\0", b"1.2.840.10008.1.2.8.1", 1)
        with pytest.raises(UnsupportedPicture, match="deflated"):
            decoded(content)

    def test_cut_file_is_damaged(self) -> None:
        content = dicom()
        with pytest.raises(DamagedPicture):
            decoded(content[: len(content) // 2])
