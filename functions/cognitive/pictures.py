"""What people look at: the spread of times, every trial in order, and scores with intervals.

Each is drawn twice: for a page, and in a narrow form for a telephone.
"""

from collections.abc import Callable, Iterable, Sequence
from math import ceil, floor
from statistics import median

from functions.cognitive.norms import BIOMARKERS
from functions.cognitive.page import (
    AXIS,
    PAGES,
    PANEL,
    SIZE,
    TITLE,
    TITLE_SIZE,
    Page,
    median_line,
    ms_axis,
    top_of_axis_ms,
    value_axis,
)
from functions.cognitive.scores import Score, usable_times
from functions.cognitive.trials import Phase, TaskRun, Trial
from functions.cognitive.validity import TIMED
from shared.drawing import lettering, svg
from shared.drawing.axes import Axis
from shared.drawing.palette import BLUE, FAINT, GREEN, KINDS, MUTED, PRACTICE, RED
from shared.drawing.svg import Drawing
from shared.record import Picture

ROW = 26.0
MARGIN, NAMES, NUMBERS = 16.0, 250.0, 190.0  # room left and right of a row of scores
DOT, CROSS, VEIL = 4.5, 1.4, 0.75  # radius of a score, stroke of a cross, opacity of a trial
BINS = 30
MARKS = (("right", BLUE), ("wrong", RED), ("no response", MUTED), ("held back", GREEN))
MOST_MARKS = 3_000  # in a longer run marks would hide each other; every nth is drawn


def rt_distribution(runs: Sequence[TaskRun]) -> tuple[Picture, ...]:
    """Draw a histogram of response times for each timed task, by condition."""
    return _stacked("rt_distribution", "Response times by task and condition", runs, _histogram)


def trial_timeline(runs: Sequence[TaskRun]) -> tuple[Picture, ...]:
    """Draw every trial of each timed task in order: right, wrong and unanswered."""
    return _stacked("trial_timeline", "Every trial in its order", runs, _timeline)


def score_intervals(scores: Sequence[Score]) -> tuple[Picture, ...]:
    """Draw each score that has an error as a dot with its 95 % interval.

    Scores have different units, so every row has its own scale from zero; what compares
    between rows is how wide an interval is against its score.
    """
    shown = [(score, score.interval_95) for score in scores if score.interval_95 is not None]
    title = "Scores with 95 % intervals"
    description = "Each row has its own scale. " + " ".join(
        f"{_plain(score.name)} {_numbers(score, interval)}." for score, interval in shown
    )
    drawings = {page.suffix: _score_page(page, shown, title, description) for page in PAGES}
    return tuple(
        drawing.picture(f"score_intervals{suffix}") for suffix, drawing in drawings.items()
    )


def _score_page(
    page: Page,
    shown: Sequence[tuple[Score, tuple[float, float]]],
    title: str,
    description: str,
) -> Drawing:
    row = 2 * ROW if page.is_narrow else ROW
    rows = [
        _score_row(page, score, interval, 36 + row * place)
        for place, (score, interval) in enumerate(shown)
    ]
    head = svg.text(16, 22, title, TITLE_SIZE, font_weight="bold")
    return svg.document((page.width, 48 + row * len(shown)), title, description, [head, *rows])


def _stacked(
    name: str, title: str, runs: Sequence[TaskRun], draw: Callable[[Page, TaskRun], Iterable[str]]
) -> tuple[Picture, ...]:
    """One panel a task, below each other."""
    timed = [run for run in runs if run.family in TIMED and _times(run.trials)]
    description = " ".join(_described(run) for run in timed)
    drawings = {
        page.suffix: svg.document(
            (page.width, max(PANEL * len(timed), ROW)),
            title,
            description,
            [svg.move(0, place * PANEL, *draw(page, run)) for place, run in enumerate(timed)],
        )
        for page in PAGES
    }
    return tuple(drawing.picture(f"{name}{suffix}") for suffix, drawing in drawings.items())


def _described(run: TaskRun) -> str:
    times = usable_times(run.test, run.floor_ms) or _times(run.trials)
    wrong = sum(trial.correct is False for trial in run.test)
    return (
        f"{_plain(run.task)}: {len(run.test)} test trials, {wrong} wrong,"
        f" median {median(times):.0f} ms."
    )


def _plain(name: str) -> str:
    return name.replace("_", " ")


def _histogram(page: Page, run: TaskRun) -> Iterable[str]:
    groups = _by_condition(run)
    times = [time for _, values in groups for time in values]
    top_ms = top_of_axis_ms(times)
    width_ms = top_ms / BINS
    counted = [(name, _counts(values, width_ms)) for name, values in groups]
    highest = max(max(counts) for _, counts in counted)
    colors = [KINDS[place % len(KINDS)] for place in range(len(counted))]
    names = [name for name, _ in counted]
    yield from _head(page, run, f"{len(times)} response times", zip(names, colors, strict=True))
    axis = Axis(0.0, top_ms, page.left, page.end)
    yield from ms_axis(page, axis)
    for (_, counts), color in zip(counted, colors, strict=True):
        yield _steps(page, counts, highest, color)
    middle = median(usable_times(run.test, run.floor_ms) or times)
    yield from median_line(page, axis.at(middle), f"median {middle:.0f} ms")


def _counts(values: Sequence[float], width_ms: float) -> list[int]:
    """Counts a bin; what lies beyond the axis is counted in the last bin."""
    counts = [0] * BINS
    for value in values:
        counts[min(BINS - 1, max(0, floor(value / width_ms)))] += 1
    return counts


