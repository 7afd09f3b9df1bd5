"""Files as they come in: no folder, one hash, and either the bytes or where they lie."""

from datetime import UTC, datetime
from hashlib import sha256
from io import BytesIO
from uuid import UUID

import pytest
from fastapi import UploadFile
from hypothesis import given
from hypothesis import strategies as st

from shared.errors import InvalidRequest
from shared.examination.received import input_sha256, plain_name, recording_files
from shared.examination.request import AnalysisRequest
from shared.text import is_line

UPLOADED = (UUID(int=1),)
digests = st.lists(st.binary().map(lambda content: sha256(content).hexdigest()), min_size=1)


def requested(uploads: tuple[UUID, ...] = ()) -> AnalysisRequest:
    return AnalysisRequest(None, None, datetime.now(UTC), None, uploads)


def part(name: str, content: bytes) -> UploadFile:
    return UploadFile(BytesIO(content), filename=name)


class TestName:
    @pytest.mark.parametrize(
        ("given", "name"),
        [
            ("a.hea", "a.hea"),
            ("../../etc/passwd", "passwd"),
            (r"C:\patients\a.dat", "a.dat"),
            ("folder/", ""),
            (None, ""),
            ("a\0b\n.edf", "a b .edf"),
        ],
    )
    def test_no_folder_is_left_of_it(self, given: str | None, name: str) -> None:
        assert plain_name(given) == name

    @given(st.text())
    def test_is_one_line_without_a_separator(self, told: str) -> None:
        name = plain_name(told)
        assert is_line(name)
        assert not {"/", "\\"} & set(name)


class TestHash:
    def test_one_file_has_its_own(self) -> None:
        assert input_sha256(["ab"]) == "ab"

    def test_of_several_it_is_that_of_their_sorted_hashes(self) -> None:
        assert input_sha256(["b", "a"]) == sha256(b"ab").hexdigest()

    @given(digests)
    def test_order_makes_no_difference(self, listed: list[str]) -> None:
        assert input_sha256(listed) == input_sha256(reversed(listed)) == input_sha256(iter(listed))

    def test_a_file_sent_twice_is_another_input(self) -> None:
        assert input_sha256(["a", "a"]) != input_sha256(["a"])


class TestFiles:
    async def test_each_is_read_under_its_plain_name(self) -> None:
        files = await recording_files(requested(), [part("x/a.hea", b"1"), part("a.dat", b"2")])
        assert [(file.name, file.content) for file in files] == [("a.hea", b"1"), ("a.dat", b"2")]

    async def test_what_lies_in_storage_is_not_sent(self) -> None:
        assert await recording_files(requested(UPLOADED), None) == ()

    async def test_neither_is_nothing_to_analyze(self) -> None:
        with pytest.raises(InvalidRequest, match="upload_id"):
            await recording_files(requested(), [])

    async def test_both_are_one_too_many(self) -> None:
        with pytest.raises(InvalidRequest, match="upload_id"):
            await recording_files(requested(UPLOADED), [part("a.csv", b"1")])
