"""The operator's own model, which an organization may not allow."""

from dataclasses import replace

from shared.record import Absence, Findings

NOT_ALLOWED = "model-not-allowed"


def is_allowed(name: str, models_allowed: frozenset[str] | None) -> bool:
    """Say whether a model may have a say; None allows all that the operator installed."""
    return models_allowed is None or name in models_allowed


def withheld(findings: Findings, place: str, name: str) -> Findings:
    """Return findings in which the model's place is absent because of the organization."""
    detail = (
        f"The operator's model {name} is not among those that the organization allows"
        " (models_allowed in its settings)."
    )
    others = (absence for absence in findings.absent if absence.name != place)
    return replace(findings, absent=(*others, Absence(place, NOT_ALLOWED, detail)))
