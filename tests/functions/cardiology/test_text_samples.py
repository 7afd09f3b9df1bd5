import json
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
import pytest

from functions.cardiology.decode import decode
from functions.cardiology.ecg import Ecg
from functions.cardiology.unreadable import (
    InvalidUnit,
    IrregularSampling,
    MalformedRecording,
    NoEcgLead,
    SamplingRateMissing,
    SamplingRateOutOfRange,
    UnitMissing,
)
from local.samples.ecg import Episode, Rhythm, synthesize
from shared.recording import RecordingFile

SAMPLE = synthesize([Episode(Rhythm.SINUS, 8)], fs_hz=500, leads=("II", "V1"))
II, V1 = SAMPLE.signal_mv.T
N = len(II)


def table(head: str, row: Callable[[int], str], count: int = N) -> str:
    return "\n".join([*([head] if head else []), *(row(k) for k in range(count))]) + "\n"


def read(text: str | bytes, **options: Any) -> Ecg:
    content = text.encode() if isinstance(text, str) else text
    return decode([RecordingFile("x.csv", content)], **options)


def assert_lead_ii(ecg: Ecg, leads: Iterable[str] = ("II",), fs_hz: float = 500) -> None:
    assert ecg.leads == tuple(leads)
    assert ecg.fs_hz == fs_hz
    assert ecg.signal_mv[:, 0] == pytest.approx(II, abs=0.002)


