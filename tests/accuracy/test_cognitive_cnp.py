"""Our formulas equal the scores that the CNP battery itself wrote down (ds000030, CC0)."""

import csv
from functools import cache
from statistics import fmean, stdev

import pytest

from functions.cognitive.analysis import analyze
from functions.cognitive.decode import decode
from functions.cognitive.inhibition import median_method_ssrt
from functions.cognitive.samples import SAMPLES
from functions.cognitive.trails import proportional_interference
from functions.cognitive.trials import Family, Mode, Session, TaskRun, Trial
from functions.cognitive.wordlist import learning_slope, total_recall
from shared.recording import RecordingFile
from tests.accuracy.sets import DATA, needs
from tests.nonempty import nonempty

SET = "cognitive/cnp_ds000030"
FOLDER = DATA / SET
pytestmark = needs(SET)
PEOPLE = 126
SSRT = "stop_signal_ssrt"


@cache
def scored(table: str) -> dict[str, dict[str, float]]:
    """Rows of a table by person; cells without a value are left out."""
    with (FOLDER / f"phenotype/{table}.tsv").open() as lines:
        return {
            row.pop("participant_id"): {k: float(v) for k, v in row.items() if v not in ("n/a", "")}
            for row in csv.DictReader(lines, delimiter="\t")
        }


class TestWordList:
    def test_total_is_everybodys(self) -> None:
        for row in scored("cvlt").values():
            right = [int(row[f"cvlt_cor{i}"]) for i in range(1, 6)]
            assert total_recall(right) == row["cvlt_totcor"]
        assert len(scored("cvlt")) == PEOPLE

    def test_slope_is_everybodys(self) -> None:
        for row in nonempty(scored("cvlt").values()):
            right = [row[f"cvlt_cor{i}"] for i in range(1, 6)]
            assert learning_slope(right) == pytest.approx(row["cvlt_ls"], abs=0.051)  # 1 digit

    def test_a_session_with_these_counts_scores_the_same(self) -> None:
        words = tuple(f"word{i}" for i in range(16))
        for row in nonempty(list(scored("cvlt").values())[:20]):
            trials = tuple(
                Trial(condition="learning", items=words, recalled=words[: int(row[f"cvlt_cor{i}"])])
                for i in range(1, 6)
            )
            run = TaskRun("word_list", Family.WORD_LIST, trials)
            scores = analyze(Session((run,), "x")).result["task_scores"]["word_list"]["scores"]
            assert scores["word_list_total"]["value"] == row["cvlt_totcor"]
            assert scores["word_list_slope"]["value"] == pytest.approx(row["cvlt_ls"], abs=0.051)


class TestColorTrails:
    def test_index_is_everybodys(self) -> None:
        for row in scored("colortrails").values():
            index = proportional_interference(row["crt_time1"], row["crt_time2"])
            assert index == pytest.approx(row["crt_index"], abs=0.0051)  # two digits
        assert len(scored("colortrails")) == PEOPLE


class TestStopSignal:
    def test_session_ssrt_is_everybodys(self) -> None:
        checked = 0
        for row in scored("stopsignal").values():
            if {"sst_ses_median_rt", "sst_ses_ssd50", "sst_ses_ssrt"} <= row.keys():
                ssrt = median_method_ssrt(row["sst_ses_median_rt"], row["sst_ses_ssd50"])
                assert ssrt == pytest.approx(row["sst_ses_ssrt"], abs=1e-3)
                checked += 1
        assert checked >= PEOPLE - 2

    def test_reference_sample_is_that_of_the_controls(self) -> None:
        sample = next(s for s in SAMPLES if s.biomarker == "stop_signal_ssrt_median_method")
        controls = [
            row["sst_ses_ssrt"]
            for person, row in scored("stopsignal").items()
            if person.startswith("sub-1") and "sst_ses_ssrt" in row
        ]
        ages = [row["age"] for who, row in scored("demographics").items() if who[4] == "1"]

        assert sample.n == len(controls)
        assert sample.mean == pytest.approx(fmean(controls), abs=0.1)
        assert sample.sd == pytest.approx(stdev(controls), abs=0.1)
        assert sample.ages == (min(ages), max(ages))
        assert sample.mode is Mode.COMPUTER

    @pytest.mark.parametrize(
        ("task", "mean_ms"), [("stopsignal", 220), ("stopsignaltraining", 187)]
    )
    def test_raw_scanner_logs_decode_and_give_plausible_ssrt(
        self, task: str, mean_ms: float
    ) -> None:
        outcomes: list[tuple[float, float]] = []
        for path in sorted((FOLDER / "events").glob(f"*_task-{task}_events.tsv")):
            session = decode([RecordingFile(path.name, path.read_bytes())])
            assert [run.task for run in session.runs] == ["stop_signal"]
            assert len(session.runs[0].test) == 128
            values = {b.name: b.value for b in analyze(session).biomarkers}
            if "stop_signal_ssrt" in values:
                outcomes.append((values[SSRT], values[f"{SSRT}_median_method"]))

        assert len(outcomes) >= 18
        assert fmean(ssrt for ssrt, _ in outcomes) == pytest.approx(mean_ms, abs=1)
        # Both estimators measure the same thing.
        assert fmean(abs(a - b) for a, b in outcomes) < 30


class TestTaskSwitching:
    def test_raw_scanner_logs_decode_and_switching_costs_time(self) -> None:
        """One person pressed the other key throughout, which is found and not scored."""
        costs: list[float] = []
        for path in sorted((FOLDER / "events").glob("*_task-taskswitch_events.tsv")):
            session = decode([RecordingFile(path.name, path.read_bytes())])
            (run,) = session.runs
            assert (run.task, len(run.test), run.concerns) == ("task_switching", 96, ())
            values = {biomarker.name: biomarker.value for biomarker in analyze(session).biomarkers}
            if "task_switching_switch_cost" in values:
                costs.append(values["task_switching_switch_cost"])

        assert len(costs) == 19
        assert sum(cost > 0 for cost in costs) == 18
        assert fmean(costs) == pytest.approx(139, abs=1)
        assert stdev(costs) == pytest.approx(96, abs=1)


class TestGroups:
    def test_recall_differs_between_groups_in_the_known_direction(self) -> None:
        def mean(group: str) -> float:
            return fmean(
                row["cvlt_totcor"] for who, row in scored("cvlt").items() if who[4] == group
            )

        assert mean("5") < mean("1")  # people with schizophrenia, controls
