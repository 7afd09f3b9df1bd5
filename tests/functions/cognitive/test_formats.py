"""What each program writes that others do not."""

import csv
import json
from io import StringIO
from typing import Any

import pytest

from functions.cognitive.analysis import analyze
from functions.cognitive.decode import decode
from functions.cognitive.formats.components import SeveralComponents
from functions.cognitive.mapping import read_mapping
from functions.cognitive.plaintext import LogMalformed
from functions.cognitive.trials import Mode, Phase, Session
from local.samples import tasklog, tasklog_files, tasklog_web_files
from shared.recording import RecordingFile
from tests.functions.cognitive.flanker_logs import ACCURACY, PRACTICE, SESSION, TEST, Answer

STROOP = tasklog.stroop(3)


def csv_file(rows: list[dict[str, Any]], name: str = "flanker.csv") -> RecordingFile:
    columns = list(dict.fromkeys(column for row in rows for column in row))
    text = StringIO()
    writer = csv.DictWriter(text, columns, restval="")
    writer.writeheader()
    writer.writerows(rows)
    return RecordingFile(name, text.getvalue().encode())


def values(session: Session) -> dict[str, float]:
    return {biomarker.name: biomarker.value for biomarker in analyze(session).biomarkers}


def counts(session: Session) -> tuple[int, int]:
    (run,) = session.runs
    return len(run.practice), len(run.test)


def psychopy(
    answer: Answer, *, component: str = "key_resp", loop: str = "trials"
) -> dict[str, Any]:
    return {
        f"{loop}.thisN": 1,
        f"{component}.keys": answer.key or "None",
        f"{component}.corr": int(answer.right),
        f"{component}.rt": None if answer.rt_ms is None else answer.rt_ms / 1000,
        "congruent": int(answer.condition == "congruent"),
        "expName": "flanker",
        "psychopyVersion": "2024.1.5",
    }


def labjs(answer: Answer, number: int) -> dict[str, Any]:
    return {
        "sender": "Flanker screen",
        "sender_type": "html.Screen",
        "sender_id": f"{1 if answer.practice else 2}_{number}_1",
        "ended_on": "timeout" if answer.omitted else "response",
        "duration": answer.rt_ms or 2000,
        "correct": None if answer.omitted else answer.right,
        "congruency": answer.condition,
    }


def eprime(answer: Answer, stimulus: str) -> dict[str, Any]:
    return {
        "Congruency": answer.condition,
        f"{stimulus}.ACC": int(answer.right),
        f"{stimulus}.RT": answer.rt_ms or 0,
    }


class TestPsychoPy:
    def test_practice_is_told_by_a_loop(self) -> None:
        rows = [psychopy(a, loop="practice_loop" if a.practice else "trials") for a in SESSION]

        assert counts(decode([csv_file(rows)])) == (PRACTICE, TEST)

    def test_practice_is_told_by_a_component(self) -> None:
        rows = [psychopy(a, component="prac_resp" if a.practice else "key_resp") for a in SESSION]

        session = decode([csv_file(rows)])

        assert counts(session) == (PRACTICE, TEST)
        assert values(session)["flanker_accuracy"] == pytest.approx(ACCURACY)

    @pytest.mark.parametrize("other", ["a_conf", "z_conf"])
    def test_two_components_that_judge_a_row_are_refused_by_name(self, other: str) -> None:
        rows = [{**psychopy(a), f"{other}.corr": 1, f"{other}.rt": 1.3} for a in SESSION]

        with pytest.raises(SeveralComponents, match=f"{other}.*key_resp|key_resp.*{other}"):
            decode([csv_file(rows)])

    def test_a_mapping_says_which_of_two_components_counts(self) -> None:
        confidence = {"a_conf.corr": 1, "a_conf.rt": 1.3}
        rows = [
            {**psychopy(a), **confidence, "part": "practice"[: 8 * a.practice]} for a in SESSION
        ]
        columns = {"key_resp.rt": "rt", "key_resp.corr": "correct"}
        mapping = read_mapping(json.dumps({"columns": columns}))

        session = decode([csv_file(rows)], mapping=mapping)

        assert values(session)["flanker_accuracy"] == pytest.approx(ACCURACY)
        assert session.runs[0].rt_unit.startswith("seconds")

    def test_rating_that_judges_nothing_is_no_answer(self) -> None:
        rows = [{**psychopy(a), "slider.rt": 2.0, "slider.response": 4} for a in SESSION]

        assert values(decode([csv_file(rows)]))["flanker_accuracy"] < 100

    def test_instructions_within_a_loop_of_blocks_are_no_trials(self) -> None:
        rows = [{"blocks.thisN": 0, "start.keys": "space", "start.rt": 3.1}]
        rows += [{"blocks.thisN": 0, **psychopy(a)} for a in SESSION]

        session = decode([csv_file(rows)])

        assert counts(session) == (0, PRACTICE + TEST)
        assert [(r.code, r.count) for r in session.imports[0].left_out] == [("screen", 1)]

    def test_summary_is_unrolled_in_order(self) -> None:
        test = [t for t in STROOP.trials if t.phase is Phase.TEST]

        session = decode([tasklog_files.psychopy_summary(STROOP)], task="stroop")

        (run,) = session.runs
        assert [t.condition for t in run.trials] == [t.condition for t in test]
        assert values(session)["stroop_effect"] == pytest.approx(80)
        assert session.file_format == "PsychoPy summary CSV"
        assert session.imports[0].rows == len(test) + 2  # two lines of extra information

    def test_summary_without_order_is_refused(self) -> None:
        file = tasklog_files.psychopy_summary(STROOP)
        content = file.content.replace(b",order,", b",index,")

        with pytest.raises(LogMalformed, match="order"):
            decode([RecordingFile("stroop.csv", content)])


