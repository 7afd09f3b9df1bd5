"""Real jsPsych logs of the Experiment Factory decode and score as they are.

The files are read where they lie; nothing of them stands here.
"""

import csv
import gzip
from collections import Counter
from collections.abc import Iterator
from functools import cache
from io import StringIO
from statistics import fmean, stdev

import pytest

from functions.cognitive.analysis import analyze
from functions.cognitive.decode import decode
from functions.cognitive.refusals import SeveralPeople
from functions.cognitive.trials import Mode, Session
from shared.record import Findings
from shared.recording import RecordingFile
from tests.accuracy.sets import DATA, needs
from tests.nonempty import nonempty

SET = "cognitive/sro_jspsych"
FOLDER = DATA / SET
pytestmark = needs(SET)

# Task, practice trials, test trials of each person.
LOGS = {
    "stroop_t1": ("stroop", 24, 96),
    "stroop_t2": ("stroop", 24, 96),
    "attention_network_task_t1": ("ant", 24, 144),
    "attention_network_task_t2": ("ant", 24, 144),
    "simple_reaction_time_t1": ("simple_reaction", 5, 150),
    "simple_reaction_time_t2": ("simple_reaction", 5, 150),
    "choice_reaction_time_t1": ("choice_reaction", 20, 150),
    "choice_reaction_time_t2": ("choice_reaction", 20, 150),
    "go_nogo_t1": ("go_no_go", 10, 350),
    "go_nogo_t2": ("go_no_go", 10, 350),
    "digit_span_t1": ("digit_span", 0, 28),
    "digit_span_t2": ("digit_span", 0, 28),
    "adaptive_n_back_t2": ("n_back", None, None),
}


def files(log: str) -> Iterator[bytes]:
    """One table a person, columns and cells as they were written."""
    with gzip.open(FOLDER / f"{log}.csv.gz", "rt") as lines:
        reader = csv.DictReader(lines)
        people: dict[str, list[dict[str, str]]] = {}
        for row in reader:
            people.setdefault(row["worker_id"], []).append(row)
        columns = list(reader.fieldnames or ())
    for rows in people.values():
        text = StringIO()
        writer = csv.DictWriter(text, columns)
        writer.writeheader()
        writer.writerows(rows)
        yield text.getvalue().encode()


@cache
def everybody(log: str) -> list[tuple[Session, Findings]]:
    sessions = [decode([RecordingFile("export.csv", content)]) for content in files(log)]
    return [(session, analyze(session)) for session in sessions]


def values(log: str, name: str) -> list[float]:
    return [
        biomarker.value
        for _, entry in everybody(log)
        for biomarker in entry.biomarkers
        if biomarker.name == name
    ]


class TestDecode:
    @pytest.mark.parametrize("log", LOGS)
    def test_every_log_is_read_without_being_told_its_task(self, log: str) -> None:
        task, practice, test = LOGS[log]

        for session, _ in nonempty(everybody(log)):
            (run,) = session.runs
            assert run.task == task
            assert session.mode is Mode.WEB
            assert session.client == "Experiment Factory"
            assert run.rt_unit.startswith("milliseconds (detected")
            if practice is not None:
                assert (len(run.practice), len(run.test)) == (practice, test)

    def test_all_people_in_one_file_are_refused(self) -> None:
        content = gzip.decompress((FOLDER / "stroop_t1.csv.gz").read_bytes())

        with pytest.raises(SeveralPeople, match="20 people"):
            decode([RecordingFile("export.csv", content)])


class TestAnalyze:
    @pytest.mark.parametrize("log", LOGS)
    def test_every_session_is_scored(self, log: str) -> None:
        verdicts = Counter(entry.result["validity"]["verdict"] for _, entry in everybody(log))

        assert len(everybody(log)) == 20
        assert verdicts["invalid"] == 0
        assert verdicts["valid"] >= 15
        assert all(entry.biomarkers for _, entry in everybody(log))

    @pytest.mark.parametrize(
        ("log", "mean", "sd"), [("stroop_t1", 143, 75), ("stroop_t2", 130, 66)]
    )
    def test_stroop_cost_is_near_an_independent_one_of_medians(
        self, log: str, mean: float, sd: float
    ) -> None:
        costs = values(log, "stroop_effect")

        # Ours is of trimmed means, so the two differ by the skew of the times.
        assert fmean(costs) == pytest.approx(mean, abs=10)
        assert stdev(costs) == pytest.approx(sd, rel=0.35)

    def test_known_effects_have_their_direction(self) -> None:
        log = "attention_network_task_t1"

        assert fmean(values(log, "ant_effect")) > 30
        assert fmean(values(log, "ant_orienting")) > 0
        assert fmean(values(log, "ant_alerting")) > 0
        forward = fmean(values("digit_span_t1", "digit_span_forward_longest"))
        assert forward > fmean(values("digit_span_t1", "digit_span_backward_longest"))

    def test_sensitivity_falls_with_load(self) -> None:
        means = [fmean(values("adaptive_n_back_t2", f"n_back_{n}_d_prime")) for n in range(4)]

        assert means == sorted(means, reverse=True)
