"""E-Prime's text log: a row a frame, with the line it begins at."""

import pytest

from functions.cognitive.frames import frame_document, is_frame_log
from functions.cognitive.plaintext import MAX_COLUMNS, LogMalformed, LogTooLarge

HEADER = ["*** Header Start ***", "Subject: 12", "*** Header End ***"]


def frame(*lines: str) -> list[str]:
    return ["\t*** LogFrame Start ***", *lines, "\t*** LogFrame End ***"]


def text(*parts: list[str]) -> str:
    return "\n".join(line for part in parts for line in part)


class TestFrames:
    def test_a_row_each_and_the_header_as_head(self) -> None:
        log = text(HEADER, frame("\tStim.RT: 512", "\tStim.ACC: 1"), frame("\tStim.RT: 498"))
        document = frame_document(log)
        assert document.head == {"subject": "12"}
        assert [line.number for line in document.lines] == [4, 8]
        assert len(document.lines[0].cells) == 2

    def test_value_may_hold_a_colon(self) -> None:
        (line,) = frame_document(text(frame("Clock: 10:31:05"))).lines
        assert list(line.cells.values()) == ["10:31:05"]

    def test_what_stands_outside_of_frames_is_passed_over(self) -> None:
        log = text(["Level: 3"], frame("RT: 1"), ["RT: 2"], frame("no colon", "RT: 3"))
        assert [line.cells for line in frame_document(log).lines] == [{"rt": "1"}, {"rt": "3"}]

    def test_name_that_stands_twice_is_unclear(self) -> None:
        document = frame_document(text(frame("RT: 1", "RT: 2")))
        assert list(document.unclear) == ["rt"]


class TestRefusals:
    def test_ends_within_a_frame(self) -> None:
        with pytest.raises(LogMalformed, match="ends within"):
            frame_document(text(frame("RT: 1")[:-1]))

    @pytest.mark.parametrize("marks", [["Start", "Start"], ["End"]])
    def test_frames_that_do_not_pair(self, marks: list[str]) -> None:
        log = text([f"*** LogFrame {mark} ***" for mark in marks])
        with pytest.raises(LogMalformed, match=f"line {len(marks)}"):
            frame_document(log)

    def test_frame_of_more_values_than_any_table_has_columns(self) -> None:
        values = [f"V{k}: 1" for k in range(MAX_COLUMNS)]
        assert len(frame_document(text(frame(*values))).lines) == 1
        with pytest.raises(LogTooLarge):
            frame_document(text(frame("W: 1", *values)))


class TestRecognition:
    @pytest.mark.parametrize(
        ("words", "is_log"),
        [("*** LogFrame Start ***", True), ("*** Header End ***", True), ("LogFrame Start", False)],
    )
    def test_by_its_marks(self, words: str, is_log: bool) -> None:
        assert is_frame_log(f"Level: 1\n{words}\n") is is_log
