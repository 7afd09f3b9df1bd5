from typing import Any

from sqlalchemy import Boolean, Float, Integer, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from shared.models.base import (
    AssessmentPart,
    TenantRecord,
    finite,
    result_constraints,
    within,
)


class SpeechResult(AssessmentPart, TenantRecord, table=True):
    """What one voice recording showed."""

    __tablename__ = "speech_results"
    __table_args__ = result_constraints(
        within("audio_quality_score", 0, 1),
        within("pause_ratio", 0, 1),
        within("parkinsons_probability", 0, 1),
        within("cognitive_decline_probability", 0, 1),
        within("duration_seconds", 0, 86400),
        within("sample_rate", 1, 1000000),
        within("jitter", 0, 1000),
        within("shimmer", 0, 1000),
        within("phonation_time", 0, 86400),
        finite("hnr"),
        finite("cpps"),
        finite("f0_mean"),
        finite("speech_rate"),
        finite("articulation_rate"),
        finite("voice_tremor"),
    )

    task: str | None = Field(default=None, sa_type=Text)
    duration_seconds: float | None = Field(default=None, sa_type=Float)
    sample_rate: int | None = Field(default=None, sa_type=Integer)
    audio_quality_score: float | None = Field(default=None, sa_type=Float)
    jitter: float | None = Field(default=None, sa_type=Float)
    shimmer: float | None = Field(default=None, sa_type=Float)
    hnr: float | None = Field(default=None, sa_type=Float)
    cpps: float | None = Field(default=None, sa_type=Float)
    f0_mean: float | None = Field(default=None, sa_type=Float)
    speech_rate: float | None = Field(default=None, sa_type=Float)
    articulation_rate: float | None = Field(default=None, sa_type=Float)
    pause_ratio: float | None = Field(default=None, sa_type=Float)
    phonation_time: float | None = Field(default=None, sa_type=Float)
    voice_tremor: float | None = Field(default=None, sa_type=Float)
    dysphonia_flag: bool | None = Field(default=None, sa_type=Boolean)
    dysphonia_evidence: dict[str, Any] | None = Field(default=None, sa_type=JSONB)
    segments: dict[str, Any] | None = Field(default=None, sa_type=JSONB)
    parkinsons_probability: float | None = Field(default=None, sa_type=Float)
    cognitive_decline_probability: float | None = Field(default=None, sa_type=Float)
