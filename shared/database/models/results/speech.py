from typing import Any

from sqlalchemy import Boolean, Float, Integer, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from shared.database.models.base import (
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
        within("voiced_share", 0, 1),
        within("clipped_percent", 0, 100),
        within("pause_ratio", 0, 1),
        within("parkinsons_probability", 0, 1),
        within("cognitive_decline_probability", 0, 1),
        within("duration_seconds", 0, 86400),
        within("sample_rate", 1, 1000000),
        within("jitter", 0, 1000),
        within("shimmer", 0, 1000),
        within("syllable_count", 0, 1000000),
        within("pause_count", 0, 1000000),
        finite("signal_to_noise_db"),
        finite("f0_mean"),
        finite("hnr"),
        finite("cpps"),
        finite("avqi"),
        finite("speech_rate"),
        finite("articulation_rate"),
        finite("voice_tremor"),
        finite("prosody_variation"),
        finite("ddk_rate"),
    )

    task: str | None = Field(default=None, sa_type=Text)
    duration_seconds: float | None = Field(default=None, sa_type=Float)
    sample_rate: int | None = Field(default=None, sa_type=Integer)
    audio_quality_score: float | None = Field(default=None, sa_type=Float)
    signal_to_noise_db: float | None = Field(default=None, sa_type=Float)
    clipped_percent: float | None = Field(default=None, sa_type=Float)
    voiced_share: float | None = Field(default=None, sa_type=Float)
    f0_mean: float | None = Field(default=None, sa_type=Float)
    jitter: float | None = Field(default=None, sa_type=Float)
    shimmer: float | None = Field(default=None, sa_type=Float)
    hnr: float | None = Field(default=None, sa_type=Float)
    cpps: float | None = Field(default=None, sa_type=Float)
    avqi: float | None = Field(default=None, sa_type=Float)
    speech_rate: float | None = Field(default=None, sa_type=Float)
    articulation_rate: float | None = Field(default=None, sa_type=Float)
    pause_ratio: float | None = Field(default=None, sa_type=Float)
    voice_tremor: float | None = Field(default=None, sa_type=Float)
    prosody_variation: float | None = Field(default=None, sa_type=Float)
    ddk_rate: float | None = Field(default=None, sa_type=Float)
    syllable_count: int | None = Field(default=None, sa_type=Integer)
    pause_count: int | None = Field(default=None, sa_type=Integer)
    measure_precision: dict[str, Any] | None = Field(default=None, sa_type=JSONB)
    dysphonia_flag: bool | None = Field(default=None, sa_type=Boolean)
    dysphonia_rule: str | None = Field(default=None, sa_type=Text)
    dysphonia_measures: list[Any] | None = Field(default=None, sa_type=JSONB)
    parkinsons_probability: float | None = Field(default=None, sa_type=Float)
    cognitive_decline_probability: float | None = Field(default=None, sa_type=Float)
