from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
import wfdb

from functions.cardiology.decode import decode
from functions.cardiology.formats.wfdb_header import parse_header
from functions.cardiology.formats.wfdb_record import read_wfdb
from functions.cardiology.formats.wfdb_samples import PACKINGS
from functions.cardiology.unreadable import (
    FileMissing,
    MalformedRecording,
    NoEcgLead,
    SamplingRateMissing,
    TooManyFiles,
    UnsupportedEncoding,
)
from local.samples.ecg import Episode, Rhythm, synthesize
from local.samples.ecg_files import wfdb_files
from shared.recording import RecordingFile

SAMPLE = synthesize([Episode(Rhythm.SINUS, 6)], fs_hz=250, leads=("I", "II", "V1"))
HEADER, SIGNAL = wfdb_files(SAMPLE)


def with_header(text: str) -> tuple[RecordingFile, RecordingFile]:
    return replace(HEADER, content=text.encode()), SIGNAL


def edited(before: str, after: str) -> tuple[RecordingFile, RecordingFile]:
    assert before in HEADER.content.decode()
    return with_header(HEADER.content.decode().replace(before, after))


class TestPackings:
    @pytest.mark.parametrize("fmt", PACKINGS)
    def test_any_bytes_unpack_as_wfdb_unpacks_them(self, fmt: str, tmp_path: Path) -> None:
        packing = PACKINGS[fmt]
        content = np.random.default_rng(1).integers(0, 256, packing.size * 600, dtype=np.uint8)
        if fmt == "311":
            content[3::4] &= 0x3F  # two bits of each block are not used; wfdb reads one of them
        n = packing.samples * 600
        (tmp_path / "r.dat").write_bytes(content.tobytes())
        (tmp_path / "r.hea").write_text(f"r 1 250 {n}\nr.dat {fmt} 1/mV\n")
        expected = wfdb.rdrecord(str(tmp_path / "r"), physical=False).d_signal[:, 0]

        assert np.array_equal(packing.read(memoryview(content), 0, n), expected)
        assert np.array_equal(packing.read(memoryview(content), 12, 7), expected[12:19])
        assert packing.lowest == wfdb.io._signal.INVALID_SAMPLE_VALUE[fmt]

    @pytest.mark.parametrize("fmt", PACKINGS)
    def test_block_cut_short_gives_only_whole_samples(self, fmt: str) -> None:
        packing = PACKINGS[fmt]
        content = memoryview(bytes(packing.size * 4 - 1))

        assert len(packing.read(content, 0, 100)) == 4 * packing.samples - 1


