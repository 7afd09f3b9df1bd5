"""`medilens explain`: an assessment in words, with the facts that they rest on."""

import sys
from collections.abc import Iterator
from typing import Annotated
from uuid import UUID

import typer

from functions.assistant.explanations.schemas import ExplanationRead
from functions.assistant.language import Voice
from local.client import Client
from local.stack import found_or_started
from shared.permissions import RoleName

EXPLANATIONS = "/api/assistant/explanations"


def explain(
    assessment_id: Annotated[UUID, typer.Argument(help="An assessment of the running stack")],
    voice: Annotated[Voice, typer.Option(help="Whom it speaks to")] = Voice.PATIENT,
    role: Annotated[RoleName, typer.Option(help="Who asks")] = RoleName.CLINICIAN,
) -> None:
    """Explain an assessment, and print the facts that each sentence rests on."""
    with found_or_started() as here, Client.of(here, role) as client:
        wanted = {"assessment_id": str(assessment_id), "voice": voice.value}
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
