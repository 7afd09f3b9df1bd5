"""A pipeline's version moves when its science moves."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from local import science_lock
from local.science_lock import Lock, complaint, current
from shared.pipelines import PipelineName

ECG = PipelineName.CARDIOLOGY

type Complaint = Callable[[Lock | None], str]


@pytest.mark.parametrize("pipeline", PipelineName)
def test_version_is_that_of_the_science(pipeline: PipelineName) -> None:
    assert complaint(pipeline) is None, complaint(pipeline)


@pytest.fixture(scope="module")
def lock() -> Lock:
    """What the pipeline's files have now, read once: that takes seconds."""
    return current(ECG)


class TestComplaint:
    @pytest.fixture
    def complaint_of(self, monkeypatch: pytest.MonkeyPatch, lock: Lock) -> Complaint:
        """What is said of today's science beside the given lock."""
        monkeypatch.setattr(science_lock, "current", lambda _: lock)

        def of(written: Lock | None) -> str:
            monkeypatch.setattr(science_lock, "written", lambda _: written)
            return complaint(ECG) or ""

        return of

    def test_changed_module_names_itself_and_what_to_do(
        self, complaint_of: Complaint, lock: Lock
    ) -> None:
        text = complaint_of(
            replace(lock, hashes=lock.hashes | {"functions/cardiology/beats.py": "0"})
        )
        assert "functions/cardiology/beats.py changed since version" in text
        assert "Raise VERSION in functions/cardiology/service.py" in text

    def test_removed_module_is_a_change(self, complaint_of: Complaint, lock: Lock) -> None:
        text = complaint_of(replace(lock, hashes=lock.hashes | {"gone.py": "0"}))
        assert "gone.py changed" in text

    def test_raised_version_asks_for_the_command(self, complaint_of: Complaint, lock: Lock) -> None:
        text = complaint_of(replace(lock, version="0.9.9"))
        assert "science.lock is of version 0.9.9" in text
        assert "Raise VERSION" not in text

    def test_missing_lock_is_named(self, complaint_of: Complaint) -> None:
        assert "science.lock is missing" in complaint_of(None)

    def test_same_science_and_version_are_right(self, complaint_of: Complaint, lock: Lock) -> None:
        assert complaint_of(lock) == ""


class TestCurrent:
    def test_holds_modules_models_and_no_picture(self, lock: Lock) -> None:
        names = {Path(name).name for name in lock.hashes}
        assert {"beats.py", "decode.py", "norms.py", "fibrillation.json"} <= names
        assert {"shared/norms.py", "shared/record.py"} <= lock.hashes.keys()
        assert names & {"pictures.py", "service.py", "app.py", "README.md"} == set()

    def test_comments_and_docstrings_count_for_nothing(self, tmp_path: Path) -> None:
        plain, explained, other = (tmp_path / name for name in ("a.py", "b.py", "c.py"))
        plain.write_text("def pitch():\n    return 440\n")
        explained.write_text('"""A."""\n\n\ndef pitch():\n    """A."""\n    return 440  # Hz\n')
        other.write_text("def pitch():\n    return 441\n")
        hashes = [science_lock._sha256(path) for path in (plain, explained, other)]
        assert hashes[0] == hashes[1] != hashes[2]

    def test_text_reads_back_as_the_same_lock(
        self, lock: Lock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(science_lock, "lock_file", lambda _: tmp_path / "science.lock")
        (tmp_path / "science.lock").write_text(lock.text)
        assert science_lock.written(ECG) == lock
