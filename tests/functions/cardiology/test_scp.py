import binascii
import struct
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pytest

from functions.cardiology.clock import recording_time
from functions.cardiology.decode import decode
from functions.cardiology.ecg import Ecg
from functions.cardiology.formats.scp import huffman_values
from functions.cardiology.unreadable import (
    LeadNotFound,
    MalformedRecording,
    RecordingTooShort,
    TruncatedRecording,
    UnsupportedEncoding,
)
from local.samples.ecg import Episode, Rhythm, synthesize
from shared.errors import UnreadableUpload
from shared.recording import RecordingFile

LEADS = {"I": 1, "II": 2, "V1": 3}
SAMPLE = synthesize([Episode(Rhythm.SINUS, 6)], fs_hz=250, leads=tuple(LEADS))
NANOVOLTS = 2500
STEPS = np.round(SAMPLE.signal_mv * 1e6 / NANOVOLTS).astype(np.int64)
EXPECTED_MV = (STEPS * (NANOVOLTS * 1e-6)).astype(np.float32)

type Integers = npt.NDArray[np.int64]


def code(value: int) -> str:
    """One number in the standard's Huffman table (EN 1064, annex C)."""
    size = abs(value)
    if size <= 8:
        return "0" if not value else "1" * size + "0" + str(int(value < 0))
    if -128 <= value < 128:
        return "1" * 9 + "0" + f"{value & 0xFF:08b}"
    return "1" * 10 + f"{value & 0xFFFF:016b}"


