"""What the template says of real analyses of all pipelines and of their histories, word by word."""

from collections.abc import Callable, Mapping, Sequence

import pytest

from functions.assistant.language import Voice
from shared.pipelines import PipelineName
from tests.functions.assistant import golden_histories
from tests.functions.assistant.golden_records import WRITER, golden, kept, page, place, texts
from tests.functions.assistant.reading import grade
from tests.nonempty import nonempty

EASY, HARDEST = 6.0, 8.0
FEWEST = 60
type Texts = Mapping[str, Sequence[str]]


@pytest.mark.parametrize("voice", Voice)
@pytest.mark.parametrize("pipeline", PipelineName)
def test_texts_are_as_they_were_read(pipeline: PipelineName, voice: Voice) -> None:
    """Where they are meant to change: `python -m tests.functions.assistant.golden_records`."""
    assert page(pipeline, voice) == golden(place(pipeline, voice), WRITER)


def test_they_are_of_all_pipelines_and_every_slot_is_filled() -> None:
    lists = [told for pipeline in PipelineName for told in kept(pipeline)]
    assert len(lists) >= FEWEST
    for pipeline in nonempty(PipelineName):
        for voice in nonempty(Voice):
            assert not set("{}") & set(page(pipeline, voice)), (pipeline, voice)


@pytest.mark.parametrize("voice", Voice)
def test_histories_are_told_as_they_were_read(voice: Voice) -> None:
    """Where they are meant to change: `python -m tests.functions.assistant.golden_histories`."""
    number = 0
    for pipeline in nonempty(PipelineName):
        told = golden_histories.page(pipeline, voice)
        path = golden_histories.place(pipeline, voice)
        assert told == golden(path, golden_histories.WRITER), pipeline
        assert not set("{}") & set(told), pipeline
        number += told.count("# ")
    assert number >= FEWEST


@pytest.mark.parametrize("of", [texts, golden_histories.texts])
def test_patients_can_read_them(of: Callable[[PipelineName, Voice], Texts]) -> None:
    grades = {
        f"{pipeline}-{name}": grade(" ".join(told))
        for pipeline in PipelineName
        for name, told in of(pipeline, Voice.PATIENT).items()
    }
    hardest = max(grades, key=lambda name: grades[name])
    assert grades[hardest] <= HARDEST, hardest
    assert sum(number <= EASY for number in grades.values()) >= len(grades) / 2
