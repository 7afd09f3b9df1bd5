"""Hostile and broken files end in a named refusal."""

import json

import pytest

from functions.cognitive.documents import read_document
from functions.cognitive.json_text import MAX_DEPTH
from functions.cognitive.plaintext import (
    MAX_BYTES,
    MAX_ROWS,
    ImpossibleNumber,
    LogMalformed,
    LogNotText,
    LogTooDeep,
    LogTooLarge,
    RepeatedKey,
)
from shared.errors import UnreadableUpload
from shared.recording import RecordingFile

HOSTILE = [
    (b"", LogMalformed),
    (b"  \n", LogMalformed),
    (b"\xff\xfe\x00", LogNotText),
    (b"a,b\n1,\x00\n", LogNotText),
    (b'[{"a": "\\u0000"}]', LogNotText),
    (b'[{"a": "\\ud800"}]', LogNotText),
    (b"[" * (MAX_DEPTH + 1), LogTooDeep),
    (b"[" * 1_000_000, LogTooDeep),
    (b'{"a":' * 100_000, LogTooDeep),
    (b'[{"rt": NaN}]', ImpossibleNumber),
    (b'[{"rt": -Infinity}]', ImpossibleNumber),
    (b'[{"rt": 1e400}]', ImpossibleNumber),
    (b'[{"rt": ' + b"9" * 5000 + b"}]", ImpossibleNumber),
    (b'[{"rt": 1, "rt": 2}]', RepeatedKey),
    (b"{", LogMalformed),
    (b"[1, 2]", LogMalformed),
    (b'{"rows": []}', LogMalformed),
    (b'{"data": "[{"}', LogMalformed),
    (b",", LogMalformed),
    (b"lonely\n1\n", LogMalformed),
    (b"a,b\n1\n", LogMalformed),
    (b"a,b\n1,2,3\n", LogMalformed),
    (b'a,b\n"1,2\n', LogMalformed),
    (b"a,b\n" + b"x" * 200_000 + b",1\n", LogMalformed),
    (b"a,b\n" + b"1,2\n" * (MAX_ROWS + 1), LogTooLarge),
    (b"x" * (MAX_BYTES + 1), LogTooLarge),
    (b"[" + b"{}," * MAX_ROWS + b"{}]", LogTooLarge),
]


class TestReadDocument:
    @pytest.mark.parametrize(("content", "refusal"), HOSTILE, ids=lambda value: str(value)[:24])
    def test_hostile_bytes_are_refused_by_name(
        self, content: bytes, refusal: type[UnreadableUpload]
    ) -> None:
        with pytest.raises(refusal):
            read_document(RecordingFile("x", content))

    def test_refusals_never_quote_the_file(self) -> None:
        with pytest.raises(UnreadableUpload) as caught:
            read_document(RecordingFile("x", b'{"name": "Ada Lovelace", "data": 1}'))
        assert "Ada" not in caught.value.detail

    @pytest.mark.parametrize("delimiter", [",", ";", "\t"])
    def test_table_is_read_with_any_delimiter(self, delimiter: str) -> None:
        content = f"RT{delimiter}Correct\n512{delimiter}1\n{delimiter}0\n".encode("utf-8-sig")

        document = read_document(RecordingFile("x", content))

        assert document.rows == [{"rt": "512", "correct": "1"}, {"correct": "0"}]

    def test_empty_cells_in_every_spelling_are_absent(self) -> None:
        document = read_document(RecordingFile("x", b"a,b,c,d\nNA,nan,null,1\n"))

        assert document.rows == [{"d": "1"}]

    def test_json_stored_as_a_string_is_unpacked(self) -> None:
        inner = json.dumps([{"rt": 5}])

        document = read_document(RecordingFile("x", json.dumps({"data": inner}).encode()))

        assert document.rows == [{"rt": 5}]

    def test_brackets_inside_strings_are_not_depth(self) -> None:
        content = json.dumps([{"a": '[{\\"' * 100}]).encode()

        assert len(read_document(RecordingFile("x", content)).rows) == 1
