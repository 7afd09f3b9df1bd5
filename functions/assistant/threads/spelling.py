"""Words as patterns read them: small letters, contractions in full, slips of typing mended."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

SPELLING = Path(__file__).parent / "spelling.txt"
# Shorter words have too many neighbors that are words themselves: "chest" and "cheat".
SHORTEST_MENDED = 6
# A word, with what joins it inside, a number, or what ends a sentence.
PIECES = re.compile(r"\d+[.,]\d+|#?[^\W_]+(?:[-_'][^\W_]+)*'?|[.?!;\n]")
STOPS = re.compile(r"[.!;\n]")
# Letters that lie beside each other are typed for each other.
KEYS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
QUOTES = str.maketrans("\u2018\u2019\u02bc\u00b4`", "'" * 5)
# What only looks like a Latin letter, of the alphabets that are mixed in to deceive.
LOOKALIKES = str.maketrans("аеорсухіјѕһԁԛԝαορνικτ", "aeopcyxijshdqwaopvikt")


def plain(question: str) -> str:
    """Return the words of a question as patterns read them, "." and "?" between its sentences."""
    letters = unicodedata.normalize("NFKC", question).translate(QUOTES)
    printed = "".join(letter for letter in letters if unicodedata.category(letter) != "Cf")
    pieces = PIECES.findall(_latin(printed.casefold()))
    text = " ".join("." if STOPS.fullmatch(piece) else piece for piece in pieces)
    for written, meant in _meant():
        text = written.sub(meant, text)
    return " ".join(text.split()).strip(" .?")


@dataclass(frozen=True)
class Vocabulary:
    """Words that slips of typing are mended to, and beginnings of words that are no slips."""

    words: frozenset[str]
    beginnings: tuple[str, ...]
    # Long words by what is left of them without any letter.
    shortened: Mapping[str, str]

    @classmethod
    def of(cls, text: str) -> "Vocabulary":
        """Read words from lines of patterns, in which "*" stands for any ending."""
        pairs = re.findall(r"(?<![\w\\])([a-z]{3,})(\*?)", text)
        words = sorted({word for word, _ in pairs})
        long = [word for word in words if len(word) >= SHORTEST_MENDED]
        shortened = {short: word for word in long for short in [word, *_shortened(word)]}
        return cls(frozenset(words), tuple({word for word, any_end in pairs if any_end}), shortened)

    def mended(self, text: str) -> str:
        """Return plain words, each with one slip of typing as the word that it stands for."""
        return " ".join(map(self._mended, text.split(" ")))

    def _mended(self, word: str) -> str:
        """A slip leaves out, adds, swaps or exchanges a letter: less one letter, both are alike."""
        if len(word) < SHORTEST_MENDED - 1 or not word.isalpha() or self._has(word):
            return word
        alike = (self.shortened.get(short) for short in [word, *_shortened(word)])
        return next((other for other in alike if other and _is_slip(word, other)), word)

    def _has(self, word: str) -> bool:
        return (
            word in self.words
            or word.removesuffix("s") in self.words
            or word.startswith(self.beginnings)
        )


def _shortened(word: str) -> Sequence[str]:
    return [word[:place] + word[place + 1 :] for place in range(1, len(word))]


def _is_slip(word: str, other: str) -> bool:
    """Whether one word may be typed for another: an exchanged letter is a vowel or lies near.

    A last letter makes another word of it: "developer", "developed".
    """
    if word[0] != other[0]:
        return False
    differ = [
        place for place, pair in enumerate(zip(word, other, strict=False)) if pair[0] != pair[1]
    ]
    if len(word) != len(other) or len(differ) != 1:
        return True
    (place,) = differ
    return place < len(word) - 1 and _is_near(word[place], other[place])


def _is_near(letter: str, other: str) -> bool:
    """Whether two keys lie side by side, or both letters are vowels; "é" is meant for "e"."""
    if {letter, other} <= set("aeiouy") or not letter.isascii():
        return True
    keys = {key: (row, column) for row, line in enumerate(KEYS) for column, key in enumerate(line)}
    (row, column), (other_row, other_column) = keys[letter], keys[other]
    return max(abs(row - other_row), abs(column - other_column)) == 1


def _latin(text: str) -> str:
    """Return words that mix alphabets in Latin letters; words of one alphabet stay as they are."""
    return re.sub(r"[^\W\d_]+", lambda word: _unmixed(word[0]), text)


def _unmixed(word: str) -> str:
    replaced = word.translate(LOOKALIKES)
    return replaced if replaced.isascii() and not word.isascii() else word


@cache
def _meant() -> Sequence[tuple[re.Pattern[str], str]]:
    lines = SPELLING.read_text(encoding="utf-8").splitlines()
    pairs = (line.split(" =", 1) for line in lines if line and not line.startswith("#"))
    return [(re.compile(rf"(?<!\S)(?:{written})(?!\S)"), meant.strip()) for written, meant in pairs]
