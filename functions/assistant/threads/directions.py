"""Which way a question of ranges looks: at what lies outside, above or below, or at all."""

from collections.abc import Sequence
from dataclasses import dataclass

from functions.assistant.threads.patterns import clauses, fits, plain

ABOVE, BELOW = ("high", "critical-high"), ("low", "critical-low")
POSITIONS = {"above": ABOVE, "below": BELOW, "outside": (*ABOVE, *BELOW)}


@dataclass(frozen=True)
class Direction:
    """What is looked for: `side` of the range, and whether "yes" or "no" can begin the answer."""

    side: str
    is_of_outside: bool
    is_yes_or_no: bool

    @property
    def positions(self) -> Sequence[str]:
        return POSITIONS[self.side]


def direction_of(question: str) -> Direction:
    """Read a question of ranges: "is anything too high?", "is all of it normal?"."""
    words = plain(question)
    sides = [side for side in ("above", "below") if fits(f"of {side}", words)]
    return Direction(
        side=sides[0] if len(sides) == 1 else "outside",
        is_of_outside=fits("of outside", words) or bool(sides),
        is_yes_or_no=any(fits("yes or no", clause) for clause in clauses(words)),
    )
