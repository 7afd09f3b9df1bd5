"""Which files make one recording, and what it is called."""

from pathlib import Path

import pytest

from local.recordings import NoRecordings, recordings


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for place in ("a", "b"):
        (tmp_path / place).mkdir()
        (tmp_path / place / "100.hea").write_text("100 1 360 4\n100.dat 16 200/mV 16 0 0 0 0 II\n")
        (tmp_path / place / "100.dat").write_bytes(bytes(8))
    (tmp_path / "a" / "strip.csv").write_text("1\n")
    (tmp_path / "a" / "notes.txt").write_text("no recording")
    return tmp_path


class TestRecordings:
    def test_folder_gives_each_recording_a_name_of_its_own(self, folder: Path) -> None:
        held = {recording.name: len(recording.paths) for recording in recordings([folder])}
        assert held == {"a/100": 2, "b/100": 2, "a/strip.csv": 1}

    def test_header_and_signal_named_one_by_one_are_one(self, folder: Path) -> None:
        files = [folder / "a" / "100.dat", folder / "a" / "100.hea"]
        (recording,) = recordings(files)
        assert [file.name for file in recording.read()] == ["100.hea", "100.dat"]

    def test_note_named_itself_is_taken(self, folder: Path) -> None:
        (recording,) = recordings([folder / "a" / "notes.txt"])
        assert recording.name == "notes.txt"

    def test_one_empty_folder_among_others_is_named(self, folder: Path) -> None:
        (folder / "c").mkdir()
        with pytest.raises(NoRecordings, match=str(folder / "c")):
            list(recordings([folder / "a", folder / "c"]))
