"""What a question may be made of: a word that no list has asks for more than a record tells."""

import re
from functools import cache
from pathlib import Path

from functions.assistant.threads.patterns import word_class

WORDS = Path(__file__).parent / "record_words.txt"
CLASSES = "classes: "
# What is added to a word, and leaves it the same.
ENDINGS = "(?:e?[sdr]|e?rs|ing|ings|ly|e|ions?|ments?|able|ally|al)?"
NUMBER = r"\d[\w.,%/]*"


def is_of_record(sentence: str) -> bool:
    """Whether every word of a plain sentence is one that questions about a record are made of."""
    return all(_accounted().fullmatch(word) for word in sentence.split())


@cache
def _accounted() -> re.Pattern[str]:
    listed = [NUMBER]
    for line in WORDS.read_text(encoding="utf-8").splitlines():
        if line.startswith(CLASSES):
            listed += map(word_class, line.removeprefix(CLASSES).split())
        elif line and not line.startswith("#"):
            listed += (re.escape(word).replace(r"\*", ENDINGS) for word in line.split())
    return re.compile(rf"[.?]|(?:{'|'.join(listed)})(?:'s?)?")
