"""The operator's own model, which an organization may not allow."""

from dataclasses import replace
from typing import Protocol

from shared.record import Absence, Findings

NOT_ALLOWED = "model-not-allowed"


class Named(Protocol):
    """A model, by the name that an organization allows."""

    @property
    def name(self) -> str: ...


def admitted[Model: Named](
    installed: Model | None, models_allowed: frozenset[str] | None
) -> Model | None:
    """Return the operator's model if it may have a say; None allows all that are installed."""
    if installed is None or (models_allowed is not None and installed.name not in models_allowed):
        return None
    return installed


def withheld(findings: Findings, place: str, name: str) -> Findings:
    """Return findings in which the model's place is absent because of the organization."""
    detail = (
        f"The operator's model {name} is not among those that the organization allows"
        " (models_allowed in its settings)."
    )
    others = (absence for absence in findings.absent if absence.name != place)
    return replace(findings, absent=(*others, Absence(place, NOT_ALLOWED, detail)))
