import json
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import PurePath

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from functions.cardiology import decode as decode_module
from functions.cardiology.decode import decode
from functions.cardiology.ecg import Ecg
from functions.cardiology.unreadable import (
    FileMissing,
    LeadNotFound,
    MalformedRecording,
    NoEcgLead,
    NothingRecorded,
    RecordingTooLong,
    RecordingTooShort,
    SamplingRateMissing,
    SamplingRateOutOfRange,
    TooManyFiles,
    TruncatedRecording,
    UnknownFormat,
    UnsupportedEncoding,
)
from local.samples.ecg import Episode, Rhythm, SyntheticEcg, synthesize
from local.samples.ecg_files import (
    aecg_file,
    apple_watch_file,
    csv_file,
    dicom_file,
    edf_file,
    json_file,
    wfdb_files,
)
from shared.errors import UnreadableUpload, UploadTooLarge
from shared.recording import RecordingFile
from tests.nonempty import nonempty

SAMPLE = synthesize([Episode(Rhythm.SINUS, 6)], fs_hz=250, leads=("I", "II", "V1"))
WRITERS: dict[str, Callable[[SyntheticEcg], tuple[RecordingFile, ...]]] = {
    "WFDB 16": lambda sample: wfdb_files(sample, fmt="16"),
    "WFDB 212": lambda sample: wfdb_files(sample, fmt="212"),
    "EDF": lambda sample: (edf_file(sample),),
    "DICOM waveform": lambda sample: (dicom_file(sample),),
    "HL7 aECG": lambda sample: (aecg_file(sample),),
    "CSV": lambda sample: (csv_file(sample),),
    "JSON": lambda sample: (json_file(sample),),
    "Apple Watch CSV": lambda sample: (apple_watch_file(sample),),
}
FILES = {name: write(SAMPLE) for name, write in WRITERS.items()}
STEP_MV = 1 / 200  # the coarsest writer


# Those of this pipeline, and not UnreadableUpload itself.
NAMED = tuple(
    refusal
    for refusal in UnreadableUpload.__subclasses__()
    if refusal.__module__.startswith("functions.cardiology")
)


def decode_or_refuse(files: tuple[RecordingFile, ...]) -> Ecg | None:
    """The invariant of all hostile input: an honest `Ecg`, or a refusal with a name."""
    try:
        ecg = decode(files, fs_hz=250.0, unit="mV")
    except NAMED:
        return None
    assert ecg.signal_mv.dtype == np.float32
    assert ecg.signal_mv.ndim == 2
    assert len(ecg.leads) == ecg.signal_mv.shape[1]
    return ecg


