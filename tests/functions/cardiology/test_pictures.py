import re
import xml.etree.ElementTree as ET
from functools import cache

import numpy as np
import pytest

from functions.cardiology import curves, ecg_paper, rhythm_plots
from functions.cardiology.ecg_paper import Marks
from functions.cardiology.moments import telling_moments
from functions.cardiology.overview import overview
from functions.cardiology.pictures import draw
from functions.cardiology.rhythm_names import RhythmName
from local.samples.ecg import Disturbance, Episode, Rhythm, SyntheticEcg, synthesize
from shared.drawing.palette import PAPER
from shared.record import Picture
from tests.nonempty import nonempty

SVG = "{http://www.w3.org/2000/svg}"


@cache
def recording(minutes: float = 2, *leads: str) -> SyntheticEcg:
    episodes = [
        Episode(Rhythm.SINUS, 30 * minutes, 70, ventricular_every=9),
        Episode(Rhythm.ATRIAL_FIBRILLATION, 30 * minutes, 95),
    ]
    names = leads or ("II",)
    return synthesize(episodes, leads=names, seed=2, disturbance=Disturbance(snr_db=20))


def pictures_of(sample: SyntheticEcg, rhythm: str = "Sinus rhythm") -> dict[str, Picture]:
    drawn = draw(
        sample.signal_mv,
        sample.fs_hz,
        sample.leads,
        sample.beat_times_s,
        sample.beat_kinds,
        rhythm=rhythm,
        rhythms=sample.episodes,
        sd1_ms=30,
        sd2_ms=60,
    )
    return {picture.name: picture for picture in drawn}


def texts(content: bytes) -> list[str]:
    return [element.text or "" for element in ET.fromstring(content).iter(f"{SVG}text")]


class TestDraw:
    def test_twelve_leads_of_ten_seconds_give_strip_sheet_and_intervals(self) -> None:
        sample = synthesize([Episode(Rhythm.SINUS, 10)])

        drawn = list(pictures_of(sample))

        assert drawn[::2] == ["rhythm_strip", "twelve_lead", "tachogram", "poincare"]
        assert drawn[1::2] == [f"{name}_narrow" for name in drawn[::2]]

    def test_long_single_lead_gives_an_overview_and_no_sheet(self) -> None:
        drawn = list(pictures_of(recording()))

        assert drawn[::2] == ["rhythm_strip", "overview", "tachogram", "poincare"]
        assert drawn[1::2] == [f"{name}_narrow" for name in drawn[::2]]

    def test_narrow_pictures_are_readable_at_the_width_of_a_telephone(self) -> None:
        sample = synthesize([Episode(Rhythm.SINUS, 60)], disturbance=Disturbance(snr_db=20))
        narrow = [p for name, p in pictures_of(sample).items() if name.endswith("_narrow")]
        for picture in nonempty(narrow):
            root = ET.fromstring(picture.content)
            width = float(root.get("viewBox", "").split()[2])
            sizes = [float(text.get("font-size", "0")) for text in root.iter(f"{SVG}text")]
            assert min(sizes) * 360 / width >= 11

    def test_no_two_parts_of_a_picture_have_one_name(self) -> None:
        for picture in nonempty(pictures_of(synthesize([Episode(Rhythm.SINUS, 10)])).values()):
            root = ET.fromstring(picture.content)
            names = [element.get("id") for element in root.iter() if element.get("id")]
            assert len(names) == len(set(names))

    def test_legend_of_many_rhythms_stays_on_the_paper(self) -> None:
        names = [str(name) for name in RhythmName if "sinus" not in name]
        rhythms = [(60.0 * k, 60.0 * k + 60, name) for k, name in enumerate(names)]
        beats = Marks(np.arange(1.0, 599), ("V", "E") * 299)
        drawn = ET.fromstring(overview(np.zeros(60_000), 100, beats, rhythms, [], "title").content)

        width = float(drawn.get("viewBox", "").split()[2])
        entries = [text for text in drawn.iter(f"{SVG}text") if text.text in names]
        assert len({entry.get("y") for entry in entries}) > 1
        for entry in entries:
            letters = len(entry.text or "")
            assert 20 + float(entry.get("x", "")) + 1.9 * letters < width

    def test_every_picture_is_an_svg_that_says_what_it_is(self) -> None:
        for picture in nonempty(pictures_of(recording()).values()):
            root = ET.fromstring(picture.content)
            assert picture.media_type == "image/svg+xml"
            assert root.get("role") == "img"
            assert root.findtext(f"{SVG}title")
            assert root.findtext(f"{SVG}desc")
            assert b"nan" not in picture.content.lower()

    def test_size_is_physical_and_every_picture_has_its_own_paper(self) -> None:
        for picture in nonempty(pictures_of(recording()).values()):
            root = ET.fromstring(picture.content)
            _, _, width, height = map(float, root.get("viewBox", "").split())
            paper = root.find(f"{SVG}rect")
            assert root.get("width") == f"{width:g}mm"
            assert root.get("height") == f"{height:g}mm"
            assert paper is not None
            assert (paper.get("fill"), paper.get("width")) == (PAPER, f"{width:g}")

    def test_rhythm_strip_stays_small(self) -> None:
        sample = synthesize(
            [Episode(Rhythm.SINUS, 60)], leads=("II",), fs_hz=1000, disturbance=Disturbance(0)
        )

        assert len(pictures_of(sample)["rhythm_strip"].content) < 150_000

    def test_rhythm_is_escaped(self) -> None:
        strip = pictures_of(recording(), "<script>&")["rhythm_strip"].content

        assert b"<script>" not in strip
        assert "<script>&" in texts(strip)

    def test_strip_marks_every_beat_by_its_kind_and_names_the_rhythm(self) -> None:
        sample = synthesize([Episode(Rhythm.SINUS, 10, ventricular_every=4)], leads=("II",))
        shown = texts(pictures_of(sample, "Ventricular beats")["rhythm_strip"].content)

        for kind in ("N", "V"):
            assert shown.count(kind) == sample.beat_kinds.count(kind)
        assert "Ventricular beats" in shown
        assert f"{sample.rr_ms[0]:.0f}" in shown
        assert "II" in shown

    def test_recording_without_beats_is_still_drawn(self) -> None:
        drawn = draw(np.zeros((5000, 1)), 500, ("I",), np.array([]), (), rhythm="No beats found")

        assert [picture.name for picture in drawn] == ["rhythm_strip", "rhythm_strip_narrow"]
        assert b"no beats" in drawn[0].content

    def test_signal_without_values_is_still_drawn(self) -> None:
        sample = recording()
        empty = np.full_like(sample.signal_mv, np.nan)
        drawn = draw(empty, 500, ("II",), sample.beat_times_s, sample.beat_kinds, rhythm="x")

        assert len(drawn) == 8

    def test_gaps_of_the_beats_are_no_intervals(self) -> None:
        sample = recording()
        after_gap = np.zeros(len(sample.beats), dtype=np.bool_)
        after_gap[[0, 20]] = True
        beats = rhythm_plots.intervals(Marks(sample.beat_times_s, sample.beat_kinds), after_gap)

        assert len(beats.rr_ms) == len(sample.beats) - 2
        assert beats.joined.sum() == len(sample.beats) - 4


