"""Every row of every file is accounted for: rows = practice + test + each reason left out."""

import json
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from functions.cognitive.decode import decode
from functions.cognitive.documents import read_document
from functions.cognitive.import_report import import_json
from functions.cognitive.rows import TEXTS
from functions.cognitive.trials import Session
from local.samples import tasklog, tasklog_web_files
from local.samples.tasklog_trials import TaskSample
from shared.errors import UnreadableUpload
from shared.recording import RecordingFile
from tests.functions.cognitive.test_decode import CELLS, WORDS, WRITERS, Writer
from tests.nonempty import nonempty

KEYED: tuple[Callable[[int], TaskSample], ...] = (
    *(tasklog.simple_reaction, tasklog.choice_reaction, tasklog.flanker, tasklog.stroop),
    *(tasklog.attention_network, tasklog.n_back, tasklog.go_no_go, tasklog.stop_signal),
    *(tasklog.task_switching, tasklog.posner),
)
JUNK = st.sampled_from(
    ("", "practice", "congruent", "control", "0.5", "12,5", "true", "None", "x", "1", "END OF FILE")
)


def assert_trials_of_the_runs(session: Session) -> None:
    reports, runs = session.imports, session.runs
    assert sum(report.practice for report in reports) == sum(len(run.practice) for run in runs)
    assert sum(report.test for report in reports) == sum(len(run.test) for run in runs)


def assert_accounted(session: Session, files: Sequence[RecordingFile]) -> None:
    """The sum holds in each file, is that of its lines, and its trials are those of the runs."""
    for report, file in zip(session.imports, files, strict=True):
        left_out = sum(reason.count for reason in report.left_out)
        assert report.rows == report.practice + report.test + left_out
        assert report.rows == len(read_document(file).lines)
        assert all(reason.count > 0 and reason.text for reason in report.left_out)
        assert len({reason.code for reason in report.left_out}) == len(report.left_out)
    assert_trials_of_the_runs(session)
    told = import_json(session.imports)
    assert told["rows"] == told["practice"] + told["test"] + sum(
        reason["count"] for reason in told["left_out"]
    )


def assert_accounted_or_refused(file: RecordingFile) -> None:
    try:
        session = decode([file])
    except UnreadableUpload:
        return
    assert_accounted(session, [file])


class TestSum:
    @pytest.mark.parametrize("write", WRITERS, ids=lambda write: write.__name__)
    @pytest.mark.parametrize("make", KEYED, ids=lambda make: make.__name__)
    def test_every_dialect_accounts_for_every_row(
        self, make: Callable[[int], TaskSample], write: Writer
    ) -> None:
        file = write(make(5))

        assert_accounted(decode([file]), [file])

    @given(
        st.sampled_from(WRITERS),
        st.sampled_from(KEYED),
        st.integers(0, 10**6),
        st.lists(st.tuples(st.integers(0, 400), st.integers(0, 40), JUNK), max_size=40),
    )
    @settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    def test_damaged_cells_of_any_dialect_are_accounted_for_or_refused(
        self,
        write: Writer,
        make: Callable[[int], TaskSample],
        seed: int,
        damage: list[tuple[int, int, str]],
    ) -> None:
        assert_accounted_or_refused(damaged(write(make(seed)), damage))

    @given(st.lists(st.dictionaries(WORDS, CELLS, max_size=8), max_size=12))
    @settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    def test_any_json_is_accounted_for_or_refused(self, rows: list[object]) -> None:
        content = json.dumps(rows).encode("utf-8", "surrogatepass")
        assert_accounted_or_refused(RecordingFile("stroop.json", content))

    @given(st.lists(st.lists(JUNK | WORDS, min_size=5, max_size=5), min_size=1, max_size=20))
    @settings(max_examples=200, deadline=None)
    def test_any_table_is_accounted_for_or_refused(self, rows: list[list[str]]) -> None:
        lines = ["rt;correct;condition;response;phase", *(";".join(row) for row in rows)]
        assert_accounted_or_refused(RecordingFile("flanker.csv", "\n".join(lines).encode()))

    def test_several_files_are_added_up(self) -> None:
        files = [
            tasklog_web_files.gorilla_csv(tasklog.flanker(1)),
            tasklog_web_files.labjs_json(tasklog.stroop(1)),
        ]

        session = decode(files)

        assert_accounted(session, files)
        told = import_json(session.imports)
        assert {reason["file"] for reason in told["left_out"]} == {1, 2}
        assert [file["format"] for file in told["files"]] == ["Gorilla CSV", "lab.js JSON"]


class TestReasons:
    def test_first_line_is_that_of_the_file(self) -> None:
        table = "condition,correct,rt\n,,\n" + "congruent,1,500\n" * 3 + ",,\n"

        (report,) = decode([RecordingFile("flanker.csv", table.encode())]).imports

        assert [(r.code, r.count, r.first_line) for r in report.left_out] == [("empty", 2, 2)]
        assert (report.rows, report.test) == (5, 3)

    def test_a_cell_of_several_lines_moves_the_lines_below(self) -> None:
        table = 'condition,correct,rt,text\ncongruent,1,500,"a\nb\nc"\n,,,\n'

        (report,) = decode([RecordingFile("flanker.csv", table.encode())]).imports

        assert report.left_out[0].first_line == 5

    def test_every_code_has_its_sentence(self) -> None:
        assert all(text.endswith(".") for text in nonempty(TEXTS.values()))

    def test_report_names_the_columns_and_the_encoding(self) -> None:
        table = "Congruency;ACC;RT\n" + "congruent;1;512,5\n" * 6

        session = decode([RecordingFile("flanker.csv", table.encode("utf-16"))])

        (file,) = import_json(session.imports)["files"]
        assert file["encoding"] == "utf-16"
        assert file["decimal_commas"] == ["rt"]
        assert file["columns"]["flanker"] == {
            "rt": "rt",
            "correct": "acc",
            "condition": "congruency",
        }


def damaged(file: RecordingFile, damage: list[tuple[int, int, str]]) -> RecordingFile:
    """The file with other words in some cells, its shape unhurt."""
    encoding = "utf-16" if file.content.startswith(b"\xff\xfe") else "utf-8"
    text = file.content.decode(encoding)
    if text[:1] in "[{":
        return RecordingFile(
            file.name, json.dumps(_damaged_json(json.loads(text), damage)).encode()
        )
    delimiter = "\t" if "\t" in text.splitlines()[-2] else ","
    mark = ": " if encoding == "utf-16" else delimiter
    lines = text.splitlines()
    for row, column, word in damage:
        line = lines[1 + row % (len(lines) - 1)]
        if mark in line and '"' not in line and "***" not in line:
            cells = line.split(mark)
            cells[column % len(cells)] = word.replace(delimiter, ".")
            lines[1 + row % (len(lines) - 1)] = mark.join(cells)
    return RecordingFile(file.name, "\n".join(lines).encode(encoding))


def _damaged_json(parsed: Any, damage: list[tuple[int, int, str]]) -> Any:
    rows = (
        parsed
        if isinstance(parsed, list)
        else next(v for v in parsed.values() if isinstance(v, list))
    )
    for row, column, word in damage:
        names = sorted(rows[row % len(rows)])
        rows[row % len(rows)][names[column % len(names)]] = word
    return parsed