class TestDecode:
    @pytest.mark.parametrize("name", WRITERS)
    def test_every_format_gives_back_what_was_written(self, name: str) -> None:
        ecg = decode(FILES[name])

        written = SAMPLE.signal_mv[:, : len(ecg.leads)]
        assert ecg.file_format == name
        assert ecg.fs_hz == SAMPLE.fs_hz
        assert ecg.leads == SAMPLE.leads[: len(ecg.leads)]
        assert ecg.warnings == ()
        assert ecg.signal_mv == pytest.approx(written, abs=STEP_MV / 2 + 1e-6)

    def test_nothing_of_the_patient_is_kept(self) -> None:
        file = apple_watch_file(SAMPLE)
        assert b"Sample Person" in file.content

        assert "Person" not in repr(decode([file]))
        assert "Person" not in repr(file)

    @pytest.mark.parametrize("name", ["x.dat", "x.hea", "x.csv", "x.dcm", "x"])
    def test_jpeg_is_refused_as_what_it_is_whatever_its_name(self, name: str) -> None:
        with pytest.raises(UnknownFormat, match=r"a JPEG image\. Expected an ECG as WFDB"):
            decode([RecordingFile(name, b"\xff\xd8\xff\xe0" + bytes(5000))])

    @pytest.mark.parametrize(
        ("content", "what"),
        [
            (b"PK\x03\x04" + bytes(100), "a ZIP archive"),
            (b"\x1f\x8b\x08" + bytes(100), "a gzip archive"),
            (b"%PDF-1.7", "a PDF document"),
            (b"MATLAB 5.0 MAT-file", "a MATLAB 5 file"),
            (b"<html><body>", "an XML document, but neither an HL7 aECG"),
            (bytes(range(256)) * 9, "binary data"),
            (b"hello there\n", "a text without a row of numbers"),
        ],
    )
    def test_other_files_are_refused_by_name(self, content: bytes, what: str) -> None:
        with pytest.raises(UnknownFormat, match=what):
            decode([RecordingFile("x", content)])

    def test_nothing_sent_is_refused(self) -> None:
        with pytest.raises(FileMissing):
            decode([])
        with pytest.raises(FileMissing):
            decode([RecordingFile("x.csv", b"")])

    def test_signal_file_alone_asks_for_its_header(self) -> None:
        with pytest.raises(FileMissing, match=r"\.hea"):
            decode([FILES["WFDB 16"][1]])

    def test_unrelated_files_are_refused(self) -> None:
        with pytest.raises(TooManyFiles):
            decode([*FILES["CSV"], *FILES["JSON"]])
        with pytest.raises(TooManyFiles):
            decode(FILES["CSV"] * 40)

    def test_too_large_an_upload_is_refused_unread(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(decode_module, "MAX_BYTES", 1000)

        with pytest.raises(UploadTooLarge, match="0 MB"):
            decode(FILES["CSV"])

    @pytest.mark.parametrize("fs_hz", [0.0, -1.0, np.nan, np.inf, 99.0, 10_001.0])
    def test_impossible_rate_of_the_request_is_refused(self, fs_hz: float) -> None:
        bare = RecordingFile(
            "x.txt", "\n".join(f"{v:.3f}" for v in SAMPLE.signal_mv[:, 1]).encode()
        )

        with pytest.raises(SamplingRateOutOfRange):
            decode([bare], fs_hz=fs_hz)

    def test_file_without_a_rate_asks_for_it(self) -> None:
        with pytest.raises(SamplingRateMissing):
            decode([RecordingFile("x.json", json.dumps([0.1] * 5000).encode())])

    def test_short_and_endless_recordings_are_refused(self) -> None:
        header, signal = FILES["WFDB 16"]
        short = replace(header, content=header.content.replace(b" 250 1500", b" 250 1000"))
        endless = replace(header, content=header.content.replace(b" 250 1500", b" 250 99999999999"))

        with pytest.raises(RecordingTooShort, match=r"4\.0 s"):
            decode([short, signal])
        with pytest.raises(RecordingTooLong):
            decode([endless, signal])

    def test_recording_of_no_values_is_refused(self) -> None:
        header, signal = FILES["WFDB 16"]

        with pytest.raises(NothingRecorded):
            decode([header, replace(signal, content=b"\x00\x80" * (len(signal.content) // 2))])

    @pytest.mark.parametrize("lead", ["II", "ii", "Lead II", "MDC_ECG_LEAD_II"])
    def test_one_lead_can_be_chosen(self, lead: str) -> None:
        ecg = decode(FILES["WFDB 16"], lead=lead)

        assert ecg.leads == ("II",)
        assert ecg.signal_mv[:, 0] == pytest.approx(SAMPLE.signal_mv[:, 1], abs=STEP_MV)

    def test_absent_lead_is_refused_with_those_present(self) -> None:
        with pytest.raises(LeadNotFound, match="I, II, V1"):
            decode(FILES["WFDB 16"], lead="V6")

    def test_nameless_lead_gets_the_name_asked_for(self) -> None:
        bare = RecordingFile("x.json", json.dumps(SAMPLE.signal_mv[:, 1].tolist()).encode())

        assert decode([bare], fs_hz=250).leads == ("ECG",)
        assert decode([bare], fs_hz=250, lead="ii").leads == ("II",)


class TestHostileInput:
    @settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.binary(max_size=600), st.sampled_from(["x.hea", "x.dat", "x.csv", "x.edf", "x"]))
    def test_any_bytes_end_in_a_named_refusal(self, content: bytes, name: str) -> None:
        decode_or_refuse((RecordingFile(name, content),))

    @settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
    @given(
        st.sampled_from(list(WRITERS)),
        st.lists(
            st.tuples(st.integers(0, 2500), st.binary(min_size=0, max_size=12), st.integers(0, 9)),
            min_size=1,
            max_size=4,
        ),
        st.one_of(st.none(), st.integers(0, 3000)),
    )
    def test_damaged_recordings_end_in_a_named_refusal_or_an_ecg(
        self, name: str, edits: list[tuple[int, bytes, int]], cut: int | None
    ) -> None:
        first, *others = FILES[name]
        content = first.content
        for anywhere, inserted, removed in edits:
            at = anywhere % (len(content) + 1)
            content = content[:at] + inserted + content[at + removed :]
        decode_or_refuse((replace(first, content=content[:cut]), *others))

    @settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
    @given(
        st.integers(0, 40),
        st.sampled_from(
            ["-1", "0", "1e400", "nan", "inf", "9" * 400, "", "\0", "../../etc/passwd", "1.5", "ä",
             "~", "16x0", "16x999999", "16:999999999", "16+999999999999", "0/mV", "1(1e308)/mV",
             "1e-300/mV", "8", "516", "4000000000", "-2147483648/nV", "212"]
        ),
    )  # fmt: skip
    def test_header_with_a_wrong_field_ends_in_a_named_refusal_or_an_ecg(
        self, position: int, value: str
    ) -> None:
        header, signal = FILES["WFDB 212"]
        words = re.split(rb"(\s+)", header.content)
        at = 2 * (position % ((len(words) + 1) // 2))
        words[at] = value.encode()
        decode_or_refuse((replace(header, content=b"".join(words)), signal))

    @settings(max_examples=80, deadline=None)
    @given(
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
            lambda inner: (
                st.lists(inner, max_size=4)
                | st.dictionaries(
                    st.sampled_from(["leads", "data", "fs", "unit", "II", "lead"]), inner
                )
            ),
        )
    )
    def test_any_json_ends_in_a_named_refusal(self, document: object) -> None:
        assert decode_or_refuse((RecordingFile("x.json", json.dumps(document).encode()),)) is None

    @pytest.mark.parametrize(
        "content",
        [
            b"[" * 10_000 + b"]" * 10_000,
            b'{"a":' * 100_000,
            b"[NaN]",
            b"[-Infinity]",
            b'{"fs": 500, "data": [1e400' + b", 1e400" * 5000 + b"]}",
            b'{"fs": 500, "data": [' + b"9" * 5000 + b"]}",
            b'{"fs": 500, "data": [1' + b"0" * 400 + b"]}",
            b'{"fs": true, "data": [1, 2]}',
            b'{"fs": 500, "data": {"I": [1, 2], "II": [1]}}',
            b'{"fs": 500, "data": [[1, 2], [1]]}',
            b'{"fs": 500, "data": [[], []]}',
            b'{"fs": 500, "data": ["a"]}',
            b"{",
        ],
    )
    def test_hostile_json_is_malformed(self, content: bytes) -> None:
        with pytest.raises(MalformedRecording):
            decode([RecordingFile("x.json", content)])

    @pytest.mark.parametrize(
        "content",
        [
            b'<!DOCTYPE a [<!ENTITY x "y">]><AnnotatedECG>&x;</AnnotatedECG>',
            b'<!DOCTYPE a SYSTEM "file:///etc/passwd"><AnnotatedECG/>',
            '<?xml version="1.0" encoding="utf-16"?><!DOCTYPE a []><AnnotatedECG/>'.encode(
                "utf-16"
            ),
            b"<AnnotatedECG>" + b"<a>" * 10_000,
            b"<AnnotatedECG>" + b"<a/>" * 300_000,
            b"<AnnotatedECG><a",
        ],
    )
    def test_hostile_xml_is_malformed(self, content: bytes) -> None:
        with pytest.raises(MalformedRecording):
            decode([RecordingFile("x.xml", content)])

    def test_header_naming_a_path_is_malformed(self) -> None:
        header, signal = FILES["WFDB 16"]
        climbing = header.content.replace(b"sample.dat", b"../sample.dat")

        with pytest.raises(MalformedRecording):
            decode([replace(header, content=climbing), signal])

    def test_deflated_dicom_is_refused_before_it_is_inflated(self) -> None:
        file = dicom_file(SAMPLE)
        uid = b"1.2.840.10008.1.2.1\0"
        bomb = file.content.replace(uid, b"1.2.840.10008.1.2.1.99", 1)

        assert uid in file.content
        with pytest.raises(UnsupportedEncoding, match="deflated"):
            decode([replace(file, content=bomb)])

    @pytest.mark.parametrize("name", ["WFDB 16", "WFDB 212", "DICOM waveform"])
    def test_cut_file_is_truncated(self, name: str) -> None:
        *others, last = FILES[name]

        with pytest.raises((TruncatedRecording, MalformedRecording)):
            decode([*others, replace(last, content=last.content[:-600])])

    def test_recording_without_an_ecg_names_its_channels(self) -> None:
        blood_pressure = csv_file(replace(SAMPLE, leads=("ABP", "RESP", "PLETH")))

        with pytest.raises(NoEcgLead, match="ABP, Resp, PLETH"):
            decode([blood_pressure])


def test_every_refusal_but_that_of_a_cut_file_has_a_code_of_its_own() -> None:
    codes = [refusal.code for refusal in NAMED if not issubclass(refusal, TruncatedRecording)]

    assert len(set(codes)) == len(codes)
    assert all(re.fullmatch(r"[a-z]+(-[a-z]+)+", code) for code in codes)


def test_sample_files_have_harmless_names() -> None:
    for files in nonempty(FILES.values()):
        assert all(PurePath(file.name).name == file.name for file in nonempty(files))


def test_signal_is_float32_without_a_large_copy() -> None:
    ecg = decode(FILES["WFDB 212"])
    owner: npt.NDArray[np.float32] = ecg.signal_mv

    assert owner.base is None
    assert owner.flags["C_CONTIGUOUS"]
