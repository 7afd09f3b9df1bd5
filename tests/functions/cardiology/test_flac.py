import io
import struct
from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import pytest
import soundfile

from functions.cardiology.decode import decode
from functions.cardiology.ecg import Ecg
from functions.cardiology.formats.flac import read_flac, read_stream_header
from functions.cardiology.unreadable import MalformedRecording, TruncatedRecording
from local.samples.ecg import Episode, Rhythm, synthesize
from shared.recording import RecordingFile

SAMPLE = synthesize([Episode(Rhythm.SINUS, 6)], fs_hz=250, leads=("I", "II", "V1"))
SUBTYPES = {8: "PCM_S8", 16: "PCM_16", 24: "PCM_24"}

type Integers = npt.NDArray[np.int32]
type Noise = np.random.Generator


def compressed(samples: Integers, bits: int) -> bytes:
    """As libFLAC compresses them; soundfile takes the highest bits of 32."""
    stream = io.BytesIO()
    soundfile.write(stream, samples << (32 - bits), 8000, format="FLAC", subtype=SUBTYPES[bits])
    return stream.getvalue()


def record(
    fmt: str, samples: Integers, *, offset: int = 0, per_frame: int = 1
) -> list[RecordingFile]:
    """A WFDB record of one FLAC file, 100 steps a millivolt."""
    leads = ("I", "II", "V1")[: samples.shape[1]]
    code = fmt + (f"x{per_frame}" if per_frame > 1 else "") + (f"+{offset}" if offset else "")
    n_frames = (len(samples) - offset) // per_frame
    lines = [f"r {len(leads)} {250 / per_frame:g} {n_frames}"]
    lines += [f"r.dat {code} 100/mV 0 0 0 0 0 {lead}" for lead in leads]
    return [
        RecordingFile("r.hea", "\n".join(lines).encode()),
        RecordingFile("r.dat", compressed(samples, int(fmt) - 500)),
    ]


def steps(bits: int) -> Integers:
    top = (1 << bits - 1) - 2
    return np.clip(np.round(SAMPLE.signal_mv * 100), -top, top).astype(np.int32)


def waves(noise: Noise, n: int, channels: int, top: int) -> npt.NDArray[np.float64]:
    turn = np.arange(n)[:, None] / 40 + np.arange(channels)
    return 0.4 * top * np.sin(turn) + noise.normal(0, 2, (n, channels))


SIGNALS: dict[str, Callable[[Noise, int, int, int], npt.NDArray[np.float64]]] = {
    "a walk in steps of four": lambda noise, n, channels, _: np.cumsum(
        noise.integers(-3, 4, (n, channels)) * 4.0, axis=0
    ),
    "noise of full range": lambda noise, n, channels, top: noise.uniform(-top, top, (n, channels)),
    "one value": lambda _noise, n, channels, _top: np.full((n, channels), -5.0),
    "waves": waves,
    "silence with few peaks": lambda noise, n, channels, top: np.where(
        noise.random((n, channels)) < 1e-3, top, 0.0
    ),
}


class TestStream:
    @pytest.mark.parametrize("bits", SUBTYPES)
    @pytest.mark.parametrize("channels", [1, 2, 3, 8])
    @pytest.mark.parametrize("kind", SIGNALS)
    def test_what_libflac_compressed_comes_back(self, kind: str, channels: int, bits: int) -> None:
        noise, top = np.random.default_rng(channels), (1 << bits - 1) - 1
        values = np.round(SIGNALS[kind](noise, 9001, channels, top))
        samples = np.clip(values, -top - 1, top).astype(np.int32)
        content = memoryview(compressed(samples, bits))
        stream = read_stream_header(content)

        assert (stream.channels, stream.bits, stream.n_samples) == (channels, bits, 9001)
        assert np.array_equal(read_flac(content, range(channels), 9001), samples)
        assert np.array_equal(read_flac(content, [channels - 1], 5000), samples[:5000, -1:])

    def test_rest_of_a_broken_stream_is_refused(self) -> None:
        content = compressed(steps(16), 16)

        with pytest.raises((MalformedRecording, TruncatedRecording)):
            read_flac(memoryview(content[: len(content) // 2]), range(3), len(SAMPLE.signal_mv))
        with pytest.raises(MalformedRecording):
            read_stream_header(memoryview(content[:20]))

    def test_any_changed_byte_is_refused_or_read_and_nothing_else(self) -> None:
        content = compressed(steps(8), 8)
        noise = np.random.default_rng(1)
        for at in noise.integers(42, len(content), 150).tolist():
            broken = bytearray(content)
            broken[at] ^= 1 << int(noise.integers(8))
            try:
                read_flac(memoryview(broken), range(3), len(SAMPLE.signal_mv))
            except (MalformedRecording, TruncatedRecording):
                continue


class TestWfdb:
    def read(self, files: list[RecordingFile], lead: str | None = None) -> Ecg:
        return decode(files, lead=lead)

    @pytest.mark.parametrize(("fmt", "bits"), [("508", 8), ("516", 16), ("524", 24)])
    def test_formats_are_read(self, fmt: str, bits: int) -> None:
        ecg = self.read(record(fmt, steps(bits)))

        assert ecg.file_format == f"WFDB {fmt}"
        assert np.array_equal(ecg.signal_mv, (steps(bits) / 100).astype(np.float32))

    def test_no_value_is_not_a_number(self) -> None:
        samples = steps(16)
        samples[10, 1] = -(1 << 15)

        missing = np.isnan(self.read(record("516", samples)).signal_mv)

        assert np.argwhere(missing).tolist() == [[10, 1]]

    def test_offset_counts_samples(self) -> None:
        ecg = self.read(record("516", steps(16), offset=100))

        assert np.array_equal(ecg.signal_mv, (steps(16)[100:] / 100).astype(np.float32))

    def test_frames_of_several_samples_and_one_lead(self) -> None:
        ecg = self.read(record("516", steps(16), per_frame=5), lead="V1")

        assert ecg.leads == ("V1",)
        assert ecg.fs_hz == 250
        assert np.array_equal(ecg.signal_mv, (steps(16)[:, 2:] / 100).astype(np.float32))

    @pytest.mark.parametrize(
        ("before", "after"),
        [
            (b"r 3 ", b"r 2 "),
            (b" 516 ", b" 508 "),
            (b"516 100/mV 0 0 0 0 0 II", b"516x2 100/mV 0 0 0 0 0 II"),
        ],
    )
    def test_header_that_contradicts_the_stream_is_refused(
        self, before: bytes, after: bytes
    ) -> None:
        header, signal = record("516", steps(16))
        edited = header.content.replace(before, after)
        assert edited != header.content

        with pytest.raises(MalformedRecording):
            self.read([RecordingFile("r.hea", edited), signal])

    def test_stream_that_claims_more_than_it_holds_is_refused(self) -> None:
        header, signal = record("516", steps(16))
        n_samples = len(SAMPLE.signal_mv)
        longer = header.content.replace(str(n_samples).encode(), str(4 * n_samples).encode(), 1)

        with pytest.raises(TruncatedRecording):
            self.read([RecordingFile("r.hea", longer), signal])

    def test_length_may_stand_in_the_stream_alone(self) -> None:
        header, signal = record("516", steps(16))
        silent = header.content.replace(f" {len(SAMPLE.signal_mv)}".encode(), b"", 1)

        ecg = self.read([RecordingFile("r.hea", silent), signal])

        assert ecg.signal_mv.shape == SAMPLE.signal_mv.shape
        assert struct.unpack(">I", signal.content[22:26])[0] == len(SAMPLE.signal_mv)
