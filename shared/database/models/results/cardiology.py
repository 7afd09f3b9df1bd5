from typing import Any

from sqlalchemy import Boolean, Float, Integer, Text
from sqlmodel import Field

from shared.database.models.base import (
    AssessmentPart,
    TenantRecord,
    measured,
    result_constraints,
    within,
)


class CardiologyResult(AssessmentPart, TenantRecord, table=True):
    """What one electrocardiogram showed."""

    __tablename__ = "cardiology_results"
    __table_args__ = result_constraints(
        within("heart_rate_bpm", 0, 400),
        within("pnn50_percent", 0, 100),
        within("signal_quality_score", 0, 1),
        within("duration_s", 0, 604800),
        within("fs_hz", 1, 100000),
        within("rmssd_ms", 0, 10000),
        within("sdnn_ms", 0, 10000),
        within("pr_interval_ms", 0, 1000),
        within("qrs_duration_ms", 0, 1000),
        within("qt_interval_ms", 0, 2000),
        within("qtc_ms", 0, 2000),
        within("r_peaks_detected", 0, 10000000),
    )

    rhythm_classification: str | None = measured(Text)
    heart_rate_bpm: float | None = Field(default=None, sa_type=Float)
    regularity: str | None = measured(Text)
    r_peaks_detected: int | None = Field(default=None, sa_type=Integer)
    rmssd_ms: float | None = Field(default=None, sa_type=Float)
    sdnn_ms: float | None = Field(default=None, sa_type=Float)
    pnn50_percent: float | None = Field(default=None, sa_type=Float)
    pr_interval_ms: float | None = Field(default=None, sa_type=Float)
    qrs_duration_ms: float | None = Field(default=None, sa_type=Float)
    qt_interval_ms: float | None = Field(default=None, sa_type=Float)
    qtc_ms: float | None = Field(default=None, sa_type=Float)
    qtc_formula: str | None = measured(Text)
    arrhythmia_detected: bool | None = Field(default=None, sa_type=Boolean)
    arrhythmia_types: list[Any] | None = measured()
    signal_quality_score: float | None = Field(default=None, sa_type=Float)
    duration_s: float | None = Field(default=None, sa_type=Float)
    fs_hz: float | None = Field(default=None, sa_type=Float)
    leads: list[Any] | None = measured()
    beats: dict[str, Any] | None = measured()
    rhythm_segments: list[Any] | None = measured()
    quality_segments: list[Any] | None = measured()
    conduction: dict[str, Any] | None = measured()
    atrial_fibrillation: dict[str, Any] | None = measured()
    measure_precision: dict[str, Any] | None = measured()
