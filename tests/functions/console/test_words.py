"""The catalog of words: every word is shown somewhere, and nothing shows a word that is missing."""

import re
from pathlib import Path

import tree_sitter_javascript
from tree_sitter import Language, Node, Parser

from functions.console.files import SITE
from tests.nonempty import nonempty

PARSER = Parser(Language(tree_sitter_javascript.language()))
MODULES = {
    path: path.read_text()
    for folder in (SITE, SITE / "pages", SITE / "recording")
    for path in sorted(folder.glob("*.js"))
    if path.name != "words.js"
}


def pairs_of(node: Node) -> dict[str, Node]:
    """What an object has, by its names."""
    pairs = dict[str, Node]()
    for pair in node.children:
        name, value = pair.child_by_field_name("key"), pair.child_by_field_name("value")
        if name is not None and value is not None:
            assert name.text is not None
            pairs[name.text.decode().strip('"')] = value
    return pairs


def catalog(path: Path = SITE / "words.js") -> dict[str, set[str]]:
    """Names of the words, by the page or the part that shows them."""
    module = PARSER.parse(path.read_bytes()).root_node
    declared = next(node for node in module.children if node.type == "export_statement")
    waiting = [declared]
    while (node := waiting.pop(0)).type != "object":
        waiting += node.children
    return {name: set(pairs_of(group)) or {"*"} for name, group in pairs_of(node).items()}


def shown() -> set[tuple[str, str]]:
    """What the modules show, each by its group and its name; `*` is whichever is asked for."""
    words = set[tuple[str, str]]()
    for source in MODULES.values():
        words |= set(re.findall(r"\bwords\.(\w+)\.(\w+)", source))
        words |= {(group, "*") for group in re.findall(r"\bwords\.(\w+)(?:\[|\)|})", source)}
        groups = set(re.findall(r"\btext = words\.(\w+);", source))
        named = set(re.findall(r"\btext\.(\w+)", source))
        words |= {(group, name) for group in groups for name in named}
        for names, group in re.findall(r"\{([\w, ]+)\} = words\.(\w+);", source):
            words |= {(group, name) for name in names.split(", ")}
    return words


def test_every_word_is_shown() -> None:
    used = shown()
    unused = [
        f"{group}.{name}"
        for group, names in nonempty(catalog().items())
        for name in nonempty(names)
        if not {(group, name), (group, "*")} & used
    ]
    assert unused == []


def test_nothing_is_shown_that_has_no_word() -> None:
    known = catalog()
    direct = {
        (group, name)
        for source in MODULES.values()
        for group, name in re.findall(r"\bwords\.(\w+)\.(\w+)", source)
    }
    missing = [pair for pair in nonempty(direct) if pair[1] not in known.get(pair[0], ())]
    assert missing == []
