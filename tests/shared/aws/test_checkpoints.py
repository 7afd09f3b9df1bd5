"""Texts that are signed and kept in a folder, as on a laptop."""

import json
from pathlib import Path

import pytest

from shared.aws import checkpoints
from shared.errors import Unavailable
from tests.conftest import Configure

OURS, ANOTHERS = "5e" * 32, "ab" * 32


@pytest.fixture
def folder(tmp_path: Path, configure: Configure) -> Path:
    place = tmp_path / "checkpoints"
    configure(checkpoint_folder=str(place), checkpoint_key=OURS)
    return place


@pytest.mark.usefixtures("folder")
class TestKeep:
    def test_is_stored_by_its_name_and_as_the_latest(self, folder: Path) -> None:
        content = checkpoints.keep("000000007", "seven")
        assert checkpoints.latest() == content
        assert checkpoints.read("000000007.json") == content
        assert {path.name for path in folder.iterdir()} == {"000000007.json", "latest.json"}

    def test_latest_is_the_one_that_was_kept_last(self) -> None:
        first, last = checkpoints.keep("1", "one"), checkpoints.keep("2", "two")
        assert checkpoints.latest() == last
        assert checkpoints.read("1.json") == first

    def test_text_is_kept_as_it_was_written(self) -> None:
        text = '{"b": 1,  "a": "é\\u2028"}\n'
        assert checkpoints.text_of(checkpoints.keep("1", text)) == text

    def test_place_of_a_folder_within(self, folder: Path) -> None:
        checkpoints.write(("erasures/1.json",), "a list")
        assert [path.name for path in (folder / "erasures").iterdir()] == ["1.json"]

    def test_folder_that_cannot_be_written_is_unavailable(self, folder: Path) -> None:
        folder.write_text("a file where the folder should be")
        with pytest.raises(Unavailable, match="cannot be written"):
            checkpoints.keep("1", "one")


class TestRead:
    @pytest.mark.usefixtures("folder")
    def test_nothing_is_there_yet(self) -> None:
        assert checkpoints.latest() is None

    def test_deployment_without_a_place_has_none(self, configure: Configure) -> None:
        configure(checkpoint_folder=None, checkpoint_bucket=None, checkpoint_key=OURS)
        assert checkpoints.latest() is None


class TestIsOurs:
    @pytest.mark.usefixtures("folder")
    def test_what_we_kept(self) -> None:
        assert checkpoints.is_ours(checkpoints.keep("1", "one"))

    @pytest.mark.usefixtures("folder")
    @pytest.mark.parametrize("part", ["checkpoint", "signature"])
    def test_not_with_a_part_of_another(self, part: str) -> None:
        ours, other = (json.loads(checkpoints.keep(name, name)) for name in ("1", "2"))
        assert not checkpoints.is_ours(json.dumps(ours | {part: other[part]}).encode())

    def test_not_by_the_key_that_it_brings(self, folder: Path, configure: Configure) -> None:
        configure(checkpoint_folder=str(folder), checkpoint_key=ANOTHERS)
        theirs = checkpoints.keep("1", "one")
        configure(checkpoint_folder=str(folder), checkpoint_key=OURS)
        assert not checkpoints.is_ours(theirs)

    def test_nothing_is_ours_without_a_key(self, folder: Path, configure: Configure) -> None:
        content = checkpoints.keep("1", "one")
        configure(checkpoint_folder=str(folder), checkpoint_key=None, checkpoint_kms_key=None)
        assert not checkpoints.is_ours(content)


class TestAreKept:
    @pytest.mark.parametrize("place", ["checkpoint_folder", "checkpoint_bucket"])
    @pytest.mark.parametrize("key", ["checkpoint_key", "checkpoint_kms_key"])
    def test_where_there_is_a_place_and_a_key(
        self, configure: Configure, place: str, key: str
    ) -> None:
        places = {"checkpoint_folder": "/var/kept", "checkpoint_bucket": "kept"}
        keys = {"checkpoint_key": OURS, "checkpoint_kms_key": "alias/medilens"}
        nothing = dict.fromkeys([*places, *keys])
        configure(**nothing | {place: places[place], key: keys[key]})
        assert checkpoints.are_kept()

    @pytest.mark.parametrize("told", [{}, {"checkpoint_bucket": "kept"}, {"checkpoint_key": OURS}])
    def test_not_with_half_of_it(self, configure: Configure, told: dict[str, str]) -> None:
        names = ("folder", "bucket", "key", "kms_key")
        configure(**dict.fromkeys(f"checkpoint_{name}" for name in names) | told)
        assert not checkpoints.are_kept()


class TestKey:
    @pytest.mark.usefixtures("folder")
    def test_text_has_one_signature_however_often_it_is_signed(self) -> None:
        assert checkpoints.keep("1", "one") == checkpoints.keep("2", "one")

    @pytest.mark.usefixtures("folder")
    def test_long_text_is_signed_by_its_hash(self) -> None:
        text = "a" * 100_000
        assert len(checkpoints.signing_key().sign(text)) == 64
        assert checkpoints.is_ours(checkpoints.keep("1", text))

    @pytest.mark.usefixtures("folder")
    def test_secret_half_is_in_no_checkpoint(self) -> None:
        content = checkpoints.keep("1", "one")
        assert OURS.encode() not in content
        assert json.loads(content).keys() == {"checkpoint", "signature", "public_key"}
