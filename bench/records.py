"""What every subject writes: a new assessment and its parts, as the data layer takes them."""

from datetime import UTC, datetime
from typing import Any

from shared.identifiers import uuid7

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

METHOD_VERSION = "1.0.0"

VALUE = {"value": 72.0, "normal_range_min": 60.0, "normal_range_max": 100.0, "confidence": 0.9}
VALUES: list[dict[str, Any]] = [
    {
        "name": name,
        **VALUE,
        "status": "normal",
        "source": "task-force-1996",
        "method": METHOD_VERSION,
    }
    for name in NAMES
]


def new_assessment(session_id: str) -> dict[str, Any]:
    return {
        "id": uuid7(),
        "session_id": session_id,
        "pipeline": "cardiology",
        "pipeline_version": "1.0.0",
        "status": "pending",
        "recorded_at": datetime.now(UTC),
    }


def new_values() -> dict[str, list[dict[str, Any]]]:
    """Twenty biomarkers measured at this moment, no two moments alike."""
    now = datetime.now(UTC).isoformat()
    return {"biomarker_values": [one | {"measured_at": now} for one in VALUES]}


def new_parts() -> dict[str, list[dict[str, Any]]]:
    """All that an examination leaves beside its assessment."""
    started_at = datetime.now(UTC).isoformat()
    stages = [
        {
            "id": str(uuid7()),
            "stage_name": name,
            "stage_index": n,
            "status": "completed",
            "started_at": started_at,
            "duration_ms": 0,
        }
        for n, name in enumerate(STAGES)
    ]
    result = {"id": str(uuid7()), **RESULT}
    return {"pipeline_stages": stages, **new_values(), "cardiology_results": [result]}