EVENTFUL = (
    Episode(Rhythm.SINUS, 60, 60, pause_after=20, pause_s=3.2),
    Episode(Rhythm.SINUS, 60, 60, ventricular_every=3),
    Episode(Rhythm.ATRIAL_FIBRILLATION, 60, 90),
)


class TestTellingMoments:
    def test_short_recording_is_shown_whole(self) -> None:
        moments = telling_moments(Marks(np.array([1.0, 2.0]), ("N", "N")), (), 10)

        assert [(moment.start_s, moment.why) for moment in moments] == [(0.0, "")]

    def test_other_rhythm_ectopic_beats_and_pause_are_found(self) -> None:
        sample = synthesize(EVENTFUL, leads=("II",))
        marks = Marks(sample.beat_times_s, sample.beat_kinds)
        pause, ectopic, fibrillation = telling_moments(marks, sample.episodes, 180)

        assert pause.why == "longest pause, 3.2 s"
        assert pause.start_s < sample.beats[20].time_s < pause.start_s + 6
        assert ectopic.why == "4 ventricular beats"
        assert 55 < ectopic.start_s < 120
        assert fibrillation.why == "atrial fibrillation from 2:00 to 3:00"
        assert fibrillation.start_s == 117

    def test_moments_lie_within_the_recording_and_apart(self) -> None:
        sample = recording()
        marks = Marks(sample.beat_times_s, sample.beat_kinds)
        starts = [moment.start_s for moment in telling_moments(marks, sample.episodes, 120)]

        assert starts == sorted(starts)
        assert min(starts) >= 0
        assert max(starts) <= 110
        assert min(np.diff(starts)) > 5


class TestPaper:
    def test_one_second_is_25_mm_and_one_millivolt_10_mm(self) -> None:
        ramp = np.array([0.0, 1.0])  # from 0 mV to 1 mV within one second

        assert 'd="M0 0l2500-1000"' in ecg_paper.curve(ramp, 1.0, ecg_paper.MM_PER_MV)
        assert "v-10h5v10" in ecg_paper.calibration(ecg_paper.MM_PER_MV)

    def test_grid_has_a_line_every_millimeter(self) -> None:
        lines = re.findall(r"M(\d+) 0v20", ecg_paper.grid(30, 20))

        assert sorted(map(int, lines)) == list(range(31))

    @pytest.mark.parametrize(("peak_mv", "gain"), [(1.0, 10.0), (9.0, 5.0)])
    def test_lead_too_large_for_its_row_is_drawn_at_half_gain(
        self, peak_mv: float, gain: float
    ) -> None:
        row = ecg_paper.row_for(np.array([0.0, peak_mv, -0.5]))

        assert row.mm_per_mv == gain
        assert row.height_mm % 5 == 0

    def test_clock_reads_as_people_write_times(self) -> None:
        assert [ecg_paper.clock(s) for s in (0, 65, 3600)] == ["0:00", "1:05", "1:00:00"]


class TestSvg:
    def test_peaks_survive_thinning(self) -> None:
        values = np.zeros(100_000)
        values[[12_345, 77_777]] = 5.0, -7.0
        x_mm, thinned = curves.envelope(values, np.linspace(0, 250, len(values)))

        assert len(thinned) <= 2 * 2501
        assert (thinned.max(), thinned.min()) == (5.0, -7.0)
        assert np.all(np.diff(x_mm) >= 0)

    def test_short_curve_is_left_as_it_is(self) -> None:
        values, x_mm = np.arange(10.0), np.arange(10.0)

        assert curves.envelope(values, x_mm)[1] is values

    def test_line_is_broken_where_there_is_no_value(self) -> None:
        drawn = curves.trace(np.arange(5.0), np.array([0, 1, np.nan, 1, 0.0]))

        assert drawn.count("M") == 2
        assert "nan" not in drawn
