"""Seconds or milliseconds are told by the size of the times."""

import pytest

from functions.cognitive.logs import Log
from functions.cognitive.refusals import ImpossibleTime
from functions.cognitive.trials import Family, Mode, TaskRun, Trial
from functions.cognitive.units import DAY_MS, in_milliseconds, unit_of, unit_warning


def timed(*times: float | None) -> list[Trial]:
    return [Trial(rt_ms=time) for time in times]


class TestUnit:
    @pytest.mark.parametrize(
        ("family", "middle", "unit"),
        [
            (Family.INTERFERENCE, 0.6, "s"),
            (Family.INTERFERENCE, 19.9, "s"),
            (Family.INTERFERENCE, 20, "ms"),
            (Family.TRAILS, 30, "s"),
            (Family.TRAILS, 299, "s"),
            (Family.TRAILS, 300, "ms"),
        ],
    )
    def test_size_decides(self, family: Family, middle: float, unit: str) -> None:
        assert unit_of(timed(middle), None, family, None)[0] == unit

    def test_median_decides_and_missing_times_do_not(self) -> None:
        unit, told = unit_of(timed(None, 0, 0, 0, 500, 600, 0.1), "s", Family.GO_NO_GO, None)
        assert (unit, told) == ("ms", "milliseconds (detected: the median is 500)")

    @pytest.mark.parametrize(("documented", "unit"), [("s", "s"), ("ms", "ms"), (None, "ms")])
    def test_without_times_the_format_decides(self, documented: str | None, unit: str) -> None:
        assert unit_of(timed(None), documented, Family.SPAN, None)[0] == unit

    def test_mapping_goes_first(self) -> None:
        unit, told = unit_of(timed(500), "ms", Family.GO_NO_GO, "s")
        assert unit == "s"
        assert "mapping" in told


class TestWarning:
    @pytest.mark.parametrize(("documented", "warns"), [("ms", True), ("s", False), (None, False)])
    def test_times_of_another_size_than_the_format_writes(
        self, documented: str | None, warns: bool
    ) -> None:
        run = TaskRun("flanker", Family.INTERFERENCE, (), rt_unit="seconds (detected)")
        warning = unit_warning(run, Log([], "jsPsych CSV", documented, Mode.WEB))
        assert (warning is not None) is warns


class TestMilliseconds:
    def test_seconds_are_scaled(self) -> None:
        (answered, missing) = in_milliseconds(timed(0.512, None), "s")
        assert answered.rt_ms == pytest.approx(512)
        assert missing.rt_ms is None

    def test_milliseconds_stay(self) -> None:
        assert in_milliseconds(timed(512), "ms") == tuple(timed(512))

    @pytest.mark.parametrize(("delay", "delay_ms"), [(0.25, 250), (19.9, 19900), (20, 20)])
    def test_delays_have_a_unit_of_their_own(self, delay: float, delay_ms: float) -> None:
        (trial,) = in_milliseconds([Trial(rt_ms=512, stop_delay_ms=delay)], "ms")
        assert trial.rt_ms == 512
        assert trial.stop_delay_ms == pytest.approx(delay_ms)

    @pytest.mark.parametrize(("latest", "factor"), [(59.0, 1000), (299, 1000), (300, 1)])
    def test_latest_onset_tells_the_unit_of_all(self, latest: float, factor: float) -> None:
        trials = [Trial(onset_ms=1.5), Trial(onset_ms=latest)]
        onsets_ms = [trial.onset_ms for trial in in_milliseconds(trials, "ms")]
        assert onsets_ms == pytest.approx([1.5 * factor, latest * factor])

    @pytest.mark.parametrize("sign", [1, -1])
    def test_longer_than_a_day_is_refused(self, sign: int) -> None:
        assert len(in_milliseconds(timed(sign * DAY_MS), "ms")) == 1
        with pytest.raises(ImpossibleTime):
            in_milliseconds(timed(sign * (DAY_MS + 1)), "ms")

    def test_seconds_of_more_than_a_day_are_refused(self) -> None:
        with pytest.raises(ImpossibleTime):
            in_milliseconds(timed(DAY_MS / 1000 + 1), "s")