class TestReadWfdb:
    def test_no_value_code_becomes_nan(self) -> None:
        content = bytearray(SIGNAL.content)
        content[0:2] = b"\x00\x80"
        ecg = read_wfdb([HEADER, replace(SIGNAL, content=bytes(content))])

        assert np.isnan(ecg.signal_mv[0, 0])
        assert np.isnan(ecg.signal_mv).sum() == 1

    @pytest.mark.parametrize(
        ("gain", "factor"),
        [
            ("200/mV", 1),
            ("200000/V", 1),
            ("0.2/uV", 1),
            ("0.2/µV", 1),
            ("0.0002/nV", 1),
            ("100", 2),
        ],
    )
    def test_units_become_millivolts(self, gain: str, factor: float) -> None:
        ecg = read_wfdb(edited("200/mV", gain))

        assert ecg.signal_mv == pytest.approx(factor * SAMPLE.signal_mv, abs=0.006)

    def test_baseline_is_taken_off_and_defaults_to_the_zero_of_the_converter(self) -> None:
        shifted = read_wfdb(edited("200/mV 16 0", "200(100)/mV 16 0"))
        zeroed = read_wfdb(edited("200/mV 16 0", "200/mV 16 100"))

        assert shifted.signal_mv == pytest.approx(SAMPLE.signal_mv - 0.5, abs=0.003)
        assert np.array_equal(shifted.signal_mv, zeroed.signal_mv)

    def test_missing_gain_is_assumed_and_said(self) -> None:
        ecg = read_wfdb(edited("200/mV", "0"))

        assert ecg.signal_mv == pytest.approx(SAMPLE.signal_mv, abs=0.003)
        assert any("no gain" in warning for warning in ecg.warnings)

    def test_odd_date_of_the_georgia_headers_is_passed_over(self) -> None:
        text = HEADER.content.decode()
        first, rest = text.split("\n", 1)
        ecg = read_wfdb(with_header(f"{first} 05-May-2020 14:50:55\n{rest}"))

        assert ecg.signal_mv.shape == SAMPLE.signal_mv.shape

    def test_skewed_signal_is_moved_back(self) -> None:
        plain = read_wfdb([HEADER, SIGNAL]).signal_mv
        text = HEADER.content.decode().split("\n")
        text[2] = text[2].replace(" 16 ", " 16:5 ", 1)
        skewed = read_wfdb(with_header("\n".join(text))).signal_mv

        assert np.array_equal(skewed[:-5, 1], plain[5:, 1])
        assert np.isnan(skewed[-5:, 1]).all()
        assert np.array_equal(skewed[:, [0, 2]], plain[:, [0, 2]])

    def test_lead_with_several_samples_a_frame_keeps_its_rate(self) -> None:
        header = b"r 2 125 750\nr.dat 16x3 200/mV 16 0 0 0 0 ECG\nr.dat 16 1/mmHg 16 0 0 0 0 ABP"
        frames = np.arange(750 * 4, dtype="<i2").reshape(750, 4)
        files = RecordingFile("r.hea", header), RecordingFile("r.dat", frames.tobytes())
        ecg = read_wfdb(files)

        assert ecg.fs_hz == 375
        assert ecg.signal_mv[:, 0] == pytest.approx(frames[:, :3].ravel() / 200)
        assert any("ABP" in warning for warning in ecg.warnings)

    def test_record_of_two_files_is_joined(self) -> None:
        adc: npt.NDArray[np.int16] = np.frombuffer(SIGNAL.content, "<i2").reshape(-1, 3)
        lines = HEADER.content.decode().split("\n")
        lines[3] = lines[3].replace("sample.dat", "other.dat")
        files = [
            RecordingFile("Folder/SAMPLE.HEA", "\n".join(lines).encode()),
            RecordingFile("C:\\data\\sample.dat", adc[:, :2].tobytes()),
            RecordingFile("other.dat", adc[:, 2].tobytes()),
        ]

        assert np.array_equal(read_wfdb(files).signal_mv, read_wfdb([HEADER, SIGNAL]).signal_mv)
        with pytest.raises(FileMissing, match="2 signal file"):
            read_wfdb(files[:2])

    def test_renamed_signal_file_is_read_and_said(self) -> None:
        ecg = read_wfdb([HEADER, replace(SIGNAL, name="upload.dat")])

        assert any("another name" in warning for warning in ecg.warnings)

    def test_damaged_samples_are_said(self) -> None:
        content = bytearray(SIGNAL.content)
        content[1000] ^= 1
        ecg = read_wfdb([HEADER, replace(SIGNAL, content=bytes(content))])

        assert any("checksum" in warning for warning in ecg.warnings)

    def test_length_may_come_from_the_file(self) -> None:
        assert len(read_wfdb(edited(" 250 1500", " 250")).signal_mv) == 1500

    def test_missing_rate_is_asked_for_and_used(self) -> None:
        bare = edited("sample 3 250 1500", "sample 3")

        assert read_wfdb(bare, fs_hz=250.0).fs_hz == 250
        with pytest.raises(SamplingRateMissing):
            read_wfdb(bare)

    @pytest.mark.parametrize(
        ("comment", "paced"),
        [
            ("84 M The rhythm is paced", True),
            ("demand pacemaker", True),
            ("BIpolar ventricular pacing.", True),
            ("Dx: 10370003,426783006", True),
            ("no pacemaker", False),
            ("not paced", False),
            ("Wandering atrial pacemaker.", False),
            ("the space between", False),
        ],
    )
    def test_pacemaker_in_the_header_is_noted_and_nothing_else(
        self, comment: str, paced: bool
    ) -> None:
        header = HEADER.content.decode() + f"#{comment}\n"

        assert read_wfdb(with_header(header)).paced is paced

    @pytest.mark.parametrize("fmt", ["8", "999"])
    def test_other_encodings_are_refused_by_number(self, fmt: str) -> None:
        text = HEADER.content.decode().replace("sample.dat 16", f"sample.dat {fmt}")

        with pytest.raises(UnsupportedEncoding, match=fmt):
            read_wfdb(with_header(text))

    def test_flac_signal_file_without_its_stream_is_refused_as_such(self) -> None:
        text = HEADER.content.decode().replace("sample.dat 16", "sample.dat 516")

        with pytest.raises(MalformedRecording, match="FLAC"):
            decode([replace(HEADER, content=text.encode()), SIGNAL])

    def test_two_headers_are_refused(self) -> None:
        with pytest.raises(TooManyFiles):
            read_wfdb([HEADER, HEADER, SIGNAL])

    def test_record_without_an_ecg_is_refused(self) -> None:
        with pytest.raises(NoEcgLead):
            read_wfdb(edited("/mV", "/mmHg"))

    @pytest.mark.parametrize(
        ("before", "after"),
        [
            ("sample 3", "sample 9"),
            ("sample 3", "sample 0"),
            ("sample 3 250", "sample 3 -250"),
            ("sample 3 250", "sample 3 1e"),
            ("sample.dat", "/etc/sample.dat"),
            ("sample.dat", "..\\sample.dat"),
            ("200/mV", "nan/mV"),
            ("200/mV", "1e999/mV"),
            (".dat 16", ".dat 16x"),
            ("sample 3", "\0 3"),
        ],
    )
    def test_broken_header_is_malformed(self, before: str, after: str) -> None:
        with pytest.raises(MalformedRecording):
            read_wfdb(edited(before, after))


