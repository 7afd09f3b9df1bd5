"""The demo's films are measured as they were drawn."""

import pytest

from functions.radiology.service import RadiologyFields, analyze
from local.samples.film import draw
from local.samples.radiology import SAMPLES, SLENDER, USUAL
from shared.record import unmarked

DRAWN = {"chest film, PNG": SLENDER, "later chest film, PNG": USUAL}


class TestSamples:
    @pytest.mark.parametrize(("name", "make"), [(name, make) for name, _, make in SAMPLES])
    def test_ratio_is_that_of_the_drawn_film(self, name: str, make: object) -> None:
        assert callable(make)
        findings = analyze(tuple(make()), RadiologyFields(view="PA", age_years=61), unmarked)
        (ratio,) = [m for m in findings.biomarkers if m.name == "cardiothoracic_ratio"]
        assert ratio.value == pytest.approx(draw(DRAWN[name]).cardiothoracic_ratio, abs=0.06)
