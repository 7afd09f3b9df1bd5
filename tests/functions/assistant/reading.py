"""The Flesch-Kincaid grade of an English text (Kincaid et al. 1975, doi:10.21236/ADA006655)."""

import re

WORDS = re.compile(r"[A-Za-z]+(?:[-'][A-Za-z]+)*")
VOWELS = re.compile(r"[aeiouy]+")


def grade(text: str) -> float:
    """Return the US grade that reads a text."""
    words = WORDS.findall(text)
    sentences = max(len(re.findall(r"[.!?](?:\s|$)", text)), 1)
    return 0.39 * len(words) / sentences + 11.8 * sum(map(syllables, words)) / len(words) - 15.59


def syllables(word: str) -> int:
    """Count groups of vowels; a silent e at the end is none."""
    groups = len(VOWELS.findall(word.lower()))
    is_silent = word.lower().endswith("e") and not word.lower().endswith(("le", "ee"))
    return max(groups - is_silent, 1)
