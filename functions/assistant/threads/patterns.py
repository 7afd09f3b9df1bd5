"""Patterns of words: sentences are made of classes of words, their order and their distance."""

import re
from collections.abc import Mapping, Sequence
from functools import cache
from itertools import permutations
from pathlib import Path

from functions.assistant.threads import spelling
from functions.assistant.threads.spelling import Vocabulary

CLASSES = Path(__file__).parent / "word_classes.txt"
PATTERNS = Path(__file__).parent / "patterns.txt"
# So many words of the same sentence may stand between two that belong together,
GAP = r"(?: [^ .?]+){0,5} "
# and between two that do so in any order.
WIDE_GAP = r"(?: [^ .?]+){0,7} "
# Where a sentence ends, and where it goes over into a question.
OF_ANYTHING = (
    "(?:is|are|was|were|did|has|have) (?:anything|everything|there|any|my values|my results)"
)
QUESTIONS_BEGIN = f"what|why|which|how|is (?:it|this|that)|can (?:you|i)|should|{OF_ANYTHING}"
CLAUSES = re.compile(rf" ?[.?] |(?<!what)(?<!why)(?<!how)(?<!which) (?=(?:{QUESTIONS_BEGIN}) )")


def plain(question: str) -> str:
    """Return a question as the patterns read it, slips of typing in their words mended."""
    return _known().mended(spelling.plain(question))


@cache
def sections() -> Sequence[tuple[str, re.Pattern[str]]]:
    """Read the patterns in their order, each section by its head."""
    read: list[tuple[str, list[str]]] = []
    for line in PATTERNS.read_text(encoding="utf-8").splitlines():
        if line.startswith("["):
            read.append((line.strip("[]"), []))
        elif line and not line.startswith("#"):
            read[-1][1].append(_compiled(line))
    return [(head, _of_words(lines)) for head, lines in read]


def fits(head: str, words: str) -> bool:
    """Whether any words fit a section."""
    return _section(head).search(words) is not None


def without(head: str, words: str, stand_in: str = "it") -> str:
    """Return words with a stand-in for what fits a section."""
    return _section(head).sub(f" {stand_in} ", words)


def clauses(words: str) -> Sequence[str]:
    """Return what stands between the ends of sentences, and where they go over into a question."""
    return [clause.strip() for clause in CLAUSES.split(words) if clause.strip()]


def is_question(clause: str) -> bool:
    return _section("question").match(clause) is not None


@cache
def _section(head: str) -> re.Pattern[str]:
    return next(pattern for section, pattern in sections() if section == head)


def _of_words(lines: Sequence[str]) -> re.Pattern[str]:
    return re.compile(rf"(?<![\w'-])(?:{'|'.join(lines)})(?![\w-])")


def _compiled(line: str) -> str:
    """Return a line as a regular expression: both orders of what "&" joins, classes as words."""
    parts = [_spelled(part) for part in line.split(" & ")]
    orders = (WIDE_GAP.join(order) for order in permutations(parts))
    return f"(?:{'|'.join(orders)})"


def _spelled(part: str) -> str:
    classes = _classes()
    words = re.sub(r"<([a-z-]+)>", lambda match: classes[match[1]], part.strip())
    return f"(?:{words.replace(' .. ', GAP).removesuffix(' ..')})"


def word_class(name: str) -> str:
    """Return the words of a class as a regular expression."""
    return _classes()[name]


@cache
def _classes() -> Mapping[str, str]:
    lines = CLASSES.read_text(encoding="utf-8").splitlines()
    named = (line.split(": ", 1) for line in lines if line and not line.startswith("#"))
    return {name: rf"(?:{_any(words)})(?:'s?)?" for name, words in named}


def _any(words: str) -> str:
    """Return the words of a class as alternatives: "*" stands for any ending."""
    alternatives = (re.sub(r"(?<=[a-z\]])\*", r"[\\w-]*", word) for word in words.split(" | "))
    return "|".join(alternatives)


@cache
def _known() -> Vocabulary:
    """The words of the patterns, which are never mended, and to which slips are."""
    text = CLASSES.read_text(encoding="utf-8") + PATTERNS.read_text(encoding="utf-8")
    stems = text.replace("\\w*", "*")
    with_letter, without = re.sub(r"(\w)\?", r"\1", stems), re.sub(r"\w\?", "", stems)
    return Vocabulary.of(f"{with_letter}\n{without}")
