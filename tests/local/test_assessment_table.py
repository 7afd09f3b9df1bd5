"""One assessment as a person reads it in a terminal."""

import io

import pytest
from rich.console import Console

from local.assessment_table import report, unit
from shared import examples
from shared.schemas import AssessmentRead, BiomarkerRead


def biomarker(**changed: object) -> BiomarkerRead:
    told = {**examples.WHOLE["biomarkers"][0], "normal_range_min": None, "normal_range_max": None}
    return BiomarkerRead.model_validate({**told, **changed})


def printed(name: str = "strip.csv", **changed: object) -> str:
    """What a wide terminal shows."""
    assessment = AssessmentRead.model_validate({**examples.WHOLE, **changed})
    target = io.StringIO()
    Console(file=target, width=200).print(report(name, assessment))
    return target.getvalue()


def cells(row: BiomarkerRead) -> list[str]:
    """The cells of the row of a biomarker that is called `named`."""
    (line,) = [line for line in printed(biomarkers=[row]).splitlines() if "named" in line]
    return line.strip("│").split("│")


@pytest.mark.parametrize(
    ("ucum", "words"),
    [("1", ""), ("{beats}/min", "beats}/min"), ("{points}", "points"), ("%", "%")],
)
def test_unit_is_written_as_people_do(ucum: str, words: str) -> None:
    assert unit(biomarker(unit=ucum)) == words


@pytest.mark.parametrize(
    ("low", "high", "words"),
    [(60, 100, "60 - 100"), (None, 0.5, "up to 0.5"), (0, None, "from 0"), (1e-4, 2, "0.0001 - 2")],
)
def test_range_is_told_by_the_bounds_it_has(
    low: float | None, high: float | None, words: str
) -> None:
    row = biomarker(normal_range_min=low, normal_range_max=high, name="named")
    assert words in cells(row)[3]


def test_without_a_range_the_cell_is_empty() -> None:
    (line,) = [
        line
        for line in printed(biomarkers=[biomarker(name="named")]).splitlines()
        if "named" in line
    ]
    assert line.split("│")[-3].strip() == ""


def test_value_has_four_digits() -> None:
    assert "71.23 " in printed(biomarkers=[biomarker(value=71.23456)])


def test_name_of_a_file_is_no_markup() -> None:
    assert "[red]strip[/red].csv" in printed("[red]strip[/red].csv")


def test_warnings_follow_the_table_and_the_id_comes_last() -> None:
    lines = printed(warnings=["Lead V1 is flat.", "[b]Short."]).split("\n")
    warned = lines.index("Lead V1 is flat.")
    assert lines[warned + 1] == "[b]Short."
    assert lines[warned + 2].startswith(f"Assessment {examples.WHOLE['id']}, stored ")


def test_refused_recording_is_told_by_its_status() -> None:
    assert "strip.csv: failed" in printed(result=None, status="failed", biomarkers=[])