class TestTables:
    @pytest.mark.parametrize(
        ("unit", "factor"), [("mV", 1), ("uV", 1e3), ("µV", 1e3), ("V", 1e-3), ("nV", 1e6)]
    )
    def test_units_come_from_the_header(self, unit: str, factor: float) -> None:
        ecg = read(table(f"time (s),II [{unit}]", lambda k: f"{k / 500},{II[k] * factor:.9g}"))

        assert_lead_ii(ecg)
        assert ecg.warnings == ()

    @pytest.mark.parametrize(
        "heading", ["time_ms,II_uV", "Time (ms),ECG II (uV)", "t [ms];II [uV]"]
    )
    def test_time_in_milliseconds(self, heading: str) -> None:
        mark = ";" if ";" in heading else ","
        assert_lead_ii(read(table(heading, lambda k: f"{2 * k}{mark}{1000 * II[k]:.1f}")))

    @pytest.mark.parametrize("step", [0.002, 2, 2000])
    def test_unit_of_time_follows_from_the_rate_of_an_ecg(self, step: float) -> None:
        assert_lead_ii(read(table("time,II", lambda k: f"{k * step:.6g},{II[k]:.4f}")))

    def test_times_rounded_to_milliseconds_give_the_true_rate(self) -> None:
        ecg = read(table("time,II (mV)", lambda k: f"{k / 360:.3f},{II[k]:.4f}"))

        assert ecg.fs_hz == 360

    def test_times_of_six_digits_that_repeat_themselves_are_understood(self) -> None:
        late = (1000 + np.arange(N) / 500).round(2)
        ecg = read(table("time,II (mV)", lambda k: f"{late[k]:.2f},{II[k]:.4f}"))

        assert ecg.fs_hz == 500

    def test_physionet_table_with_a_row_of_units_and_clock_times(self) -> None:
        head = "'Elapsed time','MLII','V1'\n'hh:mm:ss.mmm','mV','mV'"
        text = table(head, lambda k: f"'0:{k / 500:06.3f}',{II[k]:.3f},{V1[k]:.3f}")

        assert_lead_ii(read(text), leads=("MLII", "V1"))

    def test_full_dates_give_the_rate_and_are_not_kept(self) -> None:
        text = table("timestamp,II (mV)", lambda k: f"2020-01-01 10:00:0{k / 500:.3f},{II[k]:.4f}")
        ecg = read(text)

        assert_lead_ii(ecg)
        assert "2020" not in repr(ecg)

    def test_decimal_comma_and_latin_1(self) -> None:
        text = table("Zeit (ms);EKG II (µV)", lambda k: f"{2 * k:.1f};{1000 * II[k]:.2f}")

        assert_lead_ii(read(text.replace(".", ",").encode("latin-1")))

    def test_utf_16_and_tabs(self) -> None:
        text = table("time\tII (mV)", lambda k: f"{k / 500:.4f}\t{II[k]:.4f}")

        assert_lead_ii(read(text.encode("utf-16")))
        assert_lead_ii(read(text.replace("\n", "\r\n").encode("utf-8-sig")))
        assert_lead_ii(read(text.replace("\n", "\r").encode()))

    def test_table_without_a_header(self) -> None:
        ecg = read(table("", lambda k: f"{k / 500:.4f}  {II[k]:.4f}"))

        assert_lead_ii(ecg, leads=("ECG",))
        assert any("millivolts are assumed" in warning for warning in ecg.warnings)

    def test_single_column_with_the_rate_above_it(self) -> None:
        for line in ("# Sampling rate: 500 Hz", "fs=500", "Sample Rate,0.5 kHz"):
            assert read(table(line, lambda k: f"{II[k]:.4f}")).fs_hz == 500

    def test_commented_header_of_numpy(self) -> None:
        text = table("# fs = 500 Hz\n# II,V1", lambda k: f"{II[k]:.4f},{V1[k]:.4f}")

        assert_lead_ii(read(text), leads=("II", "V1"))

    def test_missing_cells_become_nan(self) -> None:
        text = table("time,II (mV)", lambda k: f"{k / 500},{'' if k == 7 else f'{II[k]:.4f}'}")
        ecg = read(text)

        assert np.flatnonzero(np.isnan(ecg.signal_mv[:, 0])).tolist() == [7]

    def test_running_number_is_no_lead_and_no_time(self) -> None:
        text = table("sample #,II (mV)", lambda k: f"{k},{II[k]:.4f}")

        assert_lead_ii(read(text, fs_hz=500))
        with pytest.raises(SamplingRateMissing):
            read(text)

    def test_converter_steps_need_their_gain(self) -> None:
        text = table("sample #,MLII", lambda k: f"{k},{round(1024 + 200 * II[k])}")

        with pytest.raises(UnitMissing, match="200/mV"):
            read(text, fs_hz=500)
        ecg = read(text, fs_hz=500, unit="200(1024)/mV")
        assert ecg.signal_mv[:, 0] == pytest.approx(II, abs=0.003)

    def test_unit_that_is_none_is_refused(self) -> None:
        with pytest.raises(InvalidUnit):
            read(table("", lambda k: f"{II[k]:.4f}"), fs_hz=500, unit="mmHg")

    def test_request_that_contradicts_the_file_is_overruled_and_told(self) -> None:
        text = table("time (s),II (mV)", lambda k: f"{k / 500},{II[k]:.4f}")
        ecg = read(text, fs_hz=250, unit="uV")

        assert_lead_ii(ecg)
        assert len(ecg.warnings) == 2

    def test_other_columns_are_left_out_and_named(self) -> None:
        ecg = read(table("time,II,resp,SpO2", lambda k: f"{k / 500},{II[k]:.4f},1,98"))

        assert_lead_ii(ecg)
        assert any("Resp, SpO2" in warning for warning in ecg.warnings)
        with pytest.raises(NoEcgLead):
            read(table("time,resp", lambda k: f"{k / 500},1"))

    def test_gap_in_the_times_is_refused(self) -> None:
        text = table("time,II", lambda k: f"{k / 500 + (k > 900)},{II[k]:.4f}")

        with pytest.raises(IrregularSampling):
            read(text)

    def test_times_that_do_not_rise_are_refused(self) -> None:
        with pytest.raises(IrregularSampling):
            read(table("time,II", lambda k: f"{0},{II[k]:.4f}"))

    def test_rows_out_of_order_are_put_in_order(self) -> None:
        last = len(II) - 1
        ecg = read(table("time,II", lambda k: f"{(last - k) / 500},{II[last - k]:.4f}"))

        assert ecg.signal_mv[:, 0] == pytest.approx(II, abs=1e-3)
        assert any("order of their times" in warning for warning in ecg.warnings)

    def test_rate_that_is_none_of_an_ecg_is_refused(self) -> None:
        with pytest.raises(SamplingRateOutOfRange):
            read(table("time (s),II", lambda k: f"{k / 50},{II[k]:.4f}"))

    @pytest.mark.parametrize("cell", ["1e400", "inf", "-inf", "abc", "1.2.3", "0:0:0:x"])
    def test_cell_that_is_no_number_is_malformed(self, cell: str) -> None:
        with pytest.raises(MalformedRecording):
            read(table("time,II", lambda k: f"{k / 500},{cell if k == 700 else f'{II[k]:.4f}'}"))

    def test_row_cut_short_is_malformed(self) -> None:
        with pytest.raises(MalformedRecording):
            read(table("time,II", lambda k: f"{k / 500}" if k == 700 else f"{k / 500},{II[k]:.4f}"))


