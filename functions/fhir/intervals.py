"""Where a measure tells its own uncertainty: the interval that holds it in 95 cases of 100."""

from collections.abc import Mapping

from shared.pipelines import PipelineName
from shared.record import StoredExamination


def intervals(examination: StoredExamination) -> Mapping[str, tuple[float, float]]:
    """Return the 95 % intervals of an examination by biomarker, in the biomarker's unit."""
    result = examination.result or {}
    match examination.pipeline:
        case PipelineName.COGNITIVE:
            tasks = (result.get("task_scores") or {}).values()
            scores = {name: score for task in tasks for name, score in task["scores"].items()}
            return {
                name: (score["interval_95"][0], score["interval_95"][1])
                for name, score in scores.items()
                if score.get("interval_95")
            }
        case _:
            return {}
