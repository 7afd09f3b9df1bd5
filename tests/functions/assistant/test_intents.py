from pathlib import Path

import pytest

from functions.assistant.threads.intents import intent_of

LINES = (Path(__file__).parent / "questions.txt").read_text().splitlines()
QUESTIONS = [line.split(" | ", 1) for line in LINES]


@pytest.mark.parametrize(("intent", "question"), QUESTIONS)
def test_a_question_is_of_its_class(intent: str, question: str) -> None:
    assert intent_of(question) == intent