class TestJson:
    @pytest.mark.parametrize(
        "document",
        [
            {"fs": 500, "unit": "mV", "leads": {"II": II.tolist()}},
            {"sample_rate": 500, "units": "uV", "lead": "II", "data": (1000 * II).tolist()},
            {
                "sampling_rate": 500.0,
                "unit": "V",
                "leads": ["II"],
                "ecg_data": [[v / 1e3] for v in II],
            },
            {
                "fs_hz": 500,
                "unit": "mV",
                "leads": ["II", "V1"],
                "signal": [II.tolist(), V1.tolist()],
            },
        ],
    )
    def test_layouts(self, document: object) -> None:
        ecg = read(json.dumps(document))

        assert_lead_ii(ecg, leads=("II", "V1")[: ecg.signal_mv.shape[1]])
        assert ecg.warnings == ()

    def test_bare_array_takes_rate_and_name_from_the_request(self) -> None:
        assert_lead_ii(read(json.dumps(II.tolist()), fs_hz=500, lead="II"))

    def test_null_is_no_value(self) -> None:
        ecg = read(json.dumps({"fs": 500, "unit": "mV", "data": [None, *II.tolist()]}))

        assert np.isnan(ecg.signal_mv[0, 0])
        assert np.isnan(ecg.signal_mv).sum() == 1


class TestAppleWatch:
    HEAD = 'Name,Max Muster I\nGeburtsdatum,"1. Jan. 1970"\nMessrate,"{}"\n\n\n{}\nEinheit,µV\n'

    @pytest.mark.parametrize(
        ("rate", "fs_hz"),
        [
            ("512 hertz", 512),
            ("511,422 Hertz", 511.422),
            ("511.562\N{NO-BREAK SPACE}Hertz", 511.562),
            ("512Hz", 512),
            ("512 赫兹", 512),
        ],
    )
    @pytest.mark.parametrize("lead", ["Lead,Lead I", "Ableitung,Ableitung I", 'Lead,"Lead I"'])
    @pytest.mark.parametrize("mark", [".", ","])
    def test_languages_and_decimal_marks(
        self, rate: str, fs_hz: float, lead: str, mark: str
    ) -> None:
        head = self.HEAD.format(rate, lead)
        values = "\n".join(f"{1000 * v:.3f}".replace(".", mark) for v in II)
        ecg = read(f"{head}\n{values}\n")

        assert ecg.file_format == "Apple Watch CSV"
        assert_lead_ii(ecg, leads=("I",), fs_hz=fs_hz)

    @pytest.mark.parametrize("cell", ["abc", "1e999", "1,2,3"])
    def test_line_that_is_no_number_is_malformed(self, cell: str) -> None:
        values = "\n".join(f"{v:.3f}" for v in II)

        with pytest.raises(MalformedRecording):
            read(f"{self.HEAD.format('512 hertz', 'Lead,Lead I')}\n{values}\n{cell}\n")
