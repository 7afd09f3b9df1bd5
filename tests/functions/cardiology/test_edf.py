from datetime import time
from io import BytesIO

import edfio
import numpy as np
import pytest

from functions.cardiology.formats.edf import read_edf
from functions.cardiology.unreadable import (
    MalformedRecording,
    NoEcgLead,
    TruncatedRecording,
    UnitMissing,
)
from local.samples.ecg import Episode, Rhythm, synthesize
from local.samples.ecg_files import edf_file

SAMPLE = synthesize([Episode(Rhythm.SINUS, 6)], fs_hz=256, leads=("I", "II"))
CONTENT = edf_file(SAMPLE).content


def written(*signals: edfio.EdfSignal, annotations: bool = False) -> bytes:
    target = BytesIO()
    notes = [edfio.EdfAnnotation(1, None, "note")] if annotations else None
    edfio.Edf(signals, starttime=time(12), annotations=notes).write(target)
    return target.getvalue()


def signal(label: str, unit: str, fs_hz: float = 256, scale: float = 1.0) -> edfio.EdfSignal:
    values = np.resize(SAMPLE.signal_mv[:, 1], int(6 * fs_hz)) * scale
    return edfio.EdfSignal(
        values,
        fs_hz,
        label=label,
        physical_dimension=unit,
        physical_range=(-10 * scale, 10 * scale),
    )


class TestReadEdf:
    def test_values_are_those_of_edfio(self) -> None:
        expected = np.column_stack([s.data for s in edfio.read_edf(CONTENT).signals])

        assert read_edf(CONTENT).signal_mv == pytest.approx(expected, abs=1e-6)

    @pytest.mark.parametrize(("unit", "scale"), [("uV", 1e3), ("mV", 1.0), ("V", 1e-3)])
    def test_units_become_millivolts(self, unit: str, scale: float) -> None:
        ecg = read_edf(written(signal("ECG II", unit, scale=scale)))

        assert ecg.leads == ("II",)
        assert ecg.signal_mv[:, 0] == pytest.approx(SAMPLE.signal_mv[:, 1], abs=0.001)

    def test_unit_that_is_not_stated_must_be_sent(self) -> None:
        content = written(signal("ECG", ""))

        assert read_edf(content, unit="mV").signal_mv.max() > 0.5
        with pytest.raises(UnitMissing):
            read_edf(content)

    def test_sleep_study_gives_its_ecg_alone(self) -> None:
        ecg = read_edf(
            written(
                signal("EEG Fpz-Cz", "uV", 128, 1e3),
                signal("ECG", "mV", 512),
                signal("Resp", "mV", 64),
                annotations=True,
            )
        )

        assert ecg.leads == ("ECG",)
        assert ecg.fs_hz == 512
        assert ecg.file_format == "EDF+"
        assert "EEG, Resp" in ecg.warnings[0]

    def test_annotations_alone_are_no_recording(self) -> None:
        with pytest.raises(NoEcgLead):
            read_edf(written(signal("Resp", "mV"), annotations=True))

    def test_bytes_after_the_last_record_are_passed_over(self) -> None:
        assert np.array_equal(read_edf(CONTENT + b"tail").signal_mv, read_edf(CONTENT).signal_mv)

    @pytest.mark.parametrize("announced", [b"-1      ", b"99999999", None])
    def test_file_that_ends_early_is_read_to_its_end(self, announced: bytes | None) -> None:
        whole = read_edf(CONTENT)
        content = CONTENT[:-2] if announced is None else CONTENT[:236] + announced + CONTENT[244:]

        ecg = read_edf(content)

        length = len(whole.signal_mv) - (256 if announced is None else 0)
        assert np.array_equal(ecg.signal_mv, whole.signal_mv[:length])
        assert len(ecg.warnings) == 1

    def test_file_without_a_whole_record_is_refused(self) -> None:
        with pytest.raises(TruncatedRecording):
            read_edf(CONTENT[:1200])

    @pytest.mark.parametrize(
        ("at", "value"),
        [
            (236, b"x       "),
            (184, b"0       "),
            (252, b"0   "),
            (252, b"9999"),
            (252, b"-1  "),
            (244, b"0       "),  # a record that lasts no time
            (244, b"nan     "),
            (256 + 2 * 216, b"-5      "),
        ],
    )
    def test_impossible_header_is_refused(self, at: int, value: bytes) -> None:
        with pytest.raises((MalformedRecording, TruncatedRecording)):
            read_edf(CONTENT[:at] + value + CONTENT[at + len(value) :])
