import math

import pytest

from functions.speech import praat
from functions.speech.resonance import Formant, formants_of
from local.samples.voice_kinds import jumping_vowel
from local.samples.voice_source import FORMANTS_A, FORMANTS_I, FORMANTS_U, Formants
from tests.functions.speech.encoding import quick_vowel
from tests.nonempty import nonempty


class TestFormantsOf:
    @pytest.mark.parametrize("truth", [FORMANTS_A, FORMANTS_I, FORMANTS_U])
    def test_formants_are_those_of_the_vocal_tract(self, truth: Formants) -> None:
        voice = quick_vowel(f0_hz=110, hnr_db=40, formants=truth)

        formants = formants_of(praat.praat_sound(voice.samples, voice.fs_hz), 5000)

        for formant, (center_hz, _) in nonempty(zip(formants[:2], truth, strict=False)):
            assert not formant.jumps
            assert formant.median_hz == pytest.approx(center_hz, rel=0.08)

    def test_track_of_a_jumping_voice_jumps(self) -> None:
        voice = jumping_vowel(f0_hz=200, ratio=2.2, jump_s=(0.75, 2.25))

        formants = formants_of(praat.praat_sound(voice.samples, voice.fs_hz), 5500)

        assert any(formant.jumps for formant in formants)


class TestFormant:
    def test_high_voice_leaves_a_low_formant_open(self) -> None:
        formant = Formant(300, 0.02)

        assert formant.confidence(100) == pytest.approx(0.917, abs=1e-3)
        assert formant.confidence(280) == pytest.approx(0.767, abs=1e-3)

    def test_formant_without_a_track_jumps(self) -> None:
        assert Formant(math.nan, math.nan).jumps