def _steps(page: Page, counts: Sequence[int], highest: int, color: str) -> str:
    """The outline of a histogram, lightly filled so that groups show through each other."""
    bottom = PANEL - AXIS
    bin_width = (page.end - page.left) / BINS
    points = [f"{page.left:.1f},{bottom:.1f}"]
    for place, count in enumerate(counts):
        y = bottom - (bottom - TITLE - 14) * count / highest
        left = page.left + place * bin_width
        points += [f"{left:.1f},{y:.1f}", f"{left + bin_width:.1f},{y:.1f}"]
    points.append(f"{page.end:.1f},{bottom:.1f}")
    return svg.element(
        "polygon", points=" ".join(points), fill=color, fill_opacity=0.22, stroke=color
    )


def _timeline(page: Page, run: TaskRun) -> Iterable[str]:
    top_ms = top_of_axis_ms(_times(run.trials))
    practice = sum(trial.phase is Phase.PRACTICE for trial in run.trials)
    marks = MARKS[: 4 if _withholds(run) else 3]
    yield from _head(page, run, f"{len(run.trials)} trials, {practice} of them practice", marks)
    yield from value_axis(page, top_ms)
    step = (page.end - page.left) / len(run.trials)
    if practice and all(trial.phase is Phase.PRACTICE for trial in run.trials[:practice]):
        yield svg.rectangle(page.left, TITLE, practice * step, PANEL - AXIS - TITLE, PRACTICE)
        yield svg.text(page.left + 4, PANEL - AXIS - 8, "practice", SIZE, color=MUTED)
    every = ceil(len(run.trials) / MOST_MARKS)
    for place in range(0, len(run.trials), every):
        yield _mark(run.trials[place], page.left + (place + 0.5) * step, top_ms)


def _withholds(run: TaskRun) -> bool:
    return any(trial.rt_ms is None and trial.correct for trial in run.trials)


def _mark(trial: Trial, x: float, top_ms: float) -> str:
    """A dot where right, a cross where wrong, a tick on the axis where nothing came."""
    bottom = PANEL - AXIS
    if trial.rt_ms is None:
        return svg.line(x, bottom, x, bottom - 5, GREEN if trial.correct else MUTED, 1)
    y = Axis(0.0, top_ms, bottom, TITLE).at(min(max(trial.rt_ms, 0.0), top_ms))
    if trial.correct is False:
        cross = f"M{x - 3:.1f} {y - 3:.1f}l6 6m0 -6l-6 6"
        return svg.path(cross, stroke=RED, stroke_width=CROSS)
    return svg.dot(round(x, 1), round(y, 1), 2, BLUE, fill_opacity=VEIL)


def _score_row(page: Page, score: Score, interval: tuple[float, float], top: float) -> str:
    """The name, the interval and the numbers: beside each other, or the words above the plot."""
    low, high = interval
    name, numbers = _plain(score.name), _numbers(score, interval)
    if page.is_narrow:
        start, end, y = MARGIN, page.width - MARGIN, top + 34
        words = [
            lettering.fitted(16, top + 14, name, 160, SIZE),
            lettering.fitted(end, top + 14, numbers, 160, SIZE, text_anchor="end"),
        ]
    else:
        start, end, y = NAMES, page.width - NUMBERS, top + 13
        words = [
            lettering.fitted(16, y + 4, name, start - 30, SIZE),
            lettering.fitted(end + 12, y + 4, numbers, 170, SIZE),
        ]
    axis = Axis(min(0.0, low), max(0.0, high), start, end)
    zero = axis.at(0.0)
    return "".join(
        (
            *words,
            svg.line(start, y, end, y, FAINT, 1),
            svg.line(zero, y - 7, zero, y + 7, MUTED, 1),
            svg.line(axis.at(low), y, axis.at(high), y, BLUE, 3),
            svg.dot(axis.at(score.value), y, DOT, BLUE),
        )
    )


def _numbers(score: Score, interval: tuple[float, float]) -> str:
    low, high = interval
    value = f"{score.value:.4g} {_unit(score.name)}".rstrip()
    return f"{value} [{low:.4g}, {high:.4g}]"


def _unit(name: str) -> str:
    """A unit as people write it: "{word}" is words, and "1" is nothing."""
    unit = BIOMARKERS[name].unit if name in BIOMARKERS else ""
    return "" if unit == "1" else unit.replace("{", "").replace("}", "s")


def _by_condition(run: TaskRun) -> list[tuple[str, list[float]]]:
    """Response times of the test trials by condition; all together where there is none."""
    names = sorted({trial.condition for trial in run.test if trial.condition is not None})
    groups = [
        (name, _times(t for t in run.test if t.condition == name)) for name in names[: len(KINDS)]
    ]
    filled = [(name, values) for name, values in groups if values]
    return filled or [("all trials", _times(run.test) or _times(run.trials))]


def _times(trials: Iterable[Trial]) -> list[float]:
    return [trial.rt_ms for trial in trials if trial.rt_ms is not None]


def _head(
    page: Page, run: TaskRun, detail: str, entries: Iterable[tuple[str, str]]
) -> Iterable[str]:
    """The task and what was counted, and below it what the colors mean."""
    half = (page.width - 32) / 2
    yield lettering.fitted(16, 20, _plain(run.task), half, TITLE_SIZE, font_weight="bold")
    yield lettering.fitted(page.end, 20, detail, half, SIZE, color=MUTED, text_anchor="end")
    yield from lettering.legend(list(entries), page.end, 38, SIZE - 1)
