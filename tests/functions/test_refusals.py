"""Every refusal of every function: what a caller may branch on, and what a person reads."""

import ast
import re
from collections import defaultdict
from importlib import import_module
from pathlib import Path

import pytest

from shared.errors import MediLensError, OurMistake
from tests.conftest import ROOT
from tests.nonempty import nonempty

FOLDERS = ("shared", "functions")


def refusals() -> list[type[MediLensError]]:
    """Return every kind of refusal, after importing whatever may declare one."""
    for path in sorted(path for folder in FOLDERS for path in (ROOT / folder).rglob("*.py")):
        declares = re.search(r"^    code = \"", path.read_text(encoding="utf-8"), re.MULTILINE)
        if declares and "training" not in path.parts:
            import_module(".".join(path.relative_to(ROOT).with_suffix("").parts))
    waiting, known = [MediLensError], []
    while waiting:
        kind = waiting.pop()
        known.append(kind)
        waiting += kind.__subclasses__()
    return sorted(set(known) - {MediLensError}, key=lambda kind: (kind.__module__, kind.__name__))


def messages(path: Path) -> list[str]:
    """Return the words of each text that is passed on to the constructor of a refusal."""
    listed = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if (
            isinstance(node, ast.Call)
            and ast.unparse(node.func) == "super().__init__"
            and node.args
        ):
            words = node.args[0]
            parts = words.values if isinstance(words, ast.JoinedStr) else [words]
            listed.append(
                "".join(str(p.value) if isinstance(p, ast.Constant) else "{}" for p in parts)
            )
    return listed


class TestRefusals:
    @pytest.mark.parametrize("kind", refusals(), ids=lambda kind: kind.__name__)
    def test_has_a_stable_code_a_title_and_a_status_of_a_refusal(
        self, kind: type[MediLensError]
    ) -> None:
        assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", kind.code)
        assert kind.title[0].isupper()
        assert 400 <= kind.status < 600

    def test_one_code_has_one_status(self) -> None:
        statuses = defaultdict(set)
        for kind in nonempty(refusals()):
            if not kind.__subclasses__():
                statuses[kind.code].add(int(kind.status))
        assert {code for code, given in nonempty(statuses.items()) if len(given) > 1} == set()

    def test_what_is_raised_is_never_the_unknown_failure(self) -> None:
        leaves = [kind for kind in refusals() if not kind.__subclasses__()]
        unnamed = [
            kind.__name__
            for kind in nonempty(leaves)
            if kind.code == MediLensError.code and kind is not OurMistake
        ]
        assert unnamed == []

    def test_every_message_is_a_sentence(self) -> None:
        every = [
            (path.name, words)
            for folder in FOLDERS
            for path in (ROOT / folder).rglob("*.py")
            for words in messages(path)
            if " " in words
        ]
        broken = [
            (name, words) for name, words in nonempty(every) if not re.search(r"[.!?}]$", words)
        ]
        assert broken == []
