from typing import Any

from sqlalchemy import Boolean, Float, Integer, Text
from sqlmodel import Field

from shared.database.models.base import (
    AssessmentPart,
    TenantRecord,
    finite,
    measured,
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
        within("duration_s", 0, 86400),
        within("fs_hz", 1, 1000000),
        within("jitter_local_percent", 0, 1000),
        within("shimmer_local_percent", 0, 1000),
        within("syllable_count", 0, 1000000),
        within("pause_count", 0, 1000000),
        finite("signal_to_noise_db"),
        finite("f0_mean_hz"),
        finite("hnr_db"),
        finite("cpps_db"),
        finite("avqi"),
        finite("speech_rate_per_s"),
        finite("articulation_rate_per_s"),
        finite("vocal_tremor_percent"),
        finite("f0_range_st"),
        finite("ddk_rate_per_s"),
    )

    task: str | None = measured(Text)
    duration_s: float | None = Field(default=None, sa_type=Float)
    fs_hz: int | None = Field(default=None, sa_type=Integer)
    audio_quality_score: float | None = Field(default=None, sa_type=Float)
    signal_to_noise_db: float | None = Field(default=None, sa_type=Float)
    clipped_percent: float | None = Field(default=None, sa_type=Float)
    voiced_share: float | None = Field(default=None, sa_type=Float)
    f0_mean_hz: float | None = Field(default=None, sa_type=Float)
    jitter_local_percent: float | None = Field(default=None, sa_type=Float)
    shimmer_local_percent: float | None = Field(default=None, sa_type=Float)
    hnr_db: float | None = Field(default=None, sa_type=Float)
    cpps_db: float | None = Field(default=None, sa_type=Float)
    avqi: float | None = Field(default=None, sa_type=Float)
    speech_rate_per_s: float | None = Field(default=None, sa_type=Float)
    articulation_rate_per_s: float | None = Field(default=None, sa_type=Float)
    pause_ratio: float | None = Field(default=None, sa_type=Float)
    vocal_tremor_percent: float | None = Field(default=None, sa_type=Float)
    f0_range_st: float | None = Field(default=None, sa_type=Float)
    ddk_rate_per_s: float | None = Field(default=None, sa_type=Float)
    syllable_count: int | None = Field(default=None, sa_type=Integer)
    pause_count: int | None = Field(default=None, sa_type=Integer)
    measure_precision: dict[str, Any] | None = measured()
    dysphonia_flag: bool | None = Field(default=None, sa_type=Boolean)
    dysphonia_rule: str | None = measured(Text)
    dysphonia_measures: list[Any] | None = measured()
    parkinsons_probability: float | None = Field(default=None, sa_type=Float)
    cognitive_decline_probability: float | None = Field(default=None, sa_type=Float)
