"""Where an assessment comes from: its input, code, models and parameters."""

from collections.abc import Mapping
from dataclasses import asdict

from shared.examination.method_card import MethodCard
from shared.record import Findings, Json, ModelUsed
from shared.settings import ServiceSettings, load


def provenance_of(
    card: MethodCard, findings: Findings | None, source: Mapping[str, Json]
) -> Mapping[str, Json]:
    return {
        **source,
        "pipeline_version": card.version,
        "code_version": load(ServiceSettings).code_version,
        "models": [_model(model) for model in findings.models] if findings else [],
        "parameters": findings.parameters if findings else {},
    }


def _model(model: ModelUsed) -> Mapping[str, Json]:
    return {name: told for name, told in asdict(model).items() if told is not None}