def test_header_without_text_is_malformed() -> None:
    with pytest.raises(MalformedRecording):
        parse_header(b"")
    with pytest.raises(MalformedRecording):
        parse_header(b"#" * (2 << 20))


class TestSuffixesAlone:
    """Of files that came through storage only the suffixes are known."""

    def test_one_signal_file_is_the_one_the_header_names(self) -> None:
        header, signals = wfdb_files(synthesize([Episode(Rhythm.SINUS, 10)], leads=("II",)))
        named = read_wfdb([header, signals])
        nameless = read_wfdb([replace(header, name=".hea"), replace(signals, name=".dat")])

        assert np.array_equal(nameless.signal_mv, named.signal_mv)
        assert nameless.warnings == named.warnings

    def test_several_are_told_apart_by_their_suffix(self) -> None:
        header = b"s 2 100 500\ns.dat 16 200/mV 16 0 0 0 0 II\ns.xyz 16 200/mV 16 0 0 0 0 V1\n"
        ecg = read_wfdb(
            [
                RecordingFile(".xyz", np.full(500, 4, "<i2").tobytes()),
                RecordingFile(".hea", header),
                RecordingFile(".dat", np.full(500, 1, "<i2").tobytes()),
            ]
        )

        assert ecg.leads == ("II", "V1")
        assert ecg.signal_mv[0] == pytest.approx([1 / 200, 4 / 200])

    def test_several_of_one_suffix_are_not_guessed(self) -> None:
        header = b"s 2 100 500\na.dat 16 200/mV 16 0 0 0 0 II\nb.dat 16 200/mV 16 0 0 0 0 V1\n"
        with pytest.raises(FileMissing):
            read_wfdb(
                [
                    RecordingFile(".hea", header),
                    RecordingFile(".dat", bytes(1000)),
                    RecordingFile(".dat", bytes(1000)),
                ]
            )
