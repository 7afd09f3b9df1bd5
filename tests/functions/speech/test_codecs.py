import pytest

from functions.speech.codecs import CHANGED_BY_CODECS, KEPT_FROM_KBPS, keeps
from functions.speech.sound import Stream
from tests.nonempty import nonempty


class TestKeeps:
    @pytest.mark.parametrize("name", ["f0_mean", "phonation_time", "speech_rate"])
    def test_pitch_and_timing_survive_every_codec(self, name: str) -> None:
        assert keeps(name, Stream("companded", 8_000.0))

    @pytest.mark.parametrize("name", sorted(CHANGED_BY_CODECS))
    def test_telephone_and_slow_opus_keep_nothing_else(self, name: str) -> None:
        assert not keeps(name, Stream("companded", 64_000.0))
        assert not keeps(name, Stream("opus", 16_000.0))
        assert not keeps(name, Stream("opus", 128_000.0, speech_coded=0.5))

    @pytest.mark.parametrize("family", sorted(KEPT_FROM_KBPS))
    def test_more_bits_never_keep_less(self, family: str) -> None:
        for name in nonempty(CHANGED_BY_CODECS):
            matches = [keeps(name, Stream(family, 1000.0 * kbps)) for kbps in range(8, 320, 8)]
            assert matches == sorted(matches)

    def test_unknown_family_keeps_nothing(self) -> None:
        assert not keeps("hnr", Stream("speex", 1e6))
