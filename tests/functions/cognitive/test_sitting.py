"""One person and one session; what several files say of it is put together."""

from typing import Any

import pytest

from functions.cognitive.logs import Log
from functions.cognitive.refusals import SeveralPeople, SeveralSessions
from functions.cognitive.sitting import check_one_sitting, session_of
from functions.cognitive.trials import Device, Mode, Session


def log(mode: Mode = Mode.WEB, dialect: str = "jsPsych CSV", **said: Any) -> Log:
    return Log([], dialect, "ms", mode, **said)


def put_together(*logs: Log) -> Session:
    return session_of(logs, ())


class TestOneSitting:
    def test_the_same_person_in_every_row(self) -> None:
        check_one_sitting([{"participant": 7, "session": 1}, {"participant": "7"}, {}])

    @pytest.mark.parametrize("column", ["participant", "subject_id", "prolific_pid", "@person"])
    def test_another_person(self, column: str) -> None:
        rows = [{column: "a"}, {column: "b"}, {column: "a"}]
        with pytest.raises(SeveralPeople, match="of 2 people"):
            check_one_sitting(rows)

    @pytest.mark.parametrize("column", ["session", "visit", "occasion"])
    def test_another_session(self, column: str) -> None:
        with pytest.raises(SeveralSessions, match=f"{column} has 2 values"):
            check_one_sitting([{column: 1}, {column: 2}])


class TestSession:
    @pytest.mark.parametrize(("second", "mode"), [(Mode.WEB, Mode.WEB), (Mode.PAPER, Mode.UNKNOWN)])
    def test_files_of_two_modes_are_of_none(self, second: Mode, mode: Mode) -> None:
        assert put_together(log(), log(second)).mode is mode

    def test_formats_are_named_once(self) -> None:
        logs = log(), log(dialect="PsychoPy CSV"), log()
        assert put_together(*logs).file_format == "jsPsych CSV, PsychoPy CSV"

    def test_losses_add_up_and_shares_are_averaged(self) -> None:
        session = put_together(log(focus_losses=2, fullscreen=1.0), log(), log(focus_losses=3))
        assert (session.focus_losses, session.fullscreen) == (5, 1.0)
        halved = put_together(log(fullscreen=1.0), log(fullscreen=0.5))
        assert halved.fullscreen == 0.75

    def test_what_no_file_counts_is_unknown(self) -> None:
        session = put_together(log(), log())
        assert (session.focus_losses, session.fullscreen) == (None, None)

    def test_no_loss_is_counted_as_none_lost(self) -> None:
        assert put_together(log(focus_losses=0)).focus_losses == 0

    def test_first_file_that_knows_its_device(self) -> None:
        known = Device(refresh_hz=60.0)
        session = put_together(log(), log(device=known), log(device=Device(refresh_hz=144.0)))
        assert session.device == known

    def test_only_names_of_programs_are_kept_of_what_was_said(self) -> None:
        said = Device(
            user_agent="Mozilla/5.0 (Windows NT) of Jane Doe Firefox/140.0",
            input_kind="Jane's mouse and keyboard",
        )
        session = put_together(log(device=said, client="jsPsych 7.3.1 at Jane's clinic"))
        assert session.device == Device("Windows Firefox/140.0", None, "mouse keyboard")
        assert session.client == "jsPsych 7.3.1"

    def test_words_that_name_no_program_are_dropped(self) -> None:
        assert put_together(log(client="Jane Doe, ward 4")).client is None
