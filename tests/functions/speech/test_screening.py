import pytest

from functions.speech.norms import NORMS
from functions.speech.screening import RULE_OF_SPEECH, RULE_OF_VOWEL, screen
from functions.speech.task import Task
from shared.biomarkers import Circumstances, reference_range
from shared.record import Measured

VOWEL = Task.SUSTAINED_VOWEL


def measured(task: Task = VOWEL, **values: float) -> tuple[Measured, ...]:
    given = Circumstances(age_years=40, task=task)
    return tuple(Measured(n, v, 1.0, reference_range(NORMS, n, given)) for n, v in values.items())


class TestScreen:
    @pytest.mark.parametrize(
        ("cpps", "jitter", "shimmer", "hnr", "flag"),
        [
            (16.0, 0.5, 2.0, 22.0, False),
            (16.0, 2.0, 6.0, 10.0, False),
            (12.0, 0.5, 2.0, 22.0, False),
            (12.0, 2.0, 2.0, 22.0, True),
            (12.0, 0.5, 6.0, 22.0, True),
            (12.0, 0.5, 2.0, 15.0, True),
        ],
    )
    def test_vowel_needs_cpps_and_one_more(
        self, cpps: float, jitter: float, shimmer: float, hnr: float, flag: bool
    ) -> None:
        values = measured(cpps=cpps, jitter_local=jitter, shimmer_local=shimmer, hnr=hnr)

        screening = screen(values, VOWEL)

        assert screening.flag is flag
        assert screening.rule == RULE_OF_VOWEL

    def test_measures_beyond_their_limits_are_named(self) -> None:
        values = measured(cpps=12.0, jitter_local=2.0, shimmer_local=2.0, hnr=15.0)

        assert screen(values, VOWEL).beyond == ("cpps", "jitter_local", "hnr")

    def test_without_cpps_there_is_no_answer(self) -> None:
        assert screen(measured(jitter_local=2.0), VOWEL).flag is None

    def test_without_any_other_measure_there_is_no_answer(self) -> None:
        assert screen(measured(cpps=10.0), VOWEL).flag is None

    def test_ungraded_measures_do_not_count(self) -> None:
        ungraded = (Measured("cpps", 5.0), Measured("hnr", 5.0))

        assert screen(ungraded, VOWEL).flag is None

    @pytest.mark.parametrize(("avqi", "flag"), [(2.0, False), (3.0, True)])
    def test_speech_needs_the_index(self, avqi: float, flag: bool) -> None:
        screening = screen(measured(Task.SPEECH, avqi=avqi, cpps=5.0), Task.SPEECH)

        assert screening.flag is flag
        assert screening.rule == RULE_OF_SPEECH

    @pytest.mark.parametrize("task", [Task.SPEECH, Task.DIADOCHOKINESIS])
    def test_other_tasks_have_no_rule(self, task: Task) -> None:
        assert screen(measured(task, cpps=5.0), task).flag is None
