"""Where the labelled recordings lie, which no checkout carries; README.md lists them."""

import os
from pathlib import Path

import pytest

BESIDE_THE_CHECKOUT = Path(__file__).resolve().parents[3] / "shared" / "data"
DATA = Path(os.environ.get("MEDILENS_TEST_DATA", BESIDE_THE_CHECKOUT))


def needs(*sets: str) -> pytest.MarkDecorator:
    """Skip what follows where one of the sets is not here."""
    return pytest.mark.skipif(bool(_missing(sets)), reason=_reason(sets))


def require(*sets: str) -> None:
    """Skip the test that asks."""
    if _missing(sets):
        pytest.skip(_reason(sets))


def _missing(sets: tuple[str, ...]) -> list[str]:
    return [name for name in sets if not (DATA / name).exists()]


def _reason(sets: tuple[str, ...]) -> str:
    return f"{' and '.join(_missing(sets))}: not in {DATA} (tests/accuracy/README.md)"
