"""What a picture costs, and that more than its budget fails a run."""

import pytest

from bench import pictures, verdict
from bench.pictures import BUDGET_S, YARDSTICK_S, large_photo, measured, rows, subjects, typed
from functions.retinal.service import RetinalFields
from local.samples.catalog import Sample
from shared.pipelines import PipelineName


def test_every_pipeline_of_pictures_has_subjects_and_a_budget() -> None:
    assert {sample.pipeline for sample in subjects()} == set(BUDGET_S)


def test_fields_are_read_as_the_form_reads_them() -> None:
    assert typed(RetinalFields, {"eye": "left", "field_of_view_deg": "45"}) == RetinalFields(
        eye="left", field_of_view_deg=45.0
    )


@pytest.fixture
def film(monkeypatch: pytest.MonkeyPatch) -> Sample:
    monkeypatch.setattr(pictures, "RUNS", 1)
    return next(s for s in subjects() if s.pipeline is PipelineName.RADIOLOGY)


def test_a_film_is_measured(film: Sample) -> None:
    row = measured(film, large_photo()[0].content)
    assert 0 < row["least_s"] <= row["most_s"]
    _, head, cells = rows([row])
    assert len(cells[0]) == len(head)


def test_the_budget_follows_the_processor(film: Sample, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the yardstick takes twice its time, an analysis may, too."""
    spent_s = iter([1.0, 2 * YARDSTICK_S, 0.5])  # loading, yardstick, analysis
    monkeypatch.setattr(pictures, "cpu_s", lambda _: next(spent_s))
    row = measured(film, b"")
    assert row["budget_s"] == pytest.approx(2 * BUDGET_S[PipelineName.RADIOLOGY])
    assert (row["first_s"], row["least_s"]) == (1.0, 0.5)


@pytest.mark.parametrize(("least_s", "told"), [(1.4, 0), (1.6, 1)])
def test_far_more_than_the_budget_fails(
    monkeypatch: pytest.MonkeyPatch, least_s: float, told: int
) -> None:
    monkeypatch.setattr(verdict, "far_off", lambda _: [])  # no operation was timed
    row = {"pipeline": "radiology", "picture": "film", "least_s": least_s, "budget_s": 1.0}
    figures = {"counts": [], "pages": {}, "operations": {"client": {}}, "pictures": [row]}
    assert len([line for line in verdict.failures(figures) if "radiology" in line]) == told
