"""One assessment as a table in a terminal."""

from rich.console import Group
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from local.result import headline
from shared.schemas import AssessmentRead, BiomarkerRead


def report(name: str, assessment: AssessmentRead) -> Group:
    """Lay one assessment out for a person."""
    title = escape(f"{name}: {headline(assessment)}")
    table = Table(title=title, title_justify="left")
    for heading in ("Biomarker", "Value", "Unit", "Reference", "Status"):
        table.add_column(heading)
    for biomarker in assessment.biomarkers:
        table.add_row(
            biomarker.name,
            f"{biomarker.value:.4g}",
            unit(biomarker),
            _reference(biomarker),
            biomarker.status,
        )
    stored_at = f"{assessment.created_at.astimezone():%Y-%m-%d %H:%M}"
    stored = f"Assessment {assessment.id}, stored {stored_at}"
    return Group(table, *map(Text, assessment.warnings), Text(stored), "")


def unit(biomarker: BiomarkerRead) -> str:
    """UCUM writes "1" for a pure number and puts words in braces; people do not."""
    return "" if biomarker.unit == "1" else biomarker.unit.strip("{}")


def _reference(biomarker: BiomarkerRead) -> str:
    match biomarker.normal_range_min, biomarker.normal_range_max:
        case None, None:
            return ""
        case None, high:
            return f"up to {high:g}"
        case low, None:
            return f"from {low:g}"
        case low, high:
            return f"{low:g} - {high:g}"
