"""What people look at: the waveform with its voiced parts, and the spectrogram with its tracks.

Both are SVG written by hand; the spectrogram is a gray PNG inside. Colors are told apart by
lightness as well, and every line is named in the picture.
"""

import base64
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from functions.speech import praat
from functions.speech.measures import Measures
from functions.speech.praat import Contour
from functions.speech.sound import Flags, Floats, Sound, peak_of
from functions.speech.spectrogram import gray_png, power_db, shades, top_hz
from functions.speech.voice import Course
from shared.record import Picture

WIDTH, LEFT, RIGHT = 960, 56, 56
PLOT_WIDTH = WIDTH - LEFT - RIGHT
TITLE_HEIGHT, AXIS_HEIGHT = 44, 34
WAVEFORM_HEIGHT, SPECTROGRAM_HEIGHT = 150, 220
MAX_TICKS = 12
TICK_STEPS_S = (0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 30, 60)
PITCH_AXES_HZ = (200.0, 300.0, 400.0, 600.0)
MAX_TRACK_POINTS = 1_200  # of a drawn track: a point a pixel is as fine as anybody sees

FONT = 'font-family="system-ui, sans-serif" font-size="12"'
INK, QUIET = "#1f2933", "#9aa5b1"
VOICED, PITCH, FORMANT, MARK, PART = "#1d5fa8", "#0b7285", "#c92a2a", "#b45309", "#fff4d6"


@dataclass(frozen=True)
class Plot:
    """A rectangle with time from left to right and a value from bottom to top."""

    duration_s: float
    low: float
    high: float
    height: float
    top: float = TITLE_HEIGHT

    @property
    def bottom(self) -> float:
        return self.top + self.height

    def x(self, time_s: float) -> float:
        return LEFT + PLOT_WIDTH * time_s / self.duration_s

    def y(self, value: float) -> float:
        return self.top + self.height * (self.high - value) / (self.high - self.low)


def draw(sound: Sound, course: Course, measures: Measures) -> tuple[Picture, ...]:
    """Draw every picture of a recording."""
    return (
        Picture(
            "waveform",
            "image/svg+xml",
            waveform(sound, course, measures).encode(),
            f"Waveform of {sound.duration_s:.1f} s, its voiced parts in color",
        ),
        Picture(
            "spectrogram",
            "image/svg+xml",
            spectrogram(sound, course, measures).encode(),
            f"Spectrogram of {sound.duration_s:.1f} s with the pitch and the formants found",
        ),
    )


def waveform(sound: Sound, course: Course, measures: Measures) -> str:
    """Smallest and largest sample of every pixel column, voiced columns in color."""
    peak = peak_of(sound.samples) or 1.0
    plot = Plot(sound.duration_s, -peak, peak, WAVEFORM_HEIGHT)
    legend = (("voiced", VOICED), ("unvoiced", QUIET), (measures.part, PART))
    marks = () if measures.syllables_s is None else (("syllable", MARK),)
    return document(
        "Waveform",
        plot,
        (
            analyzed_part(plot, measures),
            *columns(plot, sound, course),
            *(syllable_mark(plot, t) for t in syllables(measures)),
            *time_axis(plot),
            label(LEFT - 6, plot.y(peak) + 4, f"{peak:.2f}", "end"),
            label(LEFT - 6, plot.y(0) + 4, "0", "end"),
            label(LEFT - 6, plot.y(-peak) + 4, f"-{peak:.2f}", "end"),
        ),
        (*legend, *marks),
    )


def spectrogram(sound: Sound, course: Course, measures: Measures) -> str:
    """Spectrogram with the pitch (right axis) and, for a vowel, the formants (left axis)."""
    plot = Plot(sound.duration_s, 0, top_hz(sound.fs_hz), SPECTROGRAM_HEIGHT)
    pitch_plot = Plot(sound.duration_s, 0, pitch_axis_hz(course), SPECTROGRAM_HEIGHT)
    tracks = formant_tracks(sound, measures)
    legend = (("pitch (right axis)", PITCH), *((("formants", FORMANT),) if tracks else ()))
    return document(
        "Spectrogram",
        plot,
        (
            image(plot, sound),
            *(dots(plot, track, measures.start_s) for track in tracks),
            lines(pitch_plot, course.f0),
            *time_axis(plot),
            *(
                label(LEFT - 6, plot.y(hz) + 4, f"{hz:g}", "end")
                for hz in range(0, 5001, 1000)
                if hz <= plot.high
            ),
            *(
                label(WIDTH - RIGHT + 6, pitch_plot.y(hz) + 4, f"{hz:g} Hz", "start")
                for hz in np.arange(0, pitch_plot.high + 1, 100)
            ),
            label(8, TITLE_HEIGHT - 8, "Hz", "start"),
        ),
        legend,
    )


def document(
    title: str, plot: Plot, content: tuple[str, ...], legend: tuple[tuple[str, str], ...]
) -> str:
    height = plot.bottom + AXIS_HEIGHT
    size = f'viewBox="0 0 {WIDTH} {height:g}" width="{WIDTH}" height="{height:g}"'
    return "".join(
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img" {FONT}>',
            f"<title>{title}</title>",
            f'<rect width="{WIDTH}" height="{height:g}" fill="#ffffff"/>',
            f'<text x="{LEFT}" y="20" font-size="15" font-weight="600" fill="{INK}">{title}</text>',
            *legend_entries(legend),
            *content,
            "</svg>",
        )
    )


