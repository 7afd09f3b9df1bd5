import numpy as np
import pytest

from functions.speech.contour import Contour
from functions.speech.noise import noise_between

STEP_S = 0.01
VOICED = np.r_[np.zeros(60, bool), np.ones(200, bool), np.zeros(60, bool)]


def level(rest_db: float, silenced: float = 0.0) -> Contour:
    """A voice at -20 dB between two rests, of which a share is digital silence."""
    rest = np.full(60, rest_db)
    rest[: round(60 * silenced)] = -300.0
    values = np.r_[rest, np.full(200, -20.0), rest]
    return Contour(np.arange(len(values), dtype=np.float64) * STEP_S, values)


class TestNoiseBetween:
    @pytest.mark.parametrize("rest_db", [-80.0, -60.0, -35.0])
    def test_level_of_the_rests_is_the_noise(self, rest_db: float) -> None:
        rests = noise_between(level(rest_db), VOICED, -20.0)

        assert rests.noise_db == rest_db
        assert not rests.silenced

    @pytest.mark.parametrize(("rest_db", "silenced"), [(-60.0, 1.0), (-60.0, 0.8), (-93.0, 0.0)])
    def test_silenced_rests_tell_nothing(self, rest_db: float, silenced: float) -> None:
        rests = noise_between(level(rest_db, silenced), VOICED, -20.0)

        assert rests.noise_db is None
        assert rests.silenced

    def test_some_silence_of_the_recorder_is_passed_over(self) -> None:
        rests = noise_between(level(-60.0, 0.3), VOICED, -20.0)

        assert rests.noise_db == -60
        assert not rests.silenced

    def test_voice_without_rests_has_no_noise(self) -> None:
        rests = noise_between(level(-60.0), np.ones(320, bool), -20.0)

        assert rests.noise_db is None
        assert not rests.silenced
