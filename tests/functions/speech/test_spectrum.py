import numpy as np
import pytest

from functions.speech.contour import Contour
from functions.speech.spectrum import spectral_balance

FS_HZ = 16_000
TIMES_S = np.arange(2 * FS_HZ) / FS_HZ


def steady(f0_hz: float) -> Contour:
    return Contour(np.arange(0, 2, 0.01), np.full(200, f0_hz))


def tones(*parts: tuple[float, float]) -> np.ndarray:
    """Sinusoids of frequencies (Hz) and levels (dB)."""
    return np.sum([10 ** (db / 20) * np.sin(2 * np.pi * hz * TIMES_S) for hz, db in parts], axis=0)


class TestSpectralBalance:
    @pytest.mark.parametrize("level_db", [-30.0, -12.0, 0.0])
    def test_alpha_ratio_is_high_over_low(self, level_db: float) -> None:
        balance = spectral_balance(tones((200, 0), (2500, level_db)), FS_HZ, steady(200))

        assert balance is not None
        assert balance.alpha_ratio_db == pytest.approx(level_db, abs=0.5)
        assert balance.hammarberg_index_db == pytest.approx(-level_db, abs=0.5)

    @pytest.mark.parametrize("f0_hz", [90.0, 150.0, 300.0])
    @pytest.mark.parametrize("difference_db", [-6.0, 0.0, 10.0])
    def test_first_harmonic_is_held_against_the_second(
        self, f0_hz: float, difference_db: float
    ) -> None:
        sound = tones((f0_hz, difference_db), (2 * f0_hz, 0), (3 * f0_hz, -3), (3000, -30))

        balance = spectral_balance(sound, FS_HZ, steady(f0_hz))

        assert balance is not None
        assert balance.h1_h2_db == pytest.approx(difference_db, abs=1)

    def test_unvoiced_frames_do_not_count(self) -> None:
        sound = tones((200, 0), (2500, -20))
        half = np.where(np.arange(200) < 100, 200.0, np.nan)
        sound[FS_HZ:] = np.random.default_rng(0).standard_normal(FS_HZ)

        balance = spectral_balance(sound, FS_HZ, Contour(np.arange(0, 2, 0.01), half))

        assert balance is not None
        assert balance.alpha_ratio_db == pytest.approx(-20, abs=1)

    def test_nothing_voiced_has_no_balance(self) -> None:
        nothing = Contour(np.arange(0, 2, 0.01), np.full(200, np.nan))

        assert spectral_balance(tones((200, 0)), FS_HZ, nothing) is None