class TestLabjs:
    def test_practice_is_told_by_the_title_of_a_parent(self) -> None:
        rows = [labjs(answer, number) for number, answer in enumerate(SESSION)]
        for place, title in (("1", "Practice block"), ("2", "Task")):
            rows.append({"sender": title, "sender_type": "flow.Loop", "sender_id": place})
        file = RecordingFile("flanker.json", json.dumps(rows).encode())

        session = decode([file])

        assert counts(session) == (PRACTICE, TEST)
        assert values(session)["flanker_accuracy"] == pytest.approx(ACCURACY)
        assert [(r.code, r.count) for r in session.imports[0].left_out] == [("flow", 2)]


class TestGorilla:
    def test_further_attempts_are_left_out(self) -> None:
        file = tasklog_web_files.gorilla_csv(STROOP)
        lines = file.content.decode().splitlines()
        answer = next(line for line in lines if "response_keyboard" in line)
        again = answer.replace("response_keyboard_single", "response_keyboard_single", 1)
        head = lines[0].split(",")
        cells = again.split(",")
        cells[head.index("Attempt")] = "2"
        lines.insert(5, ",".join(cells))

        (report,) = decode([RecordingFile("x.csv", "\n".join(lines).encode())]).imports

        assert ("later-attempt", 1) in [(r.code, r.count) for r in report.left_out]
        assert report.test + report.practice == len(STROOP.trials)

    def test_omissions_are_time_limits_without_an_answer(self) -> None:
        session = decode([tasklog_web_files.gorilla_csv(STROOP)])

        assert values(session)["stroop_accuracy"] == pytest.approx(STROOP.truth["stroop_accuracy"])
        assert session.mode is Mode.WEB


class TestEPrime:
    @pytest.mark.parametrize("write", [tasklog_files.eprime_log, tasklog_files.eprime_table])
    def test_both_exports_give_the_truth(self, write: Any) -> None:
        session = decode([write(STROOP)])

        outcome = values(session)
        for name, value in STROOP.truth.items():
            assert outcome[name] == pytest.approx(value)
        assert session.mode is Mode.COMPUTER

    def test_a_log_that_was_cut_is_refused(self) -> None:
        text = tasklog_files.eprime_log(STROOP).content.decode("utf-16")

        with pytest.raises(LogMalformed, match="within a frame"):
            decode([RecordingFile("a.txt", text[: text.rfind("Stim.RT")].encode("utf-16"))])

    def test_a_table_without_procedures_is_known_by_its_objects(self) -> None:
        rows = [{"Subject": 1, **eprime(answer, "Stim")} for answer in SESSION]

        session = decode([csv_file(rows)])

        assert session.file_format == "E-Prime CSV"
        assert counts(session) == (0, PRACTICE + TEST)

    def test_practice_is_told_by_the_object(self) -> None:
        rows = [
            {
                "ExperimentName": "flanker",
                "Running": "List1",
                **eprime(answer, "PracStim" if answer.practice else "Stim"),
            }
            for answer in SESSION
        ]

        assert counts(decode([csv_file(rows)])) == (PRACTICE, TEST)


class TestOpenSesame:
    def test_running_means_and_time_limits_are_no_answers(self) -> None:
        session = decode([tasklog_files.opensesame_csv(STROOP)])

        outcome = values(session)
        for name, value in STROOP.truth.items():
            assert outcome[name] == pytest.approx(value)
        assert session.client == "OpenSesame 3.3.14"


class TestOneSession:
    def test_another_start_of_the_clock_is_another_session(self) -> None:
        rows = json.loads(tasklog_web_files.jspsych_json(STROOP).content)

        with pytest.raises(Exception, match="time_elapsed begins again"):
            decode([RecordingFile("stroop.json", json.dumps(rows + rows).encode())])

    @pytest.mark.parametrize("column", ["session", "Visit", "timepoint"])
    def test_two_sessions_by_a_column_are_refused(self, column: str) -> None:
        rows = [{**psychopy(a), column: 1 + (i > 30)} for i, a in enumerate(SESSION)]

        with pytest.raises(Exception, match="several sessions"):
            decode([csv_file(rows)])

    @pytest.mark.parametrize(
        "names",
        [("flanker_pre", "flanker_post"), ("flanker 1", "flanker 2"), ("arrow_flanker", "flanker")],
    )
    def test_one_task_under_two_names_is_refused(self, names: tuple[str, str]) -> None:
        rows = [
            {"task": names[i % 2], "condition": "congruent", "correct": 1, "rt": 500 + i}
            for i in range(40)
        ]

        with pytest.raises(Exception, match="under 2 names"):
            decode([csv_file(rows)])

    @pytest.mark.parametrize(
        "names", [("flanker_block_1", "flanker_block_2"), ("flanker practice", "Flanker main task")]
    )
    def test_parts_of_one_task_are_one(self, names: tuple[str, str]) -> None:
        rows = [
            {"task": names[i % 2], "condition": "congruent", "correct": 1, "rt": 500 + i}
            for i in range(40)
        ]

        assert len(decode([csv_file(rows)]).runs) == 1

    def test_the_same_trials_twice_are_refused(self) -> None:
        rows = [psychopy(a) for a in SESSION] * 2

        with pytest.raises(Exception, match="twice in one file"):
            decode([csv_file(rows)])
