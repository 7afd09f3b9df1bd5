"""Tables as spreadsheets and programs write them: encodings, commas, names that repeat."""

import json

import pytest

from functions.cognitive.decimals import UNCLEAR
from functions.cognitive.decode import decode
from functions.cognitive.documents import read_document
from functions.cognitive.plaintext import LogMalformed, LogNotText, RepeatedKey
from functions.cognitive.trials import Trial
from shared.recording import RecordingFile
from tests.functions.cognitive.flanker_logs import CONDITION, JUDGED, PHASE, USUAL, jspsych, table


def trials(file: RecordingFile) -> tuple[Trial, ...]:
    return decode([file]).runs[0].trials


PLAIN = trials(table(USUAL))


def rows(content: bytes) -> list[dict[str, object]]:
    return read_document(RecordingFile("x", content)).rows


class TestEncodings:
    @pytest.mark.parametrize(
        "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "latin-1", "cp1252"]
    )
    def test_table_is_the_same_in_every_encoding(self, encoding: str) -> None:
        file = table({**USUAL, "Größe": lambda _: "für"}, encoding=encoding)

        assert trials(file) == PLAIN
        assert "größe" in read_document(file).rows[0]

    @pytest.mark.parametrize(
        ("begin", "what"),
        [
            (b"PK\x03\x04", "spreadsheet"),
            (b"\xd0\xcf\x11\xe0", "E-Prime"),
            (b"\x1f\x8b", "compressed"),
            (b"\x80\x04", "psydat"),
        ],
    )
    def test_what_is_no_text_is_named(self, begin: bytes, what: str) -> None:
        with pytest.raises(LogNotText, match=what):
            rows(begin + b"abc" * 20)


class TestDecimalCommas:
    @pytest.mark.parametrize("delimiter", [";", "\t", ","])
    def test_times_with_a_decimal_comma_are_read(self, delimiter: str) -> None:
        file = table(USUAL, delimiter=delimiter, decimal=",")

        assert trials(file) == PLAIN
        assert read_document(file).decimal_commas == ("rt",)

    def test_texts_of_a_json_too(self) -> None:
        file = jspsych({**USUAL, "rt": lambda a: a.rt_ms and str(a.rt_ms).replace(".", ",")})

        assert [t.rt_ms for t in trials(file)] == [t.rt_ms for t in PLAIN]

    def test_seconds_too(self) -> None:
        columns = {**USUAL, "rt": lambda a: a.rt_ms and a.rt_ms / 1000}

        trials_read = trials(table(columns, delimiter=";", decimal=","))

        assert [t.rt_ms for t in trials_read] == pytest.approx([t.rt_ms for t in PLAIN])

    def test_thousands_beside_shorter_numbers_are_thousands(self) -> None:
        assert rows(b'rt,a\n877,x\n"1,012",x\n') == [
            {"rt": "877", "a": "x"},
            {"rt": "1012", "a": "x"},
        ]

    def test_commas_with_two_meanings_are_refused_where_they_matter(self) -> None:
        text = "condition;correct;rt;other\n" + "congruent;1;1,012;7\n" * 6
        harmless = text.replace("1,012;7", "700;1,012")

        with pytest.raises(RepeatedKey, match=UNCLEAR):
            trials(RecordingFile("flanker.csv", text.encode()))
        assert len(trials(RecordingFile("flanker.csv", harmless.encode()))) == 6

    @pytest.mark.parametrize("cell", ["3,7,1", "a,b", "5, 2"])
    def test_lists_stay_lists(self, cell: str) -> None:
        assert rows(f"items;rt\n{cell};5\n".encode())[0]["items"] == cell


class TestNames:
    def test_equal_columns_of_one_name_are_one(self) -> None:
        text = "RT,rt,Condition,condition,correct\n" + "512,512,congruent,congruent,1\n" * 6

        assert [t.rt_ms for t in trials(RecordingFile("flanker.csv", text.encode()))] == [512.0] * 6

    def test_columns_of_one_name_that_complete_each_other_are_one(self) -> None:
        assert rows(b"rt,RT,a\n5,,1\n,6,1\n") == [{"rt": "5", "a": "1"}, {"rt": "6", "a": "1"}]

    def test_columns_of_one_name_that_differ_are_refused_where_they_matter(self) -> None:
        text = "rt,RT,condition,correct,note,note\n" + "512,0.5,congruent,1,a,b\n" * 6
        harmless = text.replace("0.5", "512")

        with pytest.raises(RepeatedKey, match="column rt stands twice"):
            trials(RecordingFile("flanker.csv", text.encode()))
        assert len(trials(RecordingFile("flanker.csv", harmless.encode()))) == 6

    def test_names_of_a_json_that_differ_in_case_are_looked_at_alike(self) -> None:
        content = json.dumps([{"RT": 5, "rt": 6, "a": 1}]).encode()

        document = read_document(RecordingFile("x", content))

        assert document.unclear == {"rt": "stands twice with different cells"}

    def test_spaces_and_hyphens_are_underscores(self) -> None:
        assert rows(b"Reaction Time,is-correct\n5,1\n") == [
            {"reaction_time": "5", "is_correct": "1"}
        ]


class TestLines:
    def test_lines_above_the_header_are_told(self) -> None:
        document = read_document(RecordingFile("x", b"sep=;\na;b\n1;2\n"))

        assert [(line.number, line.aside) for line in document.lines] == [
            (1, "preamble"),
            (3, None),
        ]

    def test_mark_at_the_end_is_told(self) -> None:
        document = read_document(RecordingFile("x", b"a,b,c\n1,2,3\nEND OF FILE\n"))

        assert [line.aside for line in document.lines] == [None, "end-mark"]

    def test_cut_row_is_refused_with_its_line(self) -> None:
        with pytest.raises(LogMalformed, match="line 3 has 1 cells"):
            rows(b"a,b,c\n1,2,3\n4")

    def test_objects_in_lines_are_a_list(self) -> None:
        lines = b'{"rt": 5}\n{"rt": 6}\n'

        assert rows(lines) == [{"rt": 5}, {"rt": 6}]


def test_usual_columns_are_those_of_the_session() -> None:
    assert list(USUAL) == ["rt", *JUDGED, *CONDITION, *PHASE]
