"""What `vercel build` leaves becomes folders that hold what runs."""

import json
from pathlib import Path
from typing import Any

import pytest

from local import artifact
from local.vercel_output import CONFIG, FILE_LIST, complete, unfold

LISTED = {"app.py": "sources/app.py", "vendor/words.py": "environment/words.py"}


@pytest.fixture
def built(tmp_path: Path) -> Path:
    """A build of one function, whose files lie elsewhere."""
    function = function_in(tmp_path)
    function.mkdir(parents=True)
    for number, source in enumerate(LISTED.values()):
        (tmp_path / source).parent.mkdir()
        (tmp_path / source).write_text(f"number = {number}\n")
    config = {"runtime": "python3.13", "handler": "app.app", FILE_LIST: LISTED}
    (function / CONFIG).write_text(json.dumps(config))
    return tmp_path


def function_in(built: Path) -> Path:
    return built / ".vercel" / "output" / "functions" / "api" / "records.func"


def config_of(function: Path) -> dict[str, Any]:
    told: dict[str, Any] = json.loads((function / CONFIG).read_text())
    return told


def test_listed_files_lie_in_the_folder_and_the_list_is_gone(built: Path) -> None:
    unfold(function_in(built), built)
    texts = [(function_in(built) / name).read_text() for name in LISTED]
    assert texts == ["number = 0\n", "number = 1\n"]
    assert config_of(function_in(built)) == {"runtime": "python3.13", "handler": "app.app"}


def test_function_without_a_list_is_left(built: Path) -> None:
    place = function_in(built) / CONFIG
    place.write_text('{"runtime": "nodejs"}')
    unfold(function_in(built), built)
    assert config_of(function_in(built)) == {"runtime": "nodejs"}


def test_listed_file_that_is_not_there_ends_the_build(built: Path) -> None:
    (built / "sources" / "app.py").unlink()
    with pytest.raises(FileNotFoundError):
        unfold(function_in(built), built)


def test_whole_output_is_finished_and_takes_the_formers_place(
    built: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    finished: list[str] = []
    monkeypatch.setattr(artifact, "finish", lambda function: finished.append(function.name))
    output = tmp_path / "done" / "output"
    (output / "former").mkdir(parents=True)
    complete(built, output)
    assert finished == ["records.func"]
    assert (output / "functions" / "api" / "records.func" / "app.py").exists()
    assert not (output / "former").exists()
