"""The numbers that results tables repeat are those of the biomarkers (decision 0018)."""

from importlib import import_module

import pytest

from local.engines import missing_engine
from shared.database.models.results import results_table
from shared.pipelines import PipelineName
from tests.factories.samples import MEASURABLE, examined

REPEATED = {
    PipelineName.CARDIOLOGY: {
        "heart_rate_bpm": "heart_rate",
        "rmssd_ms": "rmssd",
        "sdnn_ms": "sdnn",
        "pnn50_percent": "pnn50",
        "pr_interval_ms": "pr_interval",
        "qrs_duration_ms": "qrs_duration",
        "qt_interval_ms": "qt_interval",
        "qtc_ms": "qtc_fridericia",
    },
    PipelineName.SPEECH: {
        "f0_mean_hz": "f0_mean",
        "jitter_local_percent": "jitter_local",
        "shimmer_local_percent": "shimmer_local",
        "hnr_db": "hnr",
        "cpps_db": "cpps",
        "avqi": "avqi",
        "speech_rate_per_s": "speech_rate",
        "articulation_rate_per_s": "articulation_rate",
        "pause_ratio": "pause_ratio",
        "vocal_tremor_percent": "vocal_tremor_intensity",
        "f0_range_st": "f0_range_st",
        "ddk_rate_per_s": "ddk_rate",
    },
    PipelineName.COGNITIVE: {
        "fatigue_index": "fatigue_index",
        "consistency_score": "consistency_score",
    },
}
ROUNDED = 5e-7  # cognitive results have six decimals
# No sample has the sentences that the index takes.
UNSEEN = {"avqi"}


@pytest.mark.parametrize("pipeline", [name for name in REPEATED if not missing_engine(name)])
def test_a_repeated_number_is_that_of_the_biomarker(pipeline: PipelineName) -> None:
    repeated = REPEATED[pipeline]
    compared = set()
    for name in (name for name in MEASURABLE if MEASURABLE[name].pipeline is pipeline):
        examination, _ = examined(name)
        result = examination.result or {}
        measured = {biomarker.name: biomarker.value for biomarker in examination.biomarkers}
        columns = {column for column in repeated if result[column] is not None}
        assert {repeated[c]: result[c] for c in columns} == pytest.approx(
            {repeated[c]: measured[repeated[c]] for c in columns}, abs=ROUNDED
        ), name
        compared |= columns
    assert compared == repeated.keys() - UNSEEN


@pytest.mark.parametrize("pipeline", PipelineName)
def test_no_other_column_is_a_biomarker(pipeline: PipelineName) -> None:
    biomarkers = import_module(f"functions.{pipeline}.norms").BIOMARKERS
    repeated = REPEATED.get(pipeline, {})
    assert set(repeated.values()) <= biomarkers.keys()
    columns = {column.name for column in results_table(pipeline).columns} - repeated.keys()
    # A column is named after its biomarker, with or without the unit.
    assert [c for c in columns if c.startswith(tuple(biomarkers))] == []
