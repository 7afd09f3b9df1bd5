"""The report as JSON and as one page of HTML, in which nothing secret stands."""

import json
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from html import escape
from typing import Any

from local.prove.attacks import Outcome, Result
from local.prove.stolen import Theft

UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.IGNORECASE)
# JSON Web Tokens whole or in parts, service keys, secrets of webhooks, passwords of addresses.
SECRETS = (
    re.compile(r"eyJ[\w-]{8,}(?:\.[\w-]*){0,2}"),
    re.compile(r"mlk_[\w-]{8,}"),
    re.compile(r"whsec_[\w+/=-]{8,}"),
    re.compile(r"(?<=://)[^/\s:@]+:[^/\s@]+(?=@)"),
    re.compile(r"(?<=X-Amz-Signature=)\w+"),
)
LONGEST = 600
CUT = "[cut]"

STYLE = """:root { color-scheme: light dark; }
body { font: 1rem/1.5 system-ui, sans-serif; max-width: 76rem; margin: 2rem auto; padding: 0 1rem; }
table { border-collapse: collapse; width: 100%; table-layout: fixed; }
th, td { text-align: left; vertical-align: top; padding: .375rem .5rem; overflow-wrap: anywhere;
  border-top: 1px solid light-dark(#d5dbe1, #33404c); }
td.told { white-space: pre-wrap; font: .8125rem/1.5 ui-monospace, monospace; }
.held { color: light-dark(#0b6e3f, #62d296); } .failed { color: light-dark(#b3261e, #ff8a80); }"""
COLUMNS = {"": 4, "Attack": 20, "Expected": 16, "Sent": 26, "Came back": 20, "Rules": 14}


@dataclass(frozen=True)
class Report:
    """What was tried where, how it ended, what no attack touches, and what stays behind."""

    target: str
    at: datetime
    results: Sequence[Result]
    untouched: dict[str, list[str]] = field(default_factory=dict)
    stays: Sequence[str] = ()
    secrets: frozenset[str] = field(default_factory=frozenset, repr=False)
    thefts: Sequence[Theft] = ()

    @property
    def counts(self) -> Counter[Outcome]:
        return Counter(result.outcome for result in self.results)

    @property
    def has_failed(self) -> bool:
        """Whether an attack found its way, a theft went another way, or nothing was tried."""
        surprised = any(theft.reach.surprises for theft in self.thefts)
        return bool(self.counts[Outcome.FAILED]) or surprised or not self.counts[Outcome.HELD]

    def as_json(self) -> str:
        told: dict[str, Any] = {
            "target": self._clean(self.target),
            "at": self.at.isoformat(timespec="seconds"),
            "counts": {outcome.value: self.counts[outcome] for outcome in Outcome},
            "attacks": [self._told(result) for result in self.results],
            "stolen": {theft.what: theft.told() for theft in self.thefts},
            "untouched": self.untouched,
            "stays": [self._clean(line) for line in self.stays],
        }
        return json.dumps(told, indent=1, ensure_ascii=False) + "\n"

    def as_html(self) -> str:
        """One page that loads nothing."""
        counts = ", ".join(f"{self.counts[outcome]} {outcome}" for outcome in Outcome)
        heads = "".join(
            f'<th style="width:{width}%">{name}</th>' for name, width in COLUMNS.items()
        )
        rows = "\n".join(self._row(self._told(result)) for result in self.results)
        return (
            '<!doctype html>\n<html lang="en">\n<meta charset="utf-8">\n'
            f"<title>MediLens: attacks</title>\n<style>{STYLE}</style>\n"
            f"<h1>Attacks on {escape(self._clean(self.target))}</h1>\n"
            f"<p>{self.at:%Y-%m-%d %H:%M} UTC: {counts}.</p>\n"
            f"<table><thead><tr>{heads}</tr></thead><tbody>\n{rows}\n</tbody></table>\n"
            f"{self._stolen()}"
            f"{_lists('What no attack touches', self.untouched)}"
            f"{_lists('What stays behind', {'': [self._clean(line) for line in self.stays]})}"
            "</html>\n"
        )

    def _told(self, result: Result) -> dict[str, Any]:
        attack = result.attack
        return {
            "number": attack.number,
            "name": attack.name,
            "title": attack.title,
            "expected": attack.expected,
            "rules": list(attack.rules),
            "needs": attack.needs.value,
            "outcome": result.outcome.value,
            "sent": self._clean(result.sent),
            "came_back": self._clean(result.came_back),
            "duration_ms": result.duration_ms,
        }

    def _row(self, told: dict[str, Any]) -> str:
        cells = [told["title"], told["expected"], told["sent"], told["came_back"]]
        title, expected, sent, came_back = map(escape, cells)
        status = told["outcome"].replace(" ", "-")
        return (
            f'<tr id="{told["name"]}"><td>{told["number"]}</td>'
            f'<td>{title}<br><b class="{status}">{told["outcome"]}</b></td>'
            f'<td>{expected}</td><td class="told">{sent}</td>'
            f'<td class="told">{came_back}</td><td>{escape(", ".join(told["rules"]))}</td></tr>'
        )

    def _stolen(self) -> str:
        """What each stolen thing reaches, as lists of lines."""
        lines = {
            theft.what: [f"{how}: {line}" for how, told in theft.told().items() for line in told]
            for theft in self.thefts
        }
        return _lists("What stolen things reach", lines)

    def _clean(self, text: str) -> str:
        return without_secrets(text, self.secrets)


def without_secrets(text: str, secrets: Iterable[str]) -> str:
    """Cut out what is secret or names a record, and what is long."""
    for secret in sorted(secrets, key=len, reverse=True):
        text = text.replace(secret, CUT)
    for pattern in SECRETS:
        text = pattern.sub(CUT, text)
    text = UUID.sub("{id}", text)
    return text if len(text) <= LONGEST else f"{text[:LONGEST]} …"


def _lists(title: str, lines: dict[str, list[str]]) -> str:
    """Lists below a heading; nothing where all are empty."""
    if not any(lines.values()):
        return ""
    return f"<h2>{title}</h2>\n" + "".join(_list(kind, told) for kind, told in lines.items())


def _list(kind: str, told: Iterable[str]) -> str:
    items = "".join(f"<li>{escape(line)}</li>" for line in told)
    return f"<h3>{escape(kind)}</h3><ul>{items}</ul>\n" if items else ""
