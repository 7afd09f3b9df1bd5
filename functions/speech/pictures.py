"""What people look at: the waveform with its voiced parts, and the spectrogram with its tracks.

The spectrogram is a gray PNG inside the SVG. Colors are told apart by lightness as well, and every
line is named in the picture. Each is drawn twice: for a page, and narrow for a telephone.
"""

import base64
from collections.abc import Iterator, Sequence

import numpy as np

from functions.speech import praat
from functions.speech.collected import Measures
from functions.speech.contour import Contour
from functions.speech.course import Course
from functions.speech.plot import AXIS_HEIGHT, NARROW, TITLE_HEIGHT, WIDE, Page, Plot
from functions.speech.sound import Flags, Floats, Sound, peak_of
from functions.speech.spectrogram import gray_png, power_db, shades, top_hz
from shared.drawing import lettering, svg
from shared.drawing.axes import coarsest
from shared.drawing.palette import BLUE, GREEN, INK, ORANGE, PAPER, PART, QUIET, RED
from shared.drawing.svg import Drawing
from shared.record import Picture

WAVEFORM_HEIGHT, SPECTROGRAM_HEIGHT = 150, 220
SIZE, TITLE_SIZE = 12.0, 15.0
TICK_STEPS_S = (0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 30, 60)
PITCH_AXES_HZ = (200.0, 300.0, 400.0, 600.0)
MAX_TRACK_POINTS = 1_200  # of a drawn track: a point a pixel is as fine as anybody sees

VOICED, PITCH, FORMANT, MARK = BLUE, GREEN, RED, ORANGE


def draw(sound: Sound, course: Course, measures: Measures) -> tuple[Picture, ...]:
    """Draw every picture of a recording."""
    return tuple(
        drawn(sound, course, measures, page).picture(f"{name}{page.suffix}")
        for name, drawn in (("waveform", waveform), ("spectrogram", spectrogram))
        for page in (WIDE, NARROW)
    )


def waveform(sound: Sound, course: Course, measures: Measures, page: Page = WIDE) -> Drawing:
    """Smallest and largest sample of every pixel column, voiced columns in color."""
    peak = peak_of(sound.samples) or 1.0
    plot = Plot(sound.duration_s, -peak, peak, WAVEFORM_HEIGHT, page)
    legend = (("voiced", VOICED), ("unvoiced", QUIET), (measures.part, PART))
    marks = () if measures.syllables_s is None else (("syllable", MARK),)
    voiced = voiced_columns(course.f0, sound.duration_s, page.columns).mean()
    return document(
        "Waveform",
        f"{sound.duration_s:.1f} s, {voiced:.0%} of it voiced.",
        plot,
        (
            analyzed_part(plot, measures),
            *columns(plot, sound, course),
            *(syllable_mark(plot, t) for t in syllables(measures)),
            *time_axis(plot),
            label(page.left - 6, plot.y(peak) + 4, f"{peak:.2f}", "end"),
            label(page.left - 6, plot.y(0) + 4, "0", "end"),
            label(page.left - 6, plot.y(-peak) + 4, f"-{peak:.2f}", "end"),
        ),
        (*legend, *marks),
    )


def spectrogram(sound: Sound, course: Course, measures: Measures, page: Page = WIDE) -> Drawing:
    """Spectrogram with the pitch (right axis) and, for a vowel, the formants (left axis)."""
    plot = Plot(sound.duration_s, 0, top_hz(sound.fs_hz), SPECTROGRAM_HEIGHT, page)
    pitch_plot = Plot(sound.duration_s, 0, pitch_axis_hz(course), SPECTROGRAM_HEIGHT, page)
    tracks = formant_tracks(sound, measures)
    legend = (("pitch (right axis)", PITCH), *((("formants", FORMANT),) if tracks else ()))
    return document(
        "Spectrogram",
        f"{sound.duration_s:.1f} s with the pitch{' and the formants' if tracks else ''} found.",
        plot,
        (
            image(plot, sound),
            *(dots(plot, track, measures.start_s) for track in tracks),
            lines(pitch_plot, course.f0),
            *time_axis(plot),
            *frequencies(plot),
            *pitches(pitch_plot),
            label(8, TITLE_HEIGHT - 8, "Hz", "start"),
        ),
        legend,
    )


def frequencies(plot: Plot) -> Iterator[str]:
    """Label the left axis of a spectrogram every 1,000 Hz."""
    for hz in range(0, 5001, 1000):
        if hz <= plot.high:
            yield label(plot.page.left - 6, plot.y(hz) + 4, f"{hz:g}", "end")


def pitches(plot: Plot) -> Iterator[str]:
    """Label the right axis of a spectrogram every 100 Hz."""
    for hz in np.arange(0, plot.high + 1, 100):
        yield label(plot.page.end + 6, plot.y(hz) + 4, f"{hz:g} Hz", "start")


def document(
    title: str,
    description: str,
    plot: Plot,
    content: tuple[str, ...],
    legend: Sequence[tuple[str, str]],
) -> Drawing:
    page = plot.page
    return svg.document(
        (page.width, plot.bottom + AXIS_HEIGHT),
        title,
        description,
        [
            svg.text(page.left, 20, title, TITLE_SIZE, font_weight="bold"),
            *lettering.legend(legend, page.end, 42, SIZE - 1),
            *content,
        ],
    )


