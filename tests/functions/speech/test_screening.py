import pytest

from functions.speech.norms import NORMS
from functions.speech.screening import screen
from functions.speech.task import Task
from shared.norms import Circumstances, reference_range
from shared.record import Measured

VOWEL = Task.SUSTAINED_VOWEL


def measured(task: Task = VOWEL, **values: float) -> tuple[Measured, ...]:
    given = Circumstances(age_years=40, task=task)
    return tuple(Measured(n, v, 1.0, reference_range(NORMS, n, given)) for n, v in values.items())


class TestScreen:
    @pytest.mark.parametrize(("cpps", "flag"), [(14.5, False), (14.4, True)])
    def test_vowel_is_held_against_the_published_cut_off(self, cpps: float, flag: bool) -> None:
        screening = screen(measured(cpps=cpps, jitter_local=2.0, hnr=10.0), VOWEL)

        assert screening.flag is flag
        assert screening.beyond == (("cpps",) if flag else ())
        assert "Murton" in (screening.rule or "")

    def test_without_its_measure_there_is_no_answer(self) -> None:
        assert screen(measured(jitter_local=2.0, hnr=10.0), VOWEL).flag is None

    def test_ungraded_measures_do_not_count(self) -> None:
        ungraded = (Measured("cpps", 5.0), Measured("hnr", 5.0))

        assert screen(ungraded, VOWEL).flag is None

    @pytest.mark.parametrize(("avqi", "flag"), [(2.0, False), (3.0, True)])
    def test_speech_needs_the_index(self, avqi: float, flag: bool) -> None:
        screening = screen(measured(Task.SPEECH, avqi=avqi, cpps=5.0), Task.SPEECH)

        assert screening.flag is flag
        assert "Barsties" in (screening.rule or "")

    @pytest.mark.parametrize("task", [Task.SPEECH, Task.DIADOCHOKINESIS, Task.CORNER_VOWELS])
    def test_other_tasks_have_no_rule(self, task: Task) -> None:
        assert screen(measured(task, cpps=5.0), task).flag is None
