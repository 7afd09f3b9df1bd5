"""Atria and ventricles that are not tied one to one, as far apart as was asked."""

import numpy as np
import pytest

from local.samples.ecg_conduction import (
    FS_HZ,
    ConductionSample,
    complete_block,
    drawn,
    fibrillation,
    flutter,
    mobitz,
    wenckebach,
)


def intervals_ms(sample: ConductionSample) -> list[float | None]:
    """From each P wave to the QRS complex before the next one; None where it is blocked."""
    ends = [*sample.p_onset_s[1:], np.inf]
    told: list[float | None] = []
    for start, end in zip(sample.p_onset_s, ends, strict=True):
        after = sample.qrs_onset_s[(sample.qrs_onset_s > start) & (sample.qrs_onset_s < end)]
        told.append(round(1000 * float(after[0] - start)) if len(after) else None)
    return told


@pytest.mark.parametrize("period", [2, 3, 4])
def test_mobitz_blocks_every_so_many_with_one_pr(period: int) -> None:
    told = intervals_ms(mobitz(period, 30.0))
    assert {number % period for number, pr in enumerate(told) if pr is None} == {period - 1}
    assert set(told) == {180, None}


def test_wenckebach_lengthens_by_less_each_time_until_a_block() -> None:
    told = intervals_ms(wenckebach(4, 30.0))
    assert told[:4] == [180, 300, 360, None]
    assert told[4:8] == told[:4]


def test_complete_block_has_two_paces() -> None:
    sample = complete_block(0.8, 1.5, 60.0)
    assert np.diff(sample.p_onset_s).mean() == pytest.approx(0.8, rel=0.02)
    assert np.diff(sample.qrs_onset_s).mean() == pytest.approx(1.5, rel=0.02)
    pr = [it for it in intervals_ms(sample) if it is not None]
    assert np.std(pr) > 100


@pytest.mark.parametrize("ratio", [2, 4])
def test_flutter_conducts_every_so_many_waves(ratio: int) -> None:
    sample = flutter(300, ratio, 30.0)
    assert np.diff(sample.qrs_onset_s) == pytest.approx(ratio * 0.2)
    assert len(sample.p_onset_s) == 0


def test_waves_of_flutter_have_their_rate() -> None:
    with_waves, without = flutter(300, 4, 20.0), drawn([], [], 20.0)
    lead = with_waves.signal_mv[:, 0] - without.signal_mv[:, 0]
    power = np.abs(np.fft.rfft(lead - lead.mean()))
    power_at = dict(zip(np.fft.rfftfreq(len(lead), 1 / FS_HZ).round(2), power, strict=True))
    assert power_at[5.0] > 5 * power_at[4.5]


def test_fibrillation_is_irregular_at_its_mean_rate() -> None:
    rr = np.diff(fibrillation(90, 120.0).qrs_onset_s)
    assert 60 / rr.mean() == pytest.approx(90, rel=0.1)
    assert rr.std() / rr.mean() > 0.15
    assert rr.min() > 0.349


def test_wide_complexes_last_longer() -> None:
    """What moves between 110 and 150 ms after the onset is there in the wide one alone."""
    wide, slender = (
        drawn([], [1.0], 2.0, is_wide=is_wide, noise_mv=0).signal_mv for is_wide in (True, False)
    )
    late = slice(round(1.11 * FS_HZ), round(1.15 * FS_HZ))
    assert np.ptp(wide[late], axis=0).max() > 5 * np.ptp(slender[late], axis=0).max()


def test_same_seed_gives_the_same_recording() -> None:
    first, second, other = (fibrillation(90, 10.0, seed=seed).signal_mv for seed in (1, 1, 2))
    assert np.array_equal(first, second)
    assert not np.array_equal(first, other)


def test_noise_is_as_loud_as_asked() -> None:
    assert drawn([], [], 20.0, noise_mv=0.05).signal_mv.std() == pytest.approx(0.05, rel=0.05)
