"""What every subject writes: a new assessment and its parts, as the data layer takes them."""

from dataclasses import replace
from datetime import UTC, datetime

from shared.biomarkers import BiomarkerStatus
from shared.identifiers import uuid7
from shared.norms import ReferenceRange
from shared.pipelines import PipelineName
from shared.record import Examination, Stage, Value
from shared.vocabulary import AssessmentStatus, StageStatus

NAMES = [
    "heart_rate",
    "rr_mean",
    "sdnn",
    "rmssd",
    "sdsd",
    "pnn50",
    "rr_cv",
    "lf_power",
    "hf_power",
    "lf_hf_ratio",
    "sd1",
    "sd2",
    "pr_interval",
    "qrs_duration",
    "qt_interval",
    "qtc_bazett",
    "qtc_fridericia",
    "qtc_framingham",
    "ectopic_burden",
    "af_burden",
]
RESULT = {"heart_rate_bpm": 72, "rmssd_ms": 40.0, "sdnn_ms": 50.0}
STAGES = ("decode", "quality", "beats", "intervals", "rhythm")

VERSION = "1.0.0"
RANGE = ReferenceRange(60.0, 100.0, "task-force-1996", "adults")
CITATION = "Task Force (1996). Heart rate variability. doi:10.1161/01.CIR.93.5.1043"
VALUES = tuple(
    Value(
        name=name,
        value=72.0,
        unit="/min",
        category="rhythm",
        confidence=0.9,
        normal_range_min=RANGE.low,
        normal_range_max=RANGE.high,
        status=BiomarkerStatus.NORMAL,
        source=RANGE.source,
        population=RANGE.population,
        citation=CITATION,
        method=VERSION,
    )
    for name in NAMES
)


def accepted(session_id: str) -> Examination:
    """An assessment that nothing was measured for yet."""
    return Examination(
        id=uuid7(),
        session_id=session_id,
        pipeline=PipelineName.CARDIOLOGY,
        pipeline_version=VERSION,
        status=AssessmentStatus.PENDING,
        recorded_at=datetime.now(UTC),
        provenance={},
    )


def measured(session_id: str) -> Examination:
    """Twenty biomarkers measured at this moment, no two moments alike."""
    return replace(accepted(session_id), biomarkers=VALUES)


def examined(session_id: str) -> Examination:
    """All that an examination leaves."""
    now = datetime.now(UTC)
    stages = (
        Stage(name, n, StageStatus.COMPLETED, 0, started_at=now) for n, name in enumerate(STAGES)
    )
    return replace(measured(session_id), stages=tuple(stages), result=RESULT)
