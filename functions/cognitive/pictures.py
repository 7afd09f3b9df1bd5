"""What people look at: the spread of times, every trial in order, and scores with intervals."""

from collections.abc import Callable, Iterable, Sequence
from html import escape
from math import ceil, floor, log10
from statistics import median

from functions.cognitive.norms import BIOMARKERS
from functions.cognitive.scores import Score, outlier_limit, usable_times
from functions.cognitive.trials import Phase, TaskRun, Trial
from functions.cognitive.validity import TIMED
from shared.record import Picture

WIDTH, LEFT, RIGHT = 760.0, 64.0, 18.0
PANEL, TITLE, AXIS = 190.0, 34.0, 30.0  # heights of a panel, its title and its axis
ROW = 26.0
LABELS, VALUES = 250.0, 190.0  # widths of the columns beside the intervals
INK, FAINT, GRID = "#222222", "#6b6b6b", "#dddddd"
# Okabe and Ito's colors, told apart by every kind of color vision.
BLUE, ORANGE, GREEN, RED = "#0072b2", "#e69f00", "#009e73", "#d55e00"
PALETTE = (BLUE, ORANGE, GREEN, RED)
BINS = 30
MARKS = (("right", BLUE), ("wrong", RED), ("no response", FAINT), ("held back", GREEN))
SHORTEST_AXIS_MS = 100.0
MOST_MARKS = 3_000  # in a longer run marks would hide each other; every nth is drawn
TICKS = 5  # at most so many steps on an axis
ROUND_STEPS = (1.0, 2.0, 5.0, 10.0)


_SHOWS = {
    "rt_distribution": "Histogram of response times, task by task and by condition",
    "trial_timeline": "Every trial in its order: right, wrong and unanswered",
    "score_intervals": "Each score with its 95 % interval",
}


def rt_distribution(runs: Sequence[TaskRun]) -> Picture:
    """Draw a histogram of response times for each timed task, by condition."""
    return _stacked("rt_distribution", runs, _histogram)


def trial_timeline(runs: Sequence[TaskRun]) -> Picture:
    """Draw every trial of each timed task in order: right, wrong and unanswered."""
    return _stacked("trial_timeline", runs, _timeline)


def score_intervals(scores: Sequence[Score]) -> Picture:
    """Draw each score that has an error as a dot with its 95 % interval.

    Scores have different units, so every row has its own scale from zero; what compares
    between rows is how wide an interval is against its score.
    """
    shown = [(score, score.interval_95) for score in scores if score.interval_95 is not None]
    rows = (_score_row(*row, TITLE + ROW * (i + 0.5)) for i, row in enumerate(shown))
    title = _text(16, 22, "Scores with 95 % intervals; each row has its own scale", weight=600)
    return _picture("score_intervals", TITLE + ROW * len(shown) + 12, [title, *rows])


def _stacked(
    name: str, runs: Sequence[TaskRun], draw: Callable[[TaskRun], Iterable[str]]
) -> Picture:
    """One panel a task, below each other."""
    timed = [run for run in runs if run.family in TIMED and _times(run.trials)]
    panels = [
        f'<g transform="translate(0 {i * PANEL:.0f})">{"".join(draw(run))}</g>'
        for i, run in enumerate(timed)
    ]
    return _picture(name, PANEL * len(timed), panels)


def _picture(name: str, height: float, parts: Iterable[str]) -> Picture:
    size = f'width="{WIDTH:.0f}" height="{max(height, ROW):.0f}"'
    box = f'viewBox="0 0 {WIDTH:.0f} {max(height, ROW):.0f}"'
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} {box} '
        f'font-family="system-ui, sans-serif" font-size="12">'
        f'<rect width="100%" height="100%" fill="#ffffff"/>{"".join(parts)}</svg>'
    )
    return Picture(name, "image/svg+xml", svg.encode(), _SHOWS[name])


