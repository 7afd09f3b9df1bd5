import struct

import pytest

from functions.speech.completeness import missing_end
from functions.speech.decode import decode_sound
from functions.speech.unreadable import DamagedAudio
from local.samples.voice import sustained_vowel, wav_bytes
from local.samples.voice_files import ENCODINGS, encoded
from shared.recording import RecordingFile

FS_HZ = 48_000
VOICE = sustained_vowel(duration_s=3, hnr_db=30, fs_hz=FS_HZ).samples
FORMATS = ("wav", *ENCODINGS)
TOLD = ("wav", "ogg_opus", "mp3", "webm_live")  # the others do not decode without their end


def file(name: str) -> bytes:
    return encoded(name, VOICE, FS_HZ)


def told(content: bytes) -> str | None:
    return decode_sound(RecordingFile("voice", content)).missing_end


class TestMissingEnd:
    @pytest.mark.parametrize("name", FORMATS)
    def test_whole_file_misses_nothing(self, name: str) -> None:
        assert told(file(name)) is None

    @pytest.mark.parametrize("name", TOLD)
    @pytest.mark.parametrize("share", [0.5, 0.7, 0.9])
    def test_cut_file_says_that_its_end_is_missing(self, name: str, share: float) -> None:
        content = file(name)

        sentence = told(content[: round(share * len(content))])

        assert sentence is not None
        assert sentence.startswith("The end of the recording is missing")

    @pytest.mark.parametrize(
        "name", [name for name in FORMATS if name not in (*TOLD, "ogg_opus_16k")]
    )
    def test_format_that_needs_its_end_is_refused_without(self, name: str) -> None:
        content = file(name)

        with pytest.raises(DamagedAudio, match="damaged or incomplete"):
            told(content[: len(content) // 2])

    def test_wav_tells_both_lengths(self) -> None:
        content = wav_bytes(VOICE, FS_HZ)

        assert "announces 3.0 s and holds 1.5 s" in (told(content[: len(content) // 2]) or "")

    @pytest.mark.parametrize("length", [0, 0x7FFFFFFF, 0xFFFFFFFF])
    def test_wav_of_a_recorder_that_knew_no_length_is_whole(self, length: int) -> None:
        content = bytearray(wav_bytes(VOICE, FS_HZ))
        at = content.find(b"data") + 4
        content[at : at + 4] = struct.pack("<I", length)

        assert missing_end(bytes(content), "wav", 3.0) is None

    def test_mp3_without_a_header_of_its_length_is_cut_within_a_frame(self) -> None:
        content = file("mp3")
        bare = content.replace(b"Info", b"\0\0\0\0").replace(b"Xing", b"\0\0\0\0")

        assert missing_end(bare, "mp3", 3.0) is None
        assert missing_end(bare[: len(bare) // 2], "mp3", 1.5) is not None

    def test_ogg_between_two_pages_lacks_its_last(self) -> None:
        content = file("ogg_opus")
        last = content.rfind(b"OggS")

        assert "not marked as the end" in (missing_end(content[:last], "ogg", 2.0) or "")

    @pytest.mark.parametrize("file_format", ["wav", "mp3", "matroska", "ogg", "mp4", "flac", "aac"])
    def test_bytes_of_any_kind_are_answered(self, file_format: str) -> None:
        for size in (0, 4, 30, 200):
            answer = missing_end(bytes(range(200))[:size], file_format, 1.0)
            assert answer is None or answer.startswith("The end")
