"""The table of attacks in docs/security.md, made of what each attack says of itself."""

import sys
from collections.abc import Iterable
from pathlib import Path

from local.home import ROOT
from local.prove.attacks import Attack, Needs, every_attack

PAGE = ROOT / "docs" / "security.md"
BEGIN, END = "<!-- made by ./medilens prove table -->\n", "<!-- end of what is made -->\n"
HEAD = "| No. | Attack | Expected | From outside | Name | Rules |\n|---|---|---|---|---|---|\n"


def table(attacks: Iterable[Attack]) -> str:
    """A line for each attack, in the order of their numbers."""
    return HEAD + "".join(map(_line, attacks))


def _line(attack: Attack) -> str:
    outside = "yes" if attack.needs is Needs.OUTSIDE else "no"
    cells = [str(attack.number), attack.title, attack.expected, outside, f"`{attack.name}`"]
    return "| " + " | ".join([*cells, ", ".join(attack.rules)]).replace("\n", " ") + " |\n"


def with_table(text: str) -> str:
    """Put the table of today into a page between its marks."""
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n{table(every_attack())}\n{END}{after}"


def rewrite(page: Path = PAGE) -> None:
    page.write_text(with_table(page.read_text(encoding="utf-8")), encoding="utf-8")
    sys.stdout.write(f"{page.name} is of today.\n")
