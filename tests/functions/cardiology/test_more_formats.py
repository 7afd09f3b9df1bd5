"""Exports of clinics and wearables: what is written is what is read."""

import json
from typing import Any

import numpy as np
import pytest

from functions.cardiology.decode import decode
from functions.cardiology.ecg import Ecg
from functions.cardiology.unreadable import (
    FileMissing,
    MalformedRecording,
    NoEcgLead,
    TruncatedRecording,
    UnknownFormat,
)
from local.samples.ecg import Episode, Rhythm, synthesize
from local.samples.ecg_files import (
    apple_watch_file,
    fhir_file,
    interrupted_edf_file,
    muse_file,
    segments,
    sierra_file,
)
from shared.recording import RecordingFile

SAMPLE = synthesize([Episode(Rhythm.SINUS, 8)], fs_hz=250, seed=4)
ONE_LEAD = synthesize([Episode(Rhythm.SINUS, 8)], fs_hz=250, leads=("II",), seed=5)
II = ONE_LEAD.signal_mv[:, 0]


def read(*files: RecordingFile, **fields: Any) -> Ecg:
    return decode(files, **fields)


def read_json(document: Any, **fields: Any) -> Ecg:
    return read(RecordingFile("x.json", json.dumps(document).encode()), **fields)


class TestClinics:
    @pytest.mark.parametrize(
        ("write", "file_format", "step_mv"),
        [
            (muse_file, "GE MUSE XML", 0.011),
            (sierra_file, "Philips Sierra XML", 0.003),
            (fhir_file, "FHIR SampledData", 0.001),
        ],
    )
    def test_twelve_leads_return(self, write: Any, file_format: str, step_mv: float) -> None:
        ecg = read(write(SAMPLE))

        assert (ecg.file_format, ecg.fs_hz) == (file_format, 250)
        assert set(ecg.leads) == set(SAMPLE.leads)
        for column, lead in enumerate(ecg.leads):
            true = SAMPLE.signal_mv[:, SAMPLE.leads.index(lead)]
            assert ecg.signal_mv[:, column] == pytest.approx(true, abs=step_mv)

    def test_muse_without_waveform_is_refused_as_such(self) -> None:
        with pytest.raises(NoEcgLead, match="MUSE"):
            read(RecordingFile("x.xml", b"<RestingECG><MuseInfo/></RestingECG>"))

    @pytest.mark.parametrize(
        ("before", "after", "refusal"),
        [
            (b"<WaveFormData>", b"<WaveFormData>!", MalformedRecording),
            (b"<SampleBase>250", b"<SampleBase>-250", MalformedRecording),
            (
                b"<!DOCTYPE RestingECG",
                b"<!DOCTYPE RestingECG [<!ENTITY a 'b'>]><a",
                MalformedRecording,
            ),
        ],
    )
    def test_damaged_muse_is_named(
        self, before: bytes, after: bytes, refusal: type[Exception]
    ) -> None:
        content = muse_file(SAMPLE).content

        with pytest.raises(refusal):
            read(RecordingFile("x.xml", content.replace(before, after, 1)))

    def test_compressed_sierra_cut_short_is_truncated(self) -> None:
        document = (
            b"<restingecgdata><signalcharacteristics><samplingrate>500</samplingrate>"
            b"<resolution>5</resolution></signalcharacteristics><waveforms>"
            b'<parsedwaveforms compression="XLI" numberofleads="1" leadlabels="II">AAAQAAAAAAAB'
            b"</parsedwaveforms></waveforms></restingecgdata>"
        )

        with pytest.raises(TruncatedRecording):
            read(RecordingFile("x.xml", document))


class TestSegments:
    @pytest.mark.parametrize("gap_s", [0.5, 3.0])
    def test_gap_holds_no_signal(self, gap_s: float) -> None:
        ecg = read(*segments([ONE_LEAD, ONE_LEAD, ONE_LEAD], gap_s))

        length, gap = len(II), round(gap_s * 250)
        assert len(ecg.signal_mv) == 3 * length + 2 * gap
        assert np.isnan(ecg.signal_mv[length : length + gap]).all()
        assert ecg.signal_mv[length + gap :][:length, 0] == pytest.approx(II, abs=0.003)

    def test_segments_of_other_leads_share_a_recording(self) -> None:
        other = synthesize([Episode(Rhythm.SINUS, 8)], fs_hz=250, leads=("V1",))

        ecg = read(*segments([ONE_LEAD, other], 1.0))

        assert ecg.leads == ("II", "V1")
        assert np.isnan(ecg.signal_mv[: len(II), 1]).all()

    def test_missing_segment_is_named_by_its_number(self) -> None:
        master, *rest = segments([ONE_LEAD, ONE_LEAD], 1.0)

        with pytest.raises(FileMissing, match="number 3"):
            read(master, *rest[:2])