def legend_entries(legend: tuple[tuple[str, str], ...]) -> Iterator[str]:
    x = float(WIDTH - RIGHT)
    for name, color in reversed(legend):
        x -= 7 * len(name)
        yield label(x, 20, name, "start")
        yield f'<rect x="{x - 16:.0f}" y="10" width="12" height="12" fill="{color}"/>'
        x -= 32


def columns(plot: Plot, sound: Sound, course: Course) -> Iterator[str]:
    """The waveform as two paths, one for the voiced pixel columns and one for the others."""
    edges = np.linspace(0, len(sound.samples), PLOT_WIDTH + 1).astype(np.int64)
    lows = np.minimum.reduceat(sound.samples, edges[:-1])
    highs = np.maximum.reduceat(sound.samples, edges[:-1])
    voiced = voiced_columns(course.f0, sound.duration_s)
    for chosen, color in ((~voiced, QUIET), (voiced, VOICED)):
        strokes = "".join(
            f"M{LEFT + i + 0.5:g} {plot.y(highs[i]):.1f}V{plot.y(lows[i]) + 0.5:.1f}"
            for i in np.flatnonzero(chosen)
        )
        yield f'<path d="{strokes}" stroke="{color}" stroke-width="1" fill="none"/>'


def voiced_columns(f0: Contour, duration_s: float) -> Flags:
    """Whether each pixel column holds a voiced frame."""
    column = (f0.times_s[f0.present] / duration_s * PLOT_WIDTH).astype(np.int64)
    width = max(1, int(np.ceil(f0.step_s / duration_s * PLOT_WIDTH)))
    voiced = np.zeros(PLOT_WIDTH + width, bool)
    for offset in range(width):
        voiced[column.clip(0, PLOT_WIDTH - 1) + offset] = True
    return voiced[:PLOT_WIDTH]


def analyzed_part(plot: Plot, measures: Measures) -> str:
    x, right = plot.x(measures.start_s), plot.x(measures.end_s)
    return (
        f'<rect x="{x:.1f}" y="{plot.top:g}" width="{right - x:.1f}" height="{plot.height:g}" '
        f'fill="{PART}"/>'
    )


def syllables(measures: Measures) -> Floats:
    return np.empty(0) if measures.syllables_s is None else measures.syllables_s


def syllable_mark(plot: Plot, time_s: float) -> str:
    x = plot.x(time_s)
    return f'<path d="M{x - 3:.1f} {plot.top:g}h6l-3 7z" fill="{MARK}"/>'


def time_axis(plot: Plot) -> Iterator[str]:
    yield f'<path d="M{LEFT} {plot.bottom:g}h{PLOT_WIDTH}" stroke="{INK}" fill="none"/>'
    step_s = next((s for s in TICK_STEPS_S if plot.duration_s / s <= MAX_TICKS), TICK_STEPS_S[-1])
    for time_s in np.arange(0, plot.duration_s, step_s):
        x = plot.x(float(time_s))
        yield f'<path d="M{x:.1f} {plot.bottom:g}v5" stroke="{INK}"/>'
        yield label(x, plot.bottom + 18, f"{time_s:.3g}", "middle")
    yield label(WIDTH - RIGHT + 6, plot.bottom + 18, "s", "start")


def label(x: float, y: float, text: str, anchor: str) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{INK}">{text}</text>'


def image(plot: Plot, sound: Sound) -> str:
    png = gray_png(shades(power_db(sound.samples, sound.fs_hz, PLOT_WIDTH)))
    content = base64.b64encode(png).decode()
    return (
        f'<image x="{LEFT}" y="{plot.top:g}" width="{PLOT_WIDTH}" height="{plot.height:g}" '
        f'preserveAspectRatio="none" href="data:image/png;base64,{content}"/>'
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
    return (
        f'<path d="{points}" stroke="{FORMANT}" stroke-width="2.4" stroke-linecap="round" '
        'fill="none"/>'
    )


def lines(plot: Plot, track: Contour) -> str:
    """A track as a line that is open where there is no value."""
    path, pen_is_down = [], False
    for time_s, value in thinned(track.times_s, track.values):
        is_present = not np.isnan(value)
        if is_present:
            path.append(f"{'L' if pen_is_down else 'M'}{plot.x(time_s):.1f} {plot.y(value):.1f}")
        pen_is_down = is_present
    drawn = "".join(path)
    halo = f'<path d="{drawn}" stroke="#ffffff" stroke-width="5" fill="none" opacity="0.8"/>'
    return f'{halo}<path d="{drawn}" stroke="{PITCH}" stroke-width="2.4" fill="none"/>'


def thinned(times_s: Floats, values: Floats) -> Iterator[tuple[float, float]]:
    every = max(1, len(times_s) // MAX_TRACK_POINTS)
    yield from zip(times_s[::every].tolist(), values[::every].tolist(), strict=True)
