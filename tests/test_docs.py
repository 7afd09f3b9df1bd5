"""What the documents say is what the code does."""

import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from local.cli import app
from shared import settings

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text()
DOCUMENTS = [
    path
    for pattern in ("*.md", "docs/**/*.md", "functions/*/README.md", "migrations/README.md")
    for path in sorted(ROOT.glob(pattern))
]

# Read by local/ and by nothing that is deployed.
LAPTOP = {"MEDILENS_HOME"}


def settings_of_the_code() -> set[str]:
    kinds = settings.Settings.__subclasses__()
    return {f"MEDILENS_{name.upper()}" for kind in kinds for name in kind.model_fields}


class TestSettings:
    def test_readme_lists_exactly_the_settings_there_are(self) -> None:
        listed = set(re.findall(r"^\| `(MEDILENS_\w+)`", README, re.MULTILINE))
        assert listed == settings_of_the_code() | LAPTOP

    def test_example_names_only_settings_there_are(self) -> None:
        named = re.findall(r"^#?(MEDILENS_\w+)=", (ROOT / ".env.example").read_text(), re.MULTILINE)
        assert named
        assert set(named) <= settings_of_the_code() | LAPTOP


class TestLinks:
    @pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
    def test_every_relative_link_leads_somewhere(self, document: Path) -> None:
        links = re.findall(r"\]\((?!https?:|#|mailto:)([^)#]+)", document.read_text())
        missing = [link for link in links if not (document.parent / link).exists()]
        assert missing == []

    def test_every_function_is_in_the_readme(self) -> None:
        functions = {path.parent.name for path in ROOT.glob("functions/*/app.py")}
        listed = set(re.findall(r"^\| \[(\w+)\]\(functions/", README, re.MULTILINE))
        assert listed == functions


class TestCommand:
    def test_every_command_of_the_readme_is_one(self) -> None:
        used = set(re.findall(r"\./medilens (\w+)", README))
        known = {
            command.name or command.callback.__name__
            for command in app.registered_commands
            if command.callback
        } | {group.name for group in app.registered_groups}
        assert used
        assert used <= known

    def test_help_explains_each_command(self) -> None:
        answer = CliRunner().invoke(app, ["--help"])
        assert answer.exit_code == 0
        assert "analyze" in answer.output
