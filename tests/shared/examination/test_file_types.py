import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.examination.file_types import ANY_TYPE, KINDS, looks_like

PNG = b"\x89PNG\r\n\x1a\n" + bytes(8)
FILES = {
    "application/dicom": bytes(128) + b"DICM\x02\x00",
    "application/edf": b"0       patient",
    "application/json": b' \n{"samples": [1]}',
    "application/xml": b"\xef\xbb\xbf<?xml version='1.0'?><AnnotatedECG/>",
    "audio/flac": b"fLaC\0\0\0\x22",
    "audio/mp4": b"\0\0\0\x1cftypM4A ",
    "audio/mpeg": b"ID3\x03",
    "audio/ogg": b"OggS\0",
    "audio/wav": b"RIFF\x24\0\0\0WAVEfmt ",
    "audio/webm": b"\x1a\x45\xdf\xa3",
    "image/jpeg": b"\xff\xd8\xff\xe0",
    "image/png": PNG,
    "image/tiff": b"II*\0",
    "image/webp": b"RIFF\x24\0\0\0WEBP",
    "text/csv": b"time,mV\r\n0,0.1\r\n",
}


class TestLooksLike:
    @pytest.mark.parametrize("content_type", FILES)
    def test_its_own_kind_passes(self, content_type: str) -> None:
        assert looks_like(content_type, FILES[content_type])

    @pytest.mark.parametrize("content_type", sorted(set(KINDS) - {"image/png", ANY_TYPE}))
    def test_picture_under_another_name_is_refused(self, content_type: str) -> None:
        assert not looks_like(content_type, PNG)

    @pytest.mark.parametrize("content_type", KINDS)
    def test_nothing_is_of_no_kind(self, content_type: str) -> None:
        assert not looks_like(content_type, b"")

    @pytest.mark.parametrize("program", [b"MZ\x90\0", b"\x7fELF\x02", b"#!/bin/sh"])
    def test_dicom_that_is_a_program_too_is_refused(self, program: bytes) -> None:
        assert not looks_like("application/dicom", program.ljust(128, b"\0") + b"DICM")

    def test_text_with_a_zero_byte_is_none(self) -> None:
        assert not looks_like("text/csv", b"time,mV\n0,\0")

    @given(st.sampled_from(sorted(KINDS)), st.binary(max_size=300))
    def test_any_bytes_are_answered(self, content_type: str, head: bytes) -> None:
        assert looks_like(content_type, head) in {True, False}
