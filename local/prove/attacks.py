"""What an attack is, the list of all of them, and how the whole list is tried.

An attack joins by one function in a module of SUBJECTS: it is given a stand, tries what an attacker
would, and returns what was sent and what came back.
"""

import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from importlib import import_module
from inspect import getdoc
from itertools import chain

import httpx

from local.prove.stand import Stand

SUBJECTS = (
    *("tenants", "tokens", "publishing", "roles", "records"),
    *("requests", "hostile", "limits", "uploads"),
    *("database", "catalog", "forging", "keys", "pooled"),
    *("trail", "keeping", "chain", "altered", "life", "sealed", "models"),
)
# Findings of one kind are told by so many examples.
MAX_TOLD = 4


class Needs(StrEnum):
    OUTSIDE = "outside"  # an address and tokens
    STACK = "stack"  # the database, the code or the issuer's keys too


class Outcome(StrEnum):
    HELD = "held"
    FAILED = "failed"
    NOT_TRIED = "not tried"


class NotTried(Exception):
    """The attack cannot be tried here; the message says why."""


@dataclass(frozen=True)
class Finding:
    """What was sent, what came back, and whether that is as expected."""

    held: bool
    sent: str
    came_back: str

    @classmethod
    def of(cls, findings: Iterable["Finding"]) -> "Finding":
        """Make one of several: what did not hold comes first, and the rest is counted.

        Raises
        ------
        NotTried
            There is none: nothing was sent.
        """
        every = sorted(findings, key=lambda finding: finding.held)
        if not every:
            raise NotTried("There was nothing to try it on.")
        failed = [finding for finding in every if not finding.held]
        told = (failed or every)[:MAX_TOLD]
        sent = [finding.sent for finding in told]
        came_back = list(dict.fromkeys(finding.came_back for finding in told))
        sent += _rest(len(failed or every) - len(told), "… and {} more")
        came_back += _rest(len(failed), f"{{}} of {len(every)} failed")
        return cls(not failed, "\n".join(sent), "\n".join(came_back))


def _rest(number: int, words: str) -> list[str]:
    return [words.format(number)] if number else []


type Trial = Callable[[Stand], Awaitable[Finding]]


@dataclass(frozen=True)
class Attack:
    """One attack: its number among the assertions, what is expected, and the rules it maps to."""

    number: int
    title: str
    expected: str
    rules: tuple[str, ...]
    needs: Needs
    run: Trial
    subject: str

    @property
    def name(self) -> str:
        """What tests and reports call it, such as `tenants.another_tenants_records`."""
        return f"{self.subject}.{self.run.__name__}"


@dataclass(frozen=True)
class Result:
    """An attack, how it ended, and what that rests on."""

    attack: Attack
    outcome: Outcome
    sent: str
    came_back: str
    duration_ms: int


_joined: dict[str, Attack] = {}


def attack(
    number: int,
    title: str = "",
    *,
    expected: str,
    rules: Sequence[str],
    needs: Needs = Needs.OUTSIDE,
) -> Callable[[Trial], Trial]:
    """Add a function to the list; a number may have several attacks, a name only one.

    What it tries is its docstring, unless `title` says it for readers of the report.
    """

    def join(run: Trial) -> Trial:
        subject = run.__module__.rpartition(".")[2]
        told = title or _title(run)
        joined = Attack(number, told, expected, tuple(rules), needs, run, subject)
        _joined[joined.name] = joined
        return run

    return join


def _title(run: Trial) -> str:
    words = (getdoc(run) or "").partition("\n")[0].removesuffix(".")
    is_name = words[1:2].isupper()
    return words if is_name else words[:1].lower() + words[1:]


def every_attack() -> list[Attack]:
    """All attacks of all subjects, in the order of their numbers."""
    for subject in SUBJECTS:
        import_module(f"local.prove.{subject}")
    return sorted(_joined.values(), key=lambda joined: (joined.number, joined.name))


async def tried(stand: Stand, attacks: Iterable[Attack]) -> AsyncIterator[Result]:
    """Try attacks one after the other; a mistake of an attack is a failure, and ends no other."""
    for chosen in attacks:
        yield await try_attack(stand, chosen)


async def try_attack(stand: Stand, chosen: Attack) -> Result:
    started = time.monotonic()
    try:
        _ask_for(chosen.needs, stand)
        finding = await chosen.run(stand)
        outcome = Outcome.HELD if finding.held else Outcome.FAILED
        sent, came_back = finding.sent, finding.came_back
    except NotTried as reason:
        outcome, sent, came_back = Outcome.NOT_TRIED, "", str(reason)
    except Exception as mistake:  # noqa: BLE001  # what an attack did not expect is told as it is
        outcome, sent = Outcome.FAILED, ""
        came_back = f"{type(mistake).__name__}: {mistake}"
    return Result(chosen, outcome, sent, came_back, round((time.monotonic() - started) * 1000))


def _ask_for(needs: Needs, stand: Stand) -> None:
    if needs is Needs.STACK and stand.databases is None:
        raise NotTried("It needs the database or the code, so it is not for the outside.")


def judged(answer: httpx.Response, *statuses: int, code: str | None = None) -> Finding:
    """Hold an answer against the statuses that are expected, and a problem's code."""
    told = code_of(answer)
    held = answer.status_code in statuses and (code is None or told == code)
    return Finding(held, line_of(answer), f"{answer.status_code} {told}".strip())


def line_of(answer: httpx.Response) -> str:
    """The request of an answer as one line, with whoever asked."""
    request = answer.request
    who = request.extensions.get("who", "nobody")
    path = request.url.raw_path.decode()
    return f"{request.method} {path} as {who}"


def code_of(answer: httpx.Response) -> str:
    """The code of a problem, or of FHIR's outcome; nothing where the answer is none."""
    try:
        body = answer.json()
    except ValueError:
        return ""
    if not isinstance(body, dict):
        return ""
    details = (issue.get("details", {}).get("coding", ()) for issue in _issues(body))
    codes = [coding.get("code", "") for coding in chain.from_iterable(details)]
    return str(body.get("code") or next(iter(codes), ""))


def _issues(body: dict[str, object]) -> Iterator[dict[str, dict[str, list[dict[str, str]]]]]:
    issues = body.get("issue")
    yield from issues if isinstance(issues, list) else ()
