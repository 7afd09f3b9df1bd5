"""Records of all pipelines, made of their own registries: norms, ranges, codes of absences."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from functools import cache
from importlib import import_module
from typing import Any
from uuid import UUID

from functions.assistant.facts import Known
from shared.biomarkers import Biomarker, BiomarkerStatus
from shared.norms import Circumstances, ReferenceRange, reference_range
from shared.pipelines import PipelineName
from shared.record import Absence, StoredExamination, Value
from shared.vocabulary import AssessmentStatus
from tests.factories.examinations import examination

SOMEBODY = UUID("0199b0f4-5c11-7a02-8f3e-6d1b2c3a4e5f")
MOMENT = datetime(2026, 11, 27, 9, 30, tzinfo=UTC)
DAY = Circumstances(sex="female", age_years=50.0, duration_s=24 * 3600.0)
ABSENT = ("too-short", "too-noisy", "no-model", "not-known-to-anybody")
KINDS = ("low", "within", "high", "absent", "failed", "mixed", "mixed-reviewed", "unreviewed")
PER_RECORD = 12


@cache
def biomarkers(pipeline: PipelineName) -> Mapping[str, Biomarker]:
    norms = import_module(f"functions.{pipeline}.norms")
    catalog: Mapping[str, Biomarker] = norms.BIOMARKERS
    return catalog


@cache
def descriptions() -> Mapping[str, str]:
    return {
        name: biomarker.description
        for pipeline in PipelineName
        for name, biomarker in biomarkers(pipeline).items()
    }


KNOWN = Known(descriptions=descriptions(), changes={})


def records() -> Iterator[tuple[str, StoredExamination]]:
    """Yield records by name: each pipeline's biomarkers in pieces, in every kind of outcome."""
    for pipeline in PipelineName:
        names = list(biomarkers(pipeline))
        for start in range(0, len(names), PER_RECORD):
            piece = names[start : start + PER_RECORD]
            for kind in KINDS:
                yield f"{pipeline}-{start}-{kind}", record(pipeline, piece, kind)


def record(pipeline: PipelineName, names: list[str], kind: str) -> StoredExamination:
    measured = [] if kind in {"absent", "failed"} else names
    made: dict[str, Any] = {
        "pipeline": pipeline.value,
        "biomarkers": tuple(
            value(pipeline, name, kind, place) for place, name in enumerate(measured)
        ),
        "recorded_at": MOMENT,
        "requires_review": kind in {"low", "high"},
    }
    if kind in {"absent", "mixed"}:
        made["absent"] = tuple(
            Absence(name, ABSENT[place % len(ABSENT)], "A file's own words: Jane Roe")
            for place, name in enumerate(names)
        )
        made["warnings"] = ("Lead JANEROE is missing.",)
    if kind == "failed":
        made["status"] = AssessmentStatus.FAILED
    return StoredExamination(
        **vars(examination(**made)), user_id=SOMEBODY, created_by=SOMEBODY, created_at=MOMENT
    )


def value(pipeline: PipelineName, name: str, kind: str, place: int) -> Value:
    biomarker = biomarkers(pipeline)[name]
    band = norm(pipeline, name)
    number = _number(band, kind, place)
    return Value(
        name=name,
        value=number,
        unit=biomarker.unit,
        category=biomarker.category,
        confidence=(place % 10) / 10,
        normal_range_min=band.low if band else None,
        normal_range_max=band.high if band else None,
        status=band.status(number) if band else BiomarkerStatus.UNCLASSIFIED,
        source=band.source if band else None,
        population=band.population if band else None,
        citation=None,
    )


def norm(pipeline: PipelineName, name: str) -> ReferenceRange | None:
    return reference_range(import_module(f"functions.{pipeline}.norms").NORMS, name, DAY)


def _number(band: ReferenceRange | None, kind: str, place: int) -> float:
    if band is None:
        return 12.345 + place
    low = band.low if band.low is not None else (band.high or 0) - 1
    high = band.high if band.high is not None else low + 1
    width = max(high - low, 1.0)
    return {"low": low - width, "high": high + width}.get(kind, (low + high) / 2)