def _histogram(run: TaskRun) -> Iterable[str]:
    groups = _by_condition(run)
    times = [time for _, values in groups for time in values]
    top_ms = _top_ms(times)
    width_ms = top_ms / BINS
    counted = [(name, _counts(values, width_ms)) for name, values in groups]
    highest = max(max(counts) for _, counts in counted)
    yield _title(run, f"{len(times)} response times")
    yield from _ms_axis(0.0, top_ms)
    for i, (name, counts) in enumerate(counted):
        color = PALETTE[i % len(PALETTE)]
        yield _steps(counts, highest, color)
        yield _legend(i, name, color)
    middle = median(usable_times(run.test, run.floor_ms) or times)
    yield _vertical(_x(middle, 0.0, top_ms), f"median {middle:.0f} ms")


def _counts(values: Sequence[float], width_ms: float) -> list[int]:
    """Counts a bin; what lies beyond the axis is counted in the last bin."""
    counts = [0] * BINS
    for value in values:
        counts[min(BINS - 1, max(0, floor(value / width_ms)))] += 1
    return counts


def _steps(counts: Sequence[int], highest: int, color: str) -> str:
    """The outline of a histogram, lightly filled so that groups show through each other."""
    bottom = PANEL - AXIS
    bin_width = (WIDTH - LEFT - RIGHT) / BINS
    points = [f"{LEFT:.1f},{bottom:.1f}"]
    for i, count in enumerate(counts):
        y = bottom - (bottom - TITLE - 14) * count / highest
        points += [
            f"{LEFT + i * bin_width:.1f},{y:.1f}",
            f"{LEFT + (i + 1) * bin_width:.1f},{y:.1f}",
        ]
    points.append(f"{WIDTH - RIGHT:.1f},{bottom:.1f}")
    path = " ".join(points)
    return f'<polygon points="{path}" fill="{color}" fill-opacity="0.22" stroke="{color}"/>'


def _timeline(run: TaskRun) -> Iterable[str]:
    times = _times(run.trials)
    top_ms = _top_ms(times)
    practice = sum(trial.phase is Phase.PRACTICE for trial in run.trials)
    yield _title(run, f"{len(run.trials)} trials, {practice} of them practice")
    yield from _value_axis(top_ms)
    step = (WIDTH - LEFT - RIGHT) / len(run.trials)
    if practice and all(trial.phase is Phase.PRACTICE for trial in run.trials[:practice]):
        yield (
            f'<rect x="{LEFT}" y="{TITLE}" width="{practice * step:.1f}" '
            f'height="{PANEL - AXIS - TITLE:.0f}" fill="#f2f2f2"/>'
        )
        yield _text(LEFT + 4, PANEL - AXIS - 8, "practice", color=FAINT)
    every = ceil(len(run.trials) / MOST_MARKS)
    for i in range(0, len(run.trials), every):
        yield _mark(run.trials[i], LEFT + (i + 0.5) * step, top_ms)
    for i, (name, color) in enumerate(MARKS[: 4 if _withholds(run) else 3]):
        yield _legend(i, name, color)


def _withholds(run: TaskRun) -> bool:
    return any(trial.rt_ms is None and trial.correct for trial in run.trials)


def _mark(trial: Trial, x: float, top_ms: float) -> str:
    """A dot where right, a cross where wrong, a tick on the axis where nothing came."""
    bottom = PANEL - AXIS
    if trial.rt_ms is None:
        color = GREEN if trial.correct else FAINT
        return _line(x, bottom, x, bottom - 5, color)
    y = bottom - (bottom - TITLE) * min(max(trial.rt_ms, 0.0), top_ms) / top_ms
    if trial.correct is False:
        cross = f"M{x - 3:.1f} {y - 3:.1f}l6 6m0 -6l-6 6"
        return f'<path d="{cross}" stroke="{RED}" stroke-width="1.4"/>'
    return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="2" fill="{BLUE}" fill-opacity="0.75"/>'


