"""What somebody reaches with a stolen thing, what stops them, and what shows it: measured."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from inspect import getdoc

from local.prove.attacks import NotTried
from local.prove.stand import CannotStand, Stand

PARTS = ("credentials", "database")


@dataclass
class Reach:
    """Lines that were tried: what is open to the thief, what is not, what tells of them."""

    open: list[str] = field(default_factory=list)
    closed: list[str] = field(default_factory=list)
    shown_by: list[str] = field(default_factory=list)
    # What came out otherwise than this project says of itself.
    surprises: list[str] = field(default_factory=list)

    def reaches(self, what: str, *, is_so: bool) -> None:
        """Keep what a thief can do; it would be a surprise if they could not."""
        (self.open if is_so else self.surprises).append(what)

    def is_stopped(self, what: str, *, is_so: bool) -> None:
        """Keep what a thief cannot do."""
        (self.closed if is_so else self.surprises).append(what)

    def is_shown(self, what: str, *, is_so: bool) -> None:
        """Keep what tells of the thief."""
        (self.shown_by if is_so else self.surprises).append(what)


type Trial = Callable[[Stand], Awaitable[Reach]]


@dataclass(frozen=True)
class Theft:
    """A thing that was stolen, and what was measured of it, or why nothing was."""

    what: str
    reach: Reach = field(default_factory=Reach)
    why_not: str | None = None

    def told(self) -> dict[str, list[str]]:
        """Return the lines of a report, by what they say."""
        reach = self.reach
        lines = {
            "reaches": reach.open,
            "does not reach": reach.closed,
            "is shown by": reach.shown_by,
            "came out otherwise than expected": reach.surprises,
            "not tried": [self.why_not] if self.why_not else [],
        }
        return {how: told for how, told in lines.items() if told}


_joined: dict[str, Trial] = {}


def stolen(run: Trial) -> Trial:
    """Add a thing to the list; the function's docstring is what the report calls it."""
    _joined[run.__name__] = run
    return run


async def measured(stand: Stand) -> Sequence[Theft]:
    """Try each thing; where there is no database of ours, its part says so."""
    for part in PARTS:
        import_module(f"local.prove.stolen.{part}")
    return [await _measured(stand, run) for run in _joined.values()]


async def _measured(stand: Stand, run: Trial) -> Theft:
    what = (getdoc(run) or run.__name__).partition("\n")[0].removesuffix(".")
    try:
        return Theft(what, await run(stand))
    except (NotTried, CannotStand) as reason:
        return Theft(what, why_not=str(reason))
