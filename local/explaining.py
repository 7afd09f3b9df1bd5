"""`medilens explain`: an assessment or a history in words, with the facts that they rest on."""

import sys
from collections.abc import Iterator
from typing import Annotated
from uuid import UUID

import typer

from functions.assistant.explanations.schemas import ExplanationRead, Status
from functions.assistant.language import Voice
from local.client import Client
from local.stack import found_or_started
from shared.permissions import RoleName

EXPLANATIONS = "/api/assistant/explanations"


def explain(
    assessment_id: Annotated[
        UUID | None, typer.Argument(help="An assessment of the running stack")
    ] = None,
    subject: Annotated[
        UUID | None, typer.Option(help="In its place a person, whose history is explained")
    ] = None,
    biomarker: Annotated[
        list[str] | None, typer.Option(help="A measure of the history; may be given several times")
    ] = None,
    days: Annotated[int | None, typer.Option(help="How far back the history goes")] = None,
    voice: Annotated[Voice, typer.Option(help="Whom it speaks to")] = Voice.PATIENT,
    role: Annotated[RoleName, typer.Option(help="Who asks")] = RoleName.CLINICIAN,
) -> None:
    """Explain an assessment or a history, and print the facts that each sentence rests on."""
    named = {"assessment_id": assessment_id, "subject_id": subject}
    wanted = {
        **{name: str(key) for name, key in named.items() if key},
        **({"biomarkers": biomarker} if biomarker else {}),
        **({"days": days} if days else {}),
        "voice": voice.value,
    }
    with found_or_started() as here, Client.of(here, role) as client:
        told = client.send(ExplanationRead, EXPLANATIONS, wanted)
    sys.stdout.writelines(f"{line}\n" for line in lines(told))


def lines(explanation: ExplanationRead) -> Iterator[str]:
    """Yield the sentences with the keys of their facts, then the facts."""
    for sentence in explanation.sentences:
        yield f"{sentence.text} [{', '.join(sentence.facts)}]" if sentence.facts else sentence.text
    yield ""
    for fact in explanation.facts:
        slots = ", ".join(f"{name}: {words}" for name, words in fact.slots.items())
        yield f"{fact.key} {fact.kind} {fact.name} ({fact.code}) {slots}".rstrip()
    yield f"engine {explanation.engine}, facts sha256 {explanation.facts_sha256}"
    yield f"left out: {'; '.join(explanation.left_out)}"
    if explanation.status is Status.PENDING:
        yield f"pending: a model's words may come, GET {EXPLANATIONS}/{explanation.id}"