def columns(plot: Plot, sound: Sound, course: Course) -> Iterator[str]:
    """The waveform as two paths, one for the voiced pixel columns and one for the others."""
    edges = np.linspace(0, len(sound.samples), plot.page.columns + 1).astype(np.int64)
    lows = np.minimum.reduceat(sound.samples, edges[:-1])
    highs = np.maximum.reduceat(sound.samples, edges[:-1])
    voiced = voiced_columns(course.f0, sound.duration_s, plot.page.columns)
    for chosen, color in ((~voiced, QUIET), (voiced, VOICED)):
        strokes = "".join(
            f"M{plot.page.left + i + 0.5:g} {plot.y(highs[i]):.1f}V{plot.y(lows[i]) + 0.5:.1f}"
            for i in np.flatnonzero(chosen)
        )
        yield svg.path(strokes, stroke=color, stroke_width=1)


def voiced_columns(f0: Contour, duration_s: float, n_columns: int) -> Flags:
    """Whether each pixel column holds a voiced frame."""
    column = (f0.times_s[f0.present] / duration_s * n_columns).astype(np.int64)
    width = max(1, int(np.ceil(f0.step_s / duration_s * n_columns)))
    voiced = np.zeros(n_columns + width, bool)
    for offset in range(width):
        voiced[column.clip(0, n_columns - 1) + offset] = True
    return voiced[:n_columns]


def analyzed_part(plot: Plot, measures: Measures) -> str:
    x, right = plot.x(measures.start_s), plot.x(measures.end_s)
    return svg.rectangle(round(x, 1), plot.top, round(right - x, 1), plot.height, PART)


def syllables(measures: Measures) -> Floats:
    return np.empty(0) if measures.syllables_s is None else measures.syllables_s


def syllable_mark(plot: Plot, time_s: float) -> str:
    return svg.path(f"M{plot.x(time_s) - 3:.1f} {plot.top:g}h6l-3 7z", fill=MARK)


def time_axis(plot: Plot) -> Iterator[str]:
    """Ticks in seconds below a plot, as many as its page has room for."""
    page = plot.page
    yield svg.line(page.left, plot.bottom, page.end, plot.bottom, INK, 1)
    step_s = coarsest(TICK_STEPS_S, plot.duration_s, page.max_ticks)
    for time_s in np.arange(0, plot.duration_s, step_s):
        x = round(plot.x(float(time_s)), 1)
        yield svg.line(x, plot.bottom, x, plot.bottom + 5, INK, 1)
        yield label(x, plot.bottom + 18, f"{time_s:.3g}", "middle")
    yield label(page.end + 6, plot.bottom + 18, "s", "start")


def label(x: float, y: float, words: str, anchor: str) -> str:
    return svg.text(round(x, 1), round(y, 1), words, SIZE, text_anchor=anchor)


def image(plot: Plot, sound: Sound) -> str:
    """The spectrogram itself, a gray PNG within the SVG."""
    page = plot.page
    png = gray_png(shades(power_db(sound.samples, sound.fs_hz, page.columns)))
    return svg.element(
        "image",
        x=page.left,
        y=plot.top,
        width=page.columns,
        height=plot.height,
        preserveAspectRatio="none",
        href=f"data:image/png;base64,{base64.b64encode(png).decode()}",
    )


def pitch_axis_hz(course: Course) -> float:
    highest_hz = float(np.nanmax(course.f0.values))
    return next((hz for hz in PITCH_AXES_HZ if highest_hz < hz), PITCH_AXES_HZ[-1])


def formant_tracks(sound: Sound, measures: Measures) -> tuple[Contour, ...]:
    """The first three formants of the analyzed part of a vowel; none otherwise."""
    if measures.formant_ceiling_hz is None or "formant_1" not in measures.values:
        return ()
    part = praat.part(sound, measures.start_s, measures.end_s)
    tracks = praat.formants(part, measures.formant_ceiling_hz)
    return tuple(praat.formant_contour(tracks, number) for number in (1, 2, 3))


def dots(plot: Plot, track: Contour, start_s: float) -> str:
    """A track as points, because a formant may jump."""
    within = track.present & (track.values <= plot.high)
    points = "".join(
        f"M{plot.x(start_s + t):.1f} {plot.y(v):.1f}h.01"
        for t, v in thinned(track.times_s[within], track.values[within])
    )
    return svg.path(points, stroke=FORMANT, stroke_width=2.4, stroke_linecap="round")


def lines(plot: Plot, track: Contour) -> str:
    """A track as a line that is open where there is no value."""
    path, pen_is_down = [], False
    for time_s, value in thinned(track.times_s, track.values):
        is_present = not np.isnan(value)
        if is_present:
            path.append(f"{'L' if pen_is_down else 'M'}{plot.x(time_s):.1f} {plot.y(value):.1f}")
        pen_is_down = is_present
    drawn = "".join(path)
    halo = svg.path(drawn, stroke=PAPER, stroke_width=5, opacity=0.8)
    return halo + svg.path(drawn, stroke=PITCH, stroke_width=2.4)


def thinned(times_s: Floats, values: Floats) -> Iterator[tuple[float, float]]:
    every = max(1, len(times_s) // MAX_TRACK_POINTS)
    yield from zip(times_s[::every].tolist(), values[::every].tolist(), strict=True)
