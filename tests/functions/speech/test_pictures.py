import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator

import numpy as np
import pytest

from functions.speech.analysis import analyze
from functions.speech.contour import Contour
from functions.speech.pictures import lines, thinned, time_axis, voiced_columns
from functions.speech.plot import WIDE, Plot
from functions.speech.task import Task
from local.samples.voice import SyntheticVoice, reading
from tests.functions.speech.encoding import quick_vowel, sound_of


def drawn(voice: SyntheticVoice, task: Task) -> dict[str, str]:
    return {p.name: p.content.decode() for p in analyze(sound_of(voice), task=task).pictures}


def words(svg: str) -> list[str]:
    return [element.text or "" for element in ET.fromstring(svg).iter() if "text" in element.tag]


@pytest.fixture(scope="module")
def vowel() -> dict[str, str]:
    return drawn(quick_vowel(silence_s=0.5), Task.SUSTAINED_VOWEL)


@pytest.fixture(scope="module")
def speech() -> dict[str, str]:
    return drawn(reading(phrases=2, fs_hz=16_000), Task.SPEECH)


class TestDraw:
    def test_formants_are_drawn_for_a_vowel_only(
        self, vowel: dict[str, str], speech: dict[str, str]
    ) -> None:
        assert "formants" in words(vowel["spectrogram"])
        assert "formants" not in words(speech["spectrogram"])

    def test_syllables_are_marked_in_speech(
        self, vowel: dict[str, str], speech: dict[str, str]
    ) -> None:
        assert speech["waveform"].count("h6l-3 7z") == 16
        assert "h6l-3 7z" not in vowel["waveform"]

    def test_every_column_of_the_waveform_is_drawn_once(self, vowel: dict[str, str]) -> None:
        strokes = re.findall(r"M[\d.]+ [\d.]+V", vowel["waveform"])

        assert len(strokes) == WIDE.columns

    def test_spectrogram_holds_a_picture(self, vowel: dict[str, str]) -> None:
        assert 'href="data:image/png;base64,iVBORw0KGgo' in vowel["spectrogram"]


class TestVoicedColumns:
    def test_columns_of_voiced_frames_are_voiced(self) -> None:
        times_s = np.arange(0, 2, 0.01)
        f0 = Contour(times_s, np.where(times_s < 1, 120.0, np.nan))

        voiced = voiced_columns(f0, 2.0, WIDE.columns)

        assert voiced[: WIDE.columns // 2 - 5].all()
        assert not voiced[WIDE.columns // 2 + 10 :].any()


class TestLines:
    def test_line_is_open_where_there_is_no_value(self) -> None:
        track = Contour(np.arange(5) / 5, np.array([100, 110, np.nan, 120, 130.0]))

        path = lines(Plot(1.0, 0, 200, 100), track)

        assert path.count("M") == 4  # two strokes, each with its halo
        assert "nan" not in path

    def test_long_track_is_thinned(self) -> None:
        points: Iterator[tuple[float, float]] = thinned(np.arange(60_000.0), np.arange(60_000.0))

        assert len(list(points)) <= 1_300


class TestTimeAxis:
    @pytest.mark.parametrize("duration_s", [1.0, 9.0, 60.0, 600.0])
    def test_ticks_are_few(self, duration_s: float) -> None:
        ticks = [mark for mark in time_axis(Plot(duration_s, 0, 1, 100)) if "<text" in mark]

        assert 4 <= len(ticks) <= 14