class TestInterruptedEdf:
    def test_records_lie_where_their_annotations_say(self) -> None:
        ecg = read(interrupted_edf_file(ONE_LEAD, [0, 0, 2.5, 0, 0, 0]))

        assert ecg.duration_s == pytest.approx(8.5)
        assert np.isnan(ecg.signal_mv[750:1375]).all()
        assert ecg.signal_mv[1375:2125, 0] == pytest.approx(II[750:1500], abs=1e-3)
        assert any("EDF+D" in warning for warning in ecg.warnings)


class TestWearables:
    @pytest.mark.parametrize(
        "document",
        [
            {"samplingRate": 250, "unit": "mV", "samples": II.tolist()},
            {"SamplingFrequencyHz": "250.0", "Unit": "mV", "ecgSamples": II.tolist()},
            {"data": {"frequency": 250, "unit": "mV", "samples": {"leadII": II.tolist()}}},
            {"body": {"sampling_frequency": 250, "signal": II.tolist(), "unit": "mV"}},
            {"ecgReadings": [{"samplingFrequencyHz": 250, "scalingFactor": 1000,
                              "waveformSamples": (1000 * II).round().tolist()}]},
            {"sample_rate": 250, "unit": "mV", "voltageMeasurements": [{"value": v} for v in II]},
        ],
    )  # fmt: skip
    def test_names_and_nesting_do_not_matter(self, document: Any) -> None:
        ecg = read_json(document)

        assert ecg.fs_hz == 250
        assert ecg.signal_mv[:, 0] == pytest.approx(II, abs=1e-3)

    @pytest.mark.parametrize(
        "rate", ["511,44 Hertz", "512.419 герц", "512 هرتز", "511.44 ヘルツ", "512 hertsiä"]
    )
    def test_apple_exports_of_any_language(self, rate: str) -> None:
        sample = synthesize([Episode(Rhythm.SINUS, 16)], fs_hz=250, leads=("I",))
        text = apple_watch_file(sample).content.decode()
        written = text.replace("250 hertz", f'"{rate}"').replace("Sample Rate", "Частота")

        ecg = read(RecordingFile("ecg.csv", written.encode()))

        assert ecg.fs_hz == pytest.approx(float(rate.split(maxsplit=1)[0].replace(",", ".")))


class TestObservation:
    def test_origin_of_a_converter_is_taken_off(self) -> None:
        steps = np.round(II * 1000 / 1.612).astype(int) + 2048
        sampled = {"origin": {"value": 2048}, "period": 4, "factor": 1.612, "dimensions": 1,
                   "data": " ".join(map(str, steps))}  # fmt: skip

        ecg = read_json({"resourceType": "Observation", "valueSampledData": sampled})

        assert ecg.signal_mv[:, 0] == pytest.approx(II, abs=0.002)

    @pytest.mark.parametrize(
        "change", [{"period": 0}, {"data": "1 x"}, {"dimensions": 2}, {"factor": 0}]
    )
    def test_broken_series_are_malformed(self, change: dict[str, Any]) -> None:
        sampled = {"origin": {"value": 0}, "period": 4, "dimensions": 1, "data": "1 2 3"} | change

        with pytest.raises(MalformedRecording):
            read_json({"resourceType": "Observation", "valueSampledData": sampled})


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (b"ISHNE1.0" + bytes(600), "ISHNE"),
        (b"\xffBIOSEMI" + bytes(600), "BDF"),
        (b"\x40\x20MFR " + bytes(600), "MFER"),
        (b"GDF 2.20" + bytes(600), "GDF"),
        (b"MSH|^~\\&|", "HL7 v2"),
    ],
)
def test_other_formats_are_refused_by_their_name(content: bytes, name: str) -> None:
    with pytest.raises(UnknownFormat, match=name):
        read(RecordingFile("x.bin", content))


@pytest.mark.parametrize("offset", ["", "Z", "+01:00", "-0330", " UTC"])
@pytest.mark.parametrize("date", ["2024-03-05T", "05.03.2024 ", "3/5/2024 ", ""])
def test_times_with_dates_and_offsets(date: str, offset: str) -> None:
    rows = [f"{v:.4f};{date}23:59:{55 + k // 250:02d}.{4 * (k % 250):03d}{offset}"
            for k, v in enumerate(II[:1250])]  # fmt: skip

    ecg = read(RecordingFile("x.csv", "\n".join(["ecg (mV);time", *rows]).encode()))

    assert ecg.fs_hz == 250
    assert ecg.signal_mv[:, 0] == pytest.approx(II[:1250], abs=1e-3)
