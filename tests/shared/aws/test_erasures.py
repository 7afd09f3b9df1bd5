"""Lists of who was erased: numbered, signed, and whole or refused."""

import json
from pathlib import Path

import pytest

from shared.aws import checkpoints, erasures
from shared.errors import Unavailable
from tests.conftest import Configure

OURS, ANOTHERS = "5e" * 32, "ab" * 32
ADA, BOB = ["org", "ada"], ["org", "bob"]


@pytest.fixture
def folder(tmp_path: Path, configure: Configure) -> Path:
    configure(checkpoint_folder=str(tmp_path), checkpoint_key=OURS)
    return tmp_path / erasures.FOLDER


@pytest.mark.usefixtures("folder")
class TestAfter:
    def test_no_list_was_kept_yet(self) -> None:
        assert erasures.after(0) == []

    @pytest.mark.parametrize(
        ("known", "lists"),
        [(0, [(1, [ADA]), (2, [BOB, ADA])]), (1, [(2, [BOB, ADA])]), (2, []), (9, [])],
    )
    def test_lists_beyond_a_number_come_in_order(self, known: int, lists: list[object]) -> None:
        erasures.keep(1, [ADA])
        erasures.keep(2, [BOB, ADA])
        assert erasures.after(known) == lists

    def test_missing_list_is_not_passed_over(self, folder: Path) -> None:
        for number in (1, 2, 3):
            erasures.keep(number, [ADA])
        (folder / "000000002.json").unlink()
        with pytest.raises(Unavailable, match=r"000000002\.json is missing"):
            erasures.after(0)
        assert erasures.after(2) == [(3, [ADA])]

    @pytest.mark.parametrize("name", ["newest", "000000001"])
    def test_list_that_another_has_written_is_refused(self, folder: Path, name: str) -> None:
        erasures.keep(1, [ADA])
        place = folder / f"{name}.json"
        told = json.loads(place.read_bytes())
        told["checkpoint"] = told["checkpoint"].replace("ada", "bob")
        place.write_text(json.dumps(told))
        with pytest.raises(Unavailable, match=rf"{name}\.json is not signed with our key"):
            erasures.after(0)

    def test_list_of_another_key_is_refused(self, folder: Path, configure: Configure) -> None:
        erasures.keep(1, [ADA])
        configure(checkpoint_folder=str(folder.parent), checkpoint_key=ANOTHERS)
        with pytest.raises(Unavailable, match="not signed"):
            erasures.after(0)


def test_list_says_what_it_is_and_names_nobody_but_by_ids(folder: Path) -> None:
    erasures.keep(12, [ADA])
    told = json.loads(checkpoints.text_of((folder / "000000012.json").read_bytes()))
    assert told.keys() == {"format", "number", "made_at", "people"}
    assert (told["format"], told["number"]) == ("medilens erasures 1", 12)
