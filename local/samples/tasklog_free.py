"""Tasks whose answers are free: spans, trails, words, taps; their truth is counted out."""

from dataclasses import replace
from statistics import NormalDist

from functions.cognitive.trials import Trial
from local.samples.tasklog_trials import TaskSample, seeded

WORDS = (
    *("river", "candle", "mountain", "pepper", "violin", "blanket", "sailor", "meadow"),
    *("copper", "ladder", "window", "garden", "falcon", "basket", "thunder", "marble"),
)
NEW_WORDS = (
    *("forest", "button", "anchor", "saddle", "lemon", "mirror", "rocket", "feather"),
    *("hammer", "orchid", "tunnel", "pillow", "compass", "walnut", "harbor", "velvet"),
)
_CORSI_SPAN = 6
_OLD_KNOWN, _NEW_MISTAKEN = 14, 2  # of sixteen each, in the recognition part


def digit_span(seed: int) -> TaskSample:
    """Spans of 3 to 8 in both directions; forward fails at 8, backward from 6 on."""
    random = seeded(seed)
    trials: list[Trial] = []
    for direction, limit in (("forward", 7), ("backward", 5)):
        for size in range(3, 9):
            shown = tuple(str(random.randint(0, 9)) for _ in range(size))
            expected = shown if direction == "forward" else shown[::-1]
            wrong = (str((int(expected[0]) + 1) % 10), *expected[1:])
            right = size <= limit
            trials.append(
                Trial(
                    condition=direction,
                    load=size,
                    items=shown,
                    recalled=expected if right else wrong,
                    correct=right,
                    rt_ms=900.0 * size,
                )
            )
    truth = {
        "digit_span_forward_longest": 7,
        "digit_span_forward_total": 5,
        "digit_span_backward_longest": 5,
        "digit_span_backward_total": 3,
    }
    return TaskSample("digit_span", tuple(trials), truth)


def trail_making(seed: int, *, first_s: float = 25.0, second_s: float = 55.0) -> TaskSample:
    """Twenty-five circles a part, two wrong taps in the second."""
    random = seeded(seed)
    trials: list[Trial] = []
    for part, total_s in (("first", first_s), ("second", second_s)):
        gaps = [random.uniform(0.6, 1.4) for _ in range(25)]
        onset_ms = 0.0
        for gap in gaps:
            onset_ms += 1000 * total_s * gap / sum(gaps)
            trials.append(Trial(condition=part, onset_ms=onset_ms, correct=True))
        if part == "second":
            slips = [
                replace(trials[-i], correct=False, onset_ms=(trials[-i].onset_ms or 0) - 200)
                for i in (7, 3)
            ]
            trials[-7:-7], trials[-3:-3] = [slips[0]], [slips[1]]
    truth = {
        "trail_making_first_time": first_s,
        "trail_making_second_time": second_s,
        "trail_making_difference": second_s - first_s,
        "trail_making_ratio": second_s / first_s,
        "trail_making_second_errors": 2,
    }
    return TaskSample("trail_making", tuple(trials), truth)


def word_list(seed: int) -> TaskSample:
    """Sixteen words: 6, 8, 10, 12, 14 recalled, 12 after a delay, then recognition."""
    random = seeded(seed)
    counts = (6, 8, 10, 12, 14)
    trials = [
        Trial(condition="learning", block=str(i + 1), items=WORDS, recalled=WORDS[:count])
        for i, count in enumerate(counts)
    ]
    trials[0] = replace(trials[0], recalled=(*WORDS[:6], "giraffe", WORDS[0]))
    trials.append(Trial(condition="delayed", items=WORDS, recalled=WORDS[:12]))
    probes = [(word, "old", i < _OLD_KNOWN) for i, word in enumerate(WORDS)]
    probes += [(word, "new", i >= _NEW_MISTAKEN) for i, word in enumerate(NEW_WORDS)]
    random.shuffle(probes)
    trials += [Trial(condition=kind, stimulus=word, correct=right) for word, kind, right in probes]
    z = NormalDist().inv_cdf
    truth = {
        "word_list_total": 50,
        "word_list_slope": 2,
        "word_list_intrusions": 1,
        "word_list_repetitions": 1,
        "word_list_delayed": 12,
        "word_list_retention": 100 * 12 / 14,
        "word_list_recognition_d_prime": z((_OLD_KNOWN + 0.5) / 17) - z((_NEW_MISTAKEN + 0.5) / 17),
    }
    return TaskSample("word_list", tuple(trials), truth)


def fluency(seed: int) -> TaskSample:
    """Words with f and animals; one repetition and one word of another letter."""
    random = seeded(seed)
    letters = ("fish", "fin", "fire", "fork", "fox", "flag", "fish", "garden", "frog", "fruit")
    animals = ("dog", "cat", "horse", "cow", "goat", "lion", "tiger", "bear")
    trials: list[Trial] = []
    for condition, cue, words in (("letter", "f", letters), ("category", "animals", animals)):
        onset_ms = 0.0
        for word in words:
            onset_ms += random.uniform(2500, 3500)
            trials.append(Trial(condition=condition, cue=cue, response=word, onset_ms=onset_ms))
    truth = {
        "fluency_letter_correct": 8,
        "fluency_letter_repetitions": 1,
        "fluency_letter_intrusions": 1,
        "fluency_category_correct": 8,
    }
    return TaskSample("fluency", tuple(trials), truth)


def corsi(seed: int) -> TaskSample:
    """Sequences of 2 to 9 blocks, two of each length; right up to 6."""
    random = seeded(seed)
    trials: list[Trial] = []
    for size in range(2, 10):
        for _ in range(2):
            shown = tuple(str(block) for block in random.sample(range(1, 10), size))
            back = shown if size <= _CORSI_SPAN else shown[1:] + shown[:1]
            trials.append(
                Trial(
                    condition="forward",
                    load=size,
                    items=shown,
                    recalled=back,
                    correct=size <= _CORSI_SPAN,
                    rt_ms=800.0 * size,
                )
            )
    truth = {
        "corsi_forward_longest": float(_CORSI_SPAN),
        "corsi_forward_total": 2.0 * (_CORSI_SPAN - 1),
    }
    return TaskSample("corsi", tuple(trials), truth)


def finger_tapping(
    seed: int, *, interval_ms: float = 180.0, decrement_percent: float = 20.0
) -> TaskSample:
    """Sixty-one taps a hand; intervals grow along a line by `decrement_percent` of their mean."""
    random = seeded(seed)
    trials: list[Trial] = []
    for hand in ("right", "left"):
        onset_ms = 500.0 + random.uniform(0, 100)
        for i in range(61):
            trials.append(Trial(condition=hand, block=hand, onset_ms=onset_ms, response="space"))
            onset_ms += interval_ms * (1 + decrement_percent / 100 * (i / 59 - 0.5))
    truth = {
        f"finger_tapping_{hand}_{score}": value
        for hand in ("right", "left")
        for score, value in (("rate", 1000 / interval_ms), ("decrement", decrement_percent))
    }
    return TaskSample("finger_tapping", tuple(trials), truth)
