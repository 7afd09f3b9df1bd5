"""Floors of the chest film's outlines and ratio, on films that the committed network never saw."""

from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image

from functions.radiology.decode import decode_film
from functions.radiology.heart_size import HALF_WIDTH, heart_size
from functions.radiology.organs import Organs, outline
from functions.radiology.plausibility import require_plausible
from functions.radiology.service import RadiologyFields, analyze
from shared.errors import MediLensError
from shared.record import unmarked
from shared.recording import RecordingFile
from tests.accuracy.sets import DATA, needs

FILMS = DATA / "radiology"
JSRT = FILMS / "jsrt"
OTHERS = {"dermatology/ph2": "*[0-9].png", "retinal/drive": "[0-9][0-9].png"}

pytestmark = needs("radiology/jsrt")

type Mask = npt.NDArray[np.bool_]


def mask(name: str, organ: str) -> Mask:
    with Image.open(JSRT / f"{name}_{organ}.png") as image:
        return np.asarray(image.convert("L")) > 127


def dice(measured: Mask, true: Mask) -> float:
    return float(2 * (measured & true).sum() / (measured.sum() + true.sum()))


def width(organ: Mask) -> int:
    columns = np.flatnonzero(organ.any(axis=0))
    return int(columns[-1] - columns[0] + 1)


@cache
def outlined() -> dict[str, tuple[Organs, float]]:
    """Outlines and ratio of each film of JSRT, whose licence allows measuring only."""
    names = sorted(path.stem.removesuffix("_heart") for path in JSRT.glob("*_heart.png"))
    rows = {}
    for name in names:
        content = (JSRT / f"{name}.png").read_bytes()
        film = decode_film(RecordingFile("film", content))
        organs = outline(film)
        rows[name] = organs, heart_size(film, organs).ratio
    return rows


class TestJsrt:
    def test_no_film_is_refused(self) -> None:
        assert len(outlined()) == 40
        for organs, _ in outlined().values():
            require_plausible(organs)

    def test_lungs(self) -> None:
        scores = [
            dice(organs.lungs, mask(name, "right_lung") | mask(name, "left_lung"))
            for name, (organs, _) in outlined().items()
        ]
        assert np.mean(scores) >= 0.965
        assert min(scores) >= 0.92

    def test_heart(self) -> None:
        scores = [
            dice(organs.heart.mask, mask(n, "heart")) for n, (organs, _) in outlined().items()
        ]
        assert np.mean(scores) >= 0.915
        assert min(scores) >= 0.80

    def test_cardiothoracic_ratio(self) -> None:
        errors = np.array(
            [
                ratio
                - width(mask(name, "heart"))
                / width(mask(name, "right_lung") | mask(name, "left_lung"))
                for name, (_, ratio) in outlined().items()
            ]
        )
        assert np.abs(errors).mean() <= 0.018
        assert (np.abs(errors) <= HALF_WIDTH).mean() >= 0.95


def refusal(path: Path) -> str | None:
    try:
        analyze((RecordingFile("picture", path.read_bytes()),), RadiologyFields(), unmarked)
    except MediLensError as refused:
        return refused.code
    return None


class TestOtherPictures:
    @pytest.mark.parametrize("folder", OTHERS)
    def test_are_refused(self, folder: str) -> None:
        paths = sorted((DATA / folder).glob(OTHERS[folder]))
        if not paths:
            pytest.skip(f"{folder}: not in {DATA} (tests/accuracy/README.md)")
        codes = [refusal(path) for path in paths]
        assert set(codes) <= {"wrong-modality", "not-a-frontal-chest-film"}

    @pytest.mark.parametrize(
        ("name", "code"),
        [
            ("JLSL_16_15_1_1F", "unsupported-encoding"),
            ("liver_deflate", "unsupported-encoding"),
            ("JPGLosslessP14SV1_1s_1f_8b", "wrong-modality"),
            ("MR2_J2KI", "wrong-modality"),
            ("RG3_J2KR", "wrong-modality"),
            ("gdcm-US-ALOKA-16", "wrong-modality"),
            ("RG1_J2KI", None),
        ],
    )
    def test_dicom_files_of_every_kind(self, name: str, code: str | None) -> None:
        assert refusal(FILMS / "dicom_formats" / f"{name}.dcm") == code

    def test_film_whose_photometric_interpretation_is_wrong_is_refused(self) -> None:
        assert refusal(FILMS / "misc/rsna_monochrome1_altered.dcm") is not None
        assert refusal(FILMS / "misc/rsna_monochrome2.dcm") is None
