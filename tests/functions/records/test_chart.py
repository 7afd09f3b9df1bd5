"""What a history looks like."""

from datetime import UTC, datetime, timedelta
from uuid import UUID
from xml.etree import ElementTree as ET

from functions.records.history import chart
from functions.records.history.schemas import (
    BiomarkerHistory,
    ChangeRead,
    HistoryPoint,
    ReferenceBand,
)
from shared.examination.change import Point, history_changes
from shared.examination.retest import RETESTS

FIRST = datetime(2026, 1, 1, tzinfo=UTC)
SVG = "{http://www.w3.org/2000/svg}"


def history(
    name: str, values: list[float], reference: ReferenceBand | None = None
) -> BiomarkerHistory:
    points = [
        Point(value, FIRST + timedelta(days=30 * n), "1.0.0") for n, value in enumerate(values)
    ]
    return BiomarkerHistory(
        name=name,
        unit="ms",
        category="executive",
        subject_id=UUID(int=1),
        days=365,
        points=[
            HistoryPoint(
                measured_at=point.measured_at,
                value=point.value,
                assessment_id=UUID(int=n),
                method=point.method,
                change=ChangeRead.model_validate(change) if name in RETESTS else None,
            )
            for n, (point, change) in enumerate(
                zip(points, history_changes(name, points), strict=True)
            )
        ],
        reference=reference,
        trend=None,
        retest=None,
        warnings=[],
    )


def drawn(shown: BiomarkerHistory) -> ET.Element:
    return ET.fromstring(chart.draw(shown).content)


class TestDraw:
    def test_every_value_is_a_dot_that_says_its_verdict(self) -> None:
        dots = list(drawn(history("stroop_effect", [70, 75, 140])).iter(f"{SVG}circle"))
        said = [dot.findtext(f"{SVG}title") for dot in dots]
        assert len(dots) == 3
        assert "No reliable change" in str(said[1])
        assert "Reliable increase" in str(said[2])
        assert dots[1].get("fill") != dots[2].get("fill")

    def test_bands_enclose_what_they_say(self) -> None:
        shown = history("stroop_effect", [70, 75], ReferenceBand(low=20, high=90, source="x"))
        page = drawn(shown)
        labels = [text.text for text in page.iter(f"{SVG}text")]
        assert "reference range" in labels
        assert "no reliable change" in labels
        _, reference, noise = page.iter(f"{SVG}rect")
        heights = [float(dot.get("cy", 0)) for dot in page.iter(f"{SVG}circle")]
        for band in (reference, noise):
            top = float(band.get("y", 0))
            assert all(top <= y <= top + float(band.get("height", 0)) for y in heights)

    def test_unknown_retest_error_draws_no_noise(self) -> None:
        labels = [text.text for text in drawn(history("sdnn", [40, 50])).iter(f"{SVG}text")]
        assert "no reliable change" not in labels

    def test_one_value_or_none_is_a_page_too(self) -> None:
        assert len(list(drawn(history("sdnn", [40])).iter(f"{SVG}circle"))) == 1
        assert b"No values" in chart.draw(history("sdnn", [])).content

    def test_equal_values_are_drawn_level(self) -> None:
        dots = list(drawn(history("sdnn", [40, 40])).iter(f"{SVG}circle"))
        assert dots[0].get("cy") == dots[1].get("cy")
