"""What a picture costs, and that more than its budget fails a run."""

import pytest

from bench import pictures, verdict
from bench.pictures import BUDGET_S, measured, rows, subjects, typed
from functions.retinal.service import RetinalFields
from local.samples.catalog import Sample
from shared.pipelines import PipelineName


def test_every_pipeline_of_pictures_has_subjects_and_a_budget() -> None:
    assert {sample.pipeline for sample in subjects()} == set(BUDGET_S)


def test_fields_are_read_as_the_form_reads_them() -> None:
    assert typed(RetinalFields, {"eye": "left", "field_of_view_deg": "45"}) == RetinalFields(
        eye="left", field_of_view_deg=45.0
    )


def test_a_film_is_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pictures, "RUNS", 1)
    film = next(s for s in subjects() if s.pipeline is PipelineName.RADIOLOGY)
    row = measured(Sample(film.name, film.pipeline, 0, film.make, film.fields))
    assert 0 < row["least_s"] <= row["most_s"]
    _, head, cells = rows([row])
    assert len(cells[0]) == len(head)


@pytest.mark.parametrize(("least_s", "told"), [(0.9, 0), (1.1, 1)])
def test_more_than_the_budget_fails(
    monkeypatch: pytest.MonkeyPatch, least_s: float, told: int
) -> None:
    monkeypatch.setattr(verdict, "far_off", lambda _: [])  # no operation was timed
    row = {"pipeline": "radiology", "picture": "film", "least_s": least_s, "budget_s": 1.0}
    figures = {"counts": [], "pages": {}, "operations": {"client": {}}, "pictures": [row]}
    assert len([line for line in verdict.failures(figures) if "radiology" in line]) == told
