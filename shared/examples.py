"""Examples of answers for the API's documents; a test holds each against its schema."""

from typing import Any

PATIENT = "0199b0f4-5c11-7a02-8f3e-6d1b2c3a4e5f"
CLINICIAN = "0199b0f4-5c10-7d4c-9b21-0a1f2e3d4c5b"
ASSESSMENT = "0199b0f4-8a6e-7c35-9d1e-2f6a40c8b712"

SUMMARY: dict[str, Any] = {
    "id": ASSESSMENT,
    "session_id": "visit-7",
    "pipeline": "cardiology",
    "pipeline_version": "1.0.0",
    "status": "completed",
    "subject_id": PATIENT,
    "created_by": CLINICIAN,
    "risk_score": 15.0,
    "risk_level": "low",
    "confidence": 0.97,
    "quality_score": 0.93,
    "requires_review": False,
    "review_reason": None,
    "reviewed_by": CLINICIAN,
    "reviewed_at": "2026-11-27T09:41:00Z",
    "processing_time_ms": 41,
    "recorded_at": "2026-11-27T09:30:00Z",
    "created_at": "2026-11-27T09:31:12Z",
    "completed_at": "2026-11-27T09:31:12Z",
}

WHOLE: dict[str, Any] = {
    **SUMMARY,
    "predecessor_id": None,
    "altered": [],
    "revision": 2,
    "risk_points": [],
    "absent": [
        {
            "name": "sdnn",
            "code": "too-short",
            "detail": "The recording lasts 20 s; at least 60 s are needed.",
        }
    ],
    "warnings": ["Left out, not an ECG lead: Resp."],
    "review_note": "read by hand",
    "sign_offs": [
        {
            "signed_by": CLINICIAN,
            "signed_at": "2026-11-27T09:41:00Z",
            "status": "completed",
            "revision": 1,
            "note": "read by hand",
        }
    ],
    "result": {"heart_rate_bpm": 74.1, "rhythm_classification": "sinus rhythm"},
    "biomarkers": [
        {
            "name": "heart_rate",
            "value": 74.1,
            "unit": "/min",
            "category": "rhythm",
            "normal_range_min": 60,
            "normal_range_max": 100,
            "status": "normal",
            "critical_direction": None,
            "confidence": 0.99,
            "source": "somebody-1996",
            "citation": "Somebody (1996). A range.",
            "population": "adults at rest",
        }
    ],
    "stages": [
        {
            "stage_name": "decode",
            "stage_index": 0,
            "status": "completed",
            "duration_ms": 3,
            "error_code": None,
            "error_message": None,
        }
    ],
    "pictures": [
        {
            "name": "rhythm_strip",
            "alt": "Ten seconds of lead II with every beat marked.",
            "media_type": "image/svg+xml",
            "href": f"/api/cardiology/assessments/{ASSESSMENT}/pictures/rhythm_strip",
        }
    ],
    "provenance": {
        "input_sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        "pipeline_version": "1.0.0",
        "code_version": "unreleased",
        "models": [],
        "parameters": {},
    },
}

PIPELINE: dict[str, Any] = {
    "pipeline": "cardiology",
    "version": "1.0.0",
    "formats": ["WFDB (.hea with .dat or .mat)", "EDF or EDF+", "CSV or TXT"],
    "limits": {"min_fs_hz": 50.0, "min_duration_s": 5.0},
    "biomarkers": [
        {
            "name": "heart_rate",
            "unit": "/min",
            "category": "rhythm",
            "description": "Beats a minute, the mean over usable signal",
            "ranges": [
                {
                    "low": 60,
                    "high": 100,
                    "critical_low": 40,
                    "critical_high": 150,
                    "population": "adults at rest",
                    "source": "somebody-1996",
                }
            ],
        }
    ],
    "sources": {"somebody-1996": "Somebody (1996). A range."},
}