def _score_row(score: Score, interval: tuple[float, float], y: float) -> str:
    low, high = interval
    start, end = LABELS, WIDTH - VALUES
    bottom, top = min(0.0, low), max(0.0, high)
    span = (top - bottom) or 1.0

    def x(value: float) -> float:
        return start + (end - start) * (value - bottom) / span

    number = f"{score.value:.4g} {_unit(score.name)} [{low:.4g}, {high:.4g}]"
    return "".join(
        (
            _text(16, y + 4, score.name.replace("_", " ")),
            _line(start, y, end, y, GRID),
            _line(x(0.0), y - 7, x(0.0), y + 7, FAINT),
            _line(x(low), y, x(high), y, BLUE, width=3),
            f'<circle cx="{x(score.value):.1f}" cy="{y:.1f}" r="4.5" fill="{BLUE}"/>',
            _text(end + 12, y + 4, number),
        )
    )


def _unit(name: str) -> str:
    """A unit as people write it: "{word}" is words, and "1" is nothing."""
    unit = BIOMARKERS[name].unit if name in BIOMARKERS else ""
    return "" if unit == "1" else unit.replace("{", "").replace("}", "s")


def _by_condition(run: TaskRun) -> list[tuple[str, list[float]]]:
    """Response times of the test trials by condition; all together where there is none."""
    names = sorted({trial.condition for trial in run.test if trial.condition is not None})
    groups = [
        (name, _times(t for t in run.test if t.condition == name)) for name in names[: len(PALETTE)]
    ]
    filled = [(name, values) for name, values in groups if values]
    return filled or [("all trials", _times(run.test) or _times(run.trials))]


def _times(trials: Iterable[Trial]) -> list[float]:
    return [trial.rt_ms for trial in trials if trial.rt_ms is not None]


def _title(run: TaskRun, detail: str) -> str:
    name = _text(16, 20, run.task.replace("_", " "), weight=600)
    return name + _text(WIDTH - RIGHT, 20, detail, color=FAINT, anchor="end")


def _x(value: float, low: float, high: float) -> float:
    return LEFT + (WIDTH - LEFT - RIGHT) * (value - low) / (high - low)


def _ms_axis(low: float, high: float) -> Iterable[str]:
    bottom = PANEL - AXIS
    yield _line(LEFT, bottom, WIDTH - RIGHT, bottom, FAINT)
    for tick in _ticks(high):
        x = _x(tick, low, high)
        yield _line(x, bottom, x, bottom + 4, FAINT)
        yield _text(x, bottom + 17, f"{tick:.0f} ms", color=FAINT, anchor="middle")


def _value_axis(top_ms: float) -> Iterable[str]:
    bottom = PANEL - AXIS
    for tick in _ticks(top_ms):
        y = bottom - (bottom - TITLE) * tick / top_ms
        yield _line(LEFT, y, WIDTH - RIGHT, y, GRID)
        yield _text(LEFT - 6, y + 4, f"{tick:.0f} ms", color=FAINT, anchor="end")


def _top_ms(times: Sequence[float]) -> float:
    """Where an axis ends: beyond the slowest, unless that is far out."""
    return max(SHORTEST_AXIS_MS, min(max(times), 2 * outlier_limit(times)))


def _ticks(top: float) -> list[float]:
    """Round numbers from 0 to `top`."""
    rough = top / TICKS
    unit = 10.0 ** floor(log10(rough))
    step = unit * next(size for size in ROUND_STEPS if size * unit >= rough)
    return [i * step for i in range(TICKS + 1) if i * step <= top]


def _legend(i: int, name: str, color: str) -> str:
    x = LEFT + 100 * i + 110
    dot = f'<circle cx="{x:.0f}" cy="16" r="4" fill="{color}"/>'
    return dot + _text(x + 9, 20, name, color=FAINT)


def _vertical(x: float, label: str) -> str:
    line = _line(x, TITLE, x, PANEL - AXIS, INK)
    return line + _text(x + 5, TITLE + 10, label)


def _line(x1: float, y1: float, x2: float, y2: float, color: str, *, width: float = 1.0) -> str:
    ends = f'x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"'
    return f'<line {ends} stroke="{color}" stroke-width="{width:g}"/>'


def _text(
    x: float, y: float, words: str, *, color: str = INK, anchor: str = "start", weight: int = 400
) -> str:
    style = f'fill="{color}" text-anchor="{anchor}" font-weight="{weight}"'
    return f'<text x="{x:.1f}" y="{y:.1f}" {style}>{escape(words)}</text>'
