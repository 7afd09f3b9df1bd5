import numpy as np
import pytest

from functions.cardiology.unreadable import InvalidUnit, UnitMissing
from functions.cardiology.voltage import Scale, choose_scale, mv_per, read_gain, read_scale


class TestMvPer:
    @pytest.mark.parametrize(
        ("unit", "factor"),
        [("V", 1e3), ("mV", 1), ("MV", 1), ("uV", 1e-3), ("µV", 1e-3), ("μV", 1e-3), ("nV", 1e-6)],
    )
    def test_units_of_voltage(self, unit: str, factor: float) -> None:
        assert mv_per(f" {unit} ") == factor

    @pytest.mark.parametrize("unit", ["", "mmHg", "NU", "g", "kV"])
    def test_other_units(self, unit: str) -> None:
        assert mv_per(unit) is None


class TestReadGain:
    def test_gain_with_and_without_baseline_and_unit(self) -> None:
        assert read_gain("1000.0(0)/mV") == (1000, 0, "mV")
        assert read_gain("12.84(-1605)/mmHg") == (12.84, -1605, "mmHg")
        assert read_gain("1.052e+04/mV") == (10520, None, "mV")
        assert read_gain("200") == (200, None, None)

    @pytest.mark.parametrize("text", ["", "x", "1e999", "200(1e999)/mV", "nan", "200(", "--1"])
    def test_what_is_no_gain(self, text: str) -> None:
        assert read_gain(text) is None


class TestScale:
    def test_baseline_steps_and_unit(self) -> None:
        out = np.empty(3, dtype=np.float32)
        Scale(1e-3, 0.5, 100).write(np.array([100, 101, 99]), out)

        assert out == pytest.approx([0, 0.002, -0.002])

    def test_blocks_join(self) -> None:
        values = np.arange((1 << 20) + 5)
        out = np.empty(len(values), dtype=np.float32)
        Scale(1.0).write(values, out)

        assert np.array_equal(out, values.astype(np.float32))


class TestChooseScale:
    VALUES = np.sin(np.arange(1000.0))

    def test_what_the_file_states_wins(self) -> None:
        assert choose_scale("uV", None, self.VALUES) == (Scale(1e-3), None)
        scale, note = choose_scale("uV", "mV", self.VALUES)
        assert scale == Scale(1e-3)
        assert note is not None

    def test_request_stands_in(self) -> None:
        assert choose_scale("", "200(10)/mV", self.VALUES) == (Scale(1.0, 200, 10), None)

    def test_millivolts_are_only_assumed_where_the_values_look_like_it(self) -> None:
        scale, note = choose_scale("", None, self.VALUES)
        assert scale == Scale(1.0)
        assert note is not None
        for factor in (1e-3, 1e3):
            with pytest.raises(UnitMissing):
                choose_scale("", None, factor * self.VALUES)
        with pytest.raises(UnitMissing):
            choose_scale("", None, np.full(5, np.nan))

    def test_unit_of_the_request_must_be_one_of_voltage(self) -> None:
        with pytest.raises(InvalidUnit):
            choose_scale("mV", "parsec", self.VALUES)

    def test_gain_of_zero_is_none(self) -> None:
        assert read_scale("0/mV") is None
