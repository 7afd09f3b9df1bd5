import numpy as np

from functions.speech.sound import Sound, peak_of


class TestSound:
    def test_part_is_cut_by_seconds(self) -> None:
        sound = Sound(np.arange(40_000) / 40_000, 8_000.0, "pcm_s16le")

        assert sound.duration_s == 5
        assert len(sound.part(1.0, 1.5)) == 4_000
        assert sound.part(1.0, 1.5)[0] == 0.2


class TestPeakOf:
    def test_peak_is_the_largest_magnitude(self) -> None:
        assert peak_of(np.array([0.1, -0.4, 0.3])) == 0.4