def huffman(values: Sequence[int]) -> bytes:
    bits = "".join(map(code, values))
    padded = bits + "0" * (-len(bits) % 8)
    return int(padded, 2).to_bytes(len(padded) // 8)


def differences(samples: Integers, order: int) -> Integers:
    """The first `order` samples stand as they are."""
    return np.concatenate([samples[:order], np.diff(samples, order)])


def section(number: int, data: bytes) -> bytes:
    body = struct.pack("<HIBB6s", number, 16 + len(data), 20, 20, b"SCPECG" if not number else b"")
    return struct.pack("<H", binascii.crc_hqx(body + data, 0xFFFF)) + body + data


def scp(
    *, order: int = 2, packed: bool = True, flags: int = 4, bimodal: int = 0, table: int = 19999,
    starts: Sequence[int] = (1, 1, 1), about: bytes = b"",
) -> bytes:  # fmt: skip
    """A file of three leads, as an electrocardiograph writes it."""
    n_samples = len(STEPS)
    listed = b"".join(
        struct.pack("<IIB", start, start + n_samples - 1, number)
        for start, number in zip(starts, LEADS.values(), strict=True)
    )
    stored = [differences(STEPS[:, k], order) for k in range(len(LEADS))]
    coded = [huffman(v.tolist()) if packed else v.astype("<i2").tobytes() for v in stored]
    rhythm = struct.pack("<HHBB", NANOVOLTS, 4000, order, bimodal)
    rhythm += b"".join(struct.pack("<H", len(lead)) for lead in coded) + b"".join(coded)
    data = {3: bytes([len(LEADS), flags]) + listed, 6: rhythm}
    if about:
        data[1] = about
    if packed:
        data[2] = struct.pack("<H", table)
    sections = {number: section(number, data[number]) for number in sorted(data)}
    at = 6 + 16 + 10 * 12
    pointers = struct.pack("<HII", 0, at - 6, 7)
    for number in range(1, 12):
        size = len(sections.get(number, b""))
        pointers += struct.pack("<HII", number, size, at + 1 if size else 0)
        at += size
    content = struct.pack("<I", at) + section(0, pointers) + b"".join(sections.values())
    return struct.pack("<H", binascii.crc_hqx(content, 0xFFFF)) + content


def read(content: bytes, lead: str | None = None) -> Ecg:
    return decode([RecordingFile("x.scp", content)], lead=lead)


def field(tag: int, value: bytes) -> bytes:
    return struct.pack("<BH", tag, len(value)) + value


class TestTime:
    """What section 1 says of when it was recorded."""

    AT = field(25, struct.pack("<HBB", 2024, 3, 5)) + field(26, bytes([9, 31, 12]))

    @pytest.mark.parametrize(
        ("about", "moment"),
        [
            (AT, "2024-03-05T09:31:12"),
            (field(2, b"A-1\0") + AT + field(255, b""), "2024-03-05T09:31:12"),
            (AT + field(34, struct.pack("<hH", -300, 0)), "2024-03-05T09:31:12-05:00"),
            (AT + field(34, struct.pack("<hH", 0x7FFF, 0)), "2024-03-05T09:31:12"),
            (field(25, struct.pack("<HBB", 2024, 3, 5)), None),
            (b"", None),
        ],
    )
    def test_is_read_with_the_zone_where_there_is_one(
        self, about: bytes, moment: str | None
    ) -> None:
        read_time = recording_time((RecordingFile("x.scp", scp(about=about)),))
        assert (read_time.isoformat() if read_time else None) == moment


class TestScp:
    @pytest.mark.parametrize("order", [0, 1, 2])
    @pytest.mark.parametrize("packed", [True, False])
    def test_samples_come_back(self, order: int, packed: bool) -> None:
        ecg = read(scp(order=order, packed=packed))

        assert (ecg.leads, ecg.fs_hz, ecg.file_format) == (("I", "II", "V1"), 250, "SCP-ECG")
        assert not ecg.warnings
        assert np.array_equal(ecg.signal_mv, EXPECTED_MV)

    @pytest.mark.parametrize("value", [0, 1, -1, 8, -8, 9, -9, 127, -128, 128, -129, 32767, -32768])
    def test_every_length_of_code(self, value: int) -> None:
        assert huffman_values(huffman([value, 3, value]), 3).tolist() == [value, 3, value]

    def test_one_lead(self) -> None:
        ecg = read(scp(), lead="V1")

        assert ecg.leads == ("V1",)
        assert np.array_equal(ecg.signal_mv, EXPECTED_MV[:, 2:])
        with pytest.raises(LeadNotFound):
            read(scp(), lead="V6")

    def test_leads_of_different_times_are_not_drawn_together(self) -> None:
        ecg = read(scp(starts=(1, 501, 1)))

        assert len(ecg.signal_mv) == len(STEPS) + 500
        assert np.isnan(ecg.signal_mv[:500, 1]).all()
        assert np.array_equal(ecg.signal_mv[500:, 1], EXPECTED_MV[:, 1])

    @pytest.mark.parametrize(
        ("content", "name"),
        [
            (scp(flags=5), "reference beat"),
            (scp(bimodal=1), "bimodal"),
            (scp(table=1), "Huffman table"),
        ],
    )
    def test_other_compression_is_refused_by_its_name(self, content: bytes, name: str) -> None:
        with pytest.raises(UnsupportedEncoding, match=name):
            read(content)

    def test_changed_byte_is_told(self) -> None:
        content = bytearray(scp(packed=False))
        content[-1] ^= 1

        assert any("checksum" in warning for warning in read(bytes(content)).warnings)

    @pytest.mark.parametrize("size", [30, 100, 200, 1000])
    def test_file_that_is_cut_is_refused(self, size: int) -> None:
        with pytest.raises((TruncatedRecording, MalformedRecording)):
            read(scp()[:size])

    def test_claims_are_checked_before_memory_is_spent(self) -> None:
        with pytest.raises((TruncatedRecording, RecordingTooShort, UnreadableUpload)):
            read(scp(starts=(1, 4_000_000_000, 1)))

    def test_any_changed_byte_is_refused_or_read_and_nothing_else(self) -> None:
        content, noise = scp(), np.random.default_rng(3)
        for at in noise.integers(6, 400, 200).tolist():
            broken = bytearray(content)
            broken[at] ^= 1 << int(noise.integers(8))
            try:
                read(bytes(broken))
            except UnreadableUpload:
                continue
