"""What the documents say is what the code does."""

import json
import re
from enum import StrEnum
from pathlib import Path

import asyncpg
import pytest
from httpx import ASGITransport, AsyncClient
from pydantic.fields import FieldInfo
from typer.testing import CliRunner

from functions.cardiology import service
from local.cli import app
from local.issuer import Issuer
from local.samples import cardiology
from local.samples.catalog import SAMPLES
from local.server import Server
from shared.model_settings import concerns
from shared.record import unmarked
from shared.settings import DatabasePool, MigrationSettings
from tests.conftest import Addresses, variables
from tests.deployments import lambdas, template
from tests.nonempty import nonempty
from tests.test_architecture import WINGS

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text()
SETTINGS = (ROOT / "docs" / "settings.md").read_text()
ARCHITECTURE = (ROOT / "docs" / "architecture.md").read_text()
RUNBOOK = (ROOT / "docs" / "deploy.md").read_text()
DOCUMENTS = [
    path
    for pattern in ("*.md", "docs/**/*.md", "functions/*/README.md", "migrations/README.md")
    for path in sorted(ROOT.glob(pattern))
]

# Read by local/ and by nothing that is deployed.
LAPTOP = {"MEDILENS_HOME"}


def default_words(field: FieldInfo) -> str:
    """How the page begins a default; it explains in its own words what no value stands for."""
    if field.is_required():
        return "required"
    if field.default is None or field.default == frozenset():
        return ""
    default = field.default.value if isinstance(field.default, StrEnum) else field.default
    return f"`{str(default).lower() if isinstance(default, bool) else default}`"


class TestSettings:
    def test_page_lists_exactly_the_settings_there_are(self) -> None:
        listed = re.findall(r"^\| `(MEDILENS_\w+)`", SETTINGS, re.MULTILINE)
        assert len(listed) == len(set(listed))
        assert set(listed) == variables() | LAPTOP

    def test_page_gives_the_defaults_there_are(self) -> None:
        rows = re.findall(r"^\| `(MEDILENS_\w+)` .* \| ([^|]+) \|$", SETTINGS, re.MULTILINE)
        fields = {
            f"MEDILENS_{name.upper()}": field
            for kind in concerns()
            for name, field in kind.model_fields.items()
        }
        given = {name: text for name, text in nonempty(rows) if name in fields}
        different = {
            name: (text, default_words(fields[name]))
            for name, text in given.items()
            if (expected := default_words(fields[name])) and not text.startswith(expected)
        }
        assert different == {}

    def test_example_names_only_settings_there_are(self) -> None:
        named = re.findall(r"^#?(MEDILENS_\w+)=", (ROOT / ".env.example").read_text(), re.MULTILINE)
        assert named
        assert set(named) <= variables() | LAPTOP


class TestArchitecture:
    def test_picture_of_shared_shows_every_wing_and_no_other(self) -> None:
        (picture,) = re.findall(r"```mermaid\nflowchart BT\n(.*?)```", ARCHITECTURE, re.DOTALL)
        shown = set(re.findall(r"^  (\w+)\[", picture, re.MULTILINE))
        assert shown - {"ground", "functions"} == set(WINGS)


class TestDecisions:
    @pytest.mark.parametrize(
        "page", sorted((ROOT / "docs" / "decisions").glob("0*.md")), ids=lambda path: path.stem
    )
    def test_each_has_status_date_and_alternatives_and_is_listed(self, page: Path) -> None:
        text = page.read_text()
        status = r"^\*(Accepted|Superseded by \d{4}), \d{4}-\d{2}-\d{2}\.\*$"
        assert re.search(status, text, re.MULTILINE)
        assert "**Alternatives.**" in text
        assert f"({page.name})" in (page.parent / "README.md").read_text()


class TestLinks:
    @pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
    def test_every_relative_link_leads_somewhere(self, document: Path) -> None:
        links = re.findall(r"\]\((?!https?:|#|mailto:)([^)#]+)", document.read_text())
        missing = [link for link in links if not (document.parent / link).exists()]
        assert missing == []

    def test_every_function_is_in_the_readme(self) -> None:
        functions = {path.parent.name for path in ROOT.glob("functions/*/app.py")}
        listed = set(re.findall(r"^\| \[(\w+)\]\(functions/", README, re.MULTILINE))
        missing = sorted(functions - listed)
        assert missing == [], f"README.md has no row for {', '.join(missing)}"
        assert listed == functions


class TestExample:
    def test_answer_of_the_readme_is_what_its_sample_gives(self) -> None:
        (text,) = re.findall(r"```json\n(.*?)```", README, re.DOTALL)
        answer = json.loads(text)
        (make,) = [make for name, _, make in cardiology.SAMPLES if name.startswith("premature")]
        findings = service.analyze(tuple(make()), service.EcgFields(sex="female"), unmarked)
        units = {name: entry.unit for name, entry in service.card().biomarkers.items()}
        measured = {entry.name: entry for entry in findings.biomarkers}

        for told in nonempty(answer["biomarkers"]):
            value = measured[told["name"]]
            limits = (value.range.low, value.range.high) if value.range else (None, None)
            assert told["value"] == pytest.approx(value.value, rel=0.02)
            assert told["unit"] == units[told["name"]]
            assert (told["normal_range_min"], told["normal_range_max"]) == limits
            assert told["source"] == (value.range.source if value.range else None)
        assert answer["warnings"][0] in findings.warnings
        rhythm = findings.result["rhythm_classification"]
        assert answer["result"]["rhythm_classification"] == rhythm


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


class TestRunbook:
    def test_lists_exactly_the_settings_there_are_and_who_sets_them(self) -> None:
        rows = dict(re.findall(r"^\| `(MEDILENS_\w+)` \| ([\w ]+?) \|", RUNBOOK, re.MULTILINE))
        functions = [*lambdas().values(), template()["Globals"]["Function"]]
        given = {name for function in functions for name in function["Environment"]["Variables"]}
        secret = variables(*(kind for kind in concerns() if kind.may_be_secret))

        assert rows.keys() == variables()
        assert {name for name, by in rows.items() if by == "template"} == given & rows.keys()
        assert {name for name, by in rows.items() if by.endswith("secret")} <= secret
        assert {name for name, by in rows.items() if by == "migration secret"} == variables(
            MigrationSettings
        )

    async def test_first_people_can_sign_in_and_have_a_recording_analyzed(
        self, configured: Addresses, issuer: Issuer, server: Server
    ) -> None:
        (statement,) = re.findall(r"```sql\n(.*?)```", RUNBOOK, re.DOTALL)
        people = ["user_of_the_token", "a_colleague"]
        connection = await asyncpg.connect(configured.owner)
        for person in [*people, people[0]]:
            await connection.execute(statement.replace("user_of_the_token", person))
        await connection.close()
        (file,) = SAMPLES[0].make()
        transport = ASGITransport(server, raise_app_exceptions=False)
        async with AsyncClient(transport=transport, base_url="http://test") as client:
            for person in people:
                token = issuer.issue(person, "org_of_the_token")
                answer = await client.post(
                    f"/api/{SAMPLES[0].pipeline}/analyze",
                    files={"file": (file.name, file.content)},
                    headers={"Authorization": f"Bearer {token}"},
                )
                assert answer.status_code == 201, answer.text
                outcome = await client.get(
                    "/api/records/assessments", headers={"Authorization": f"Bearer {token}"}
                )
        assert len(outcome.json()["items"]) == len(people)  # a colleague sees the clinic's

    async def test_first_people_with_a_role_that_does_not_exist_are_refused_by_its_name(
        self, configured: Addresses
    ) -> None:
        (statement,) = re.findall(r"```sql\n(.*?)```", RUNBOOK, re.DOTALL)
        wrong = statement.replace("'clinician'", "'doctor'").replace("org_of", "org_never_of")
        connection = await asyncpg.connect(configured.owner)
        with pytest.raises(asyncpg.RaiseError, match=r'no role "doctor".*clinician'):
            await connection.execute(wrong)
        await connection.close()

    def test_tells_both_platforms_how_connections_are_kept(self) -> None:
        parameter = template()["Parameters"]["DatabasePool"]
        for name in ("DatabasePool", "MEDILENS_DATABASE_POOL"):
            assert f"{name}=sandbox" in RUNBOOK

        assert set(parameter["AllowedValues"]) == set(DatabasePool)
        assert parameter["Default"] == DatabasePool.NONE

    def test_links_within_lead_to_a_heading(self) -> None:
        headings = {
            re.sub(r"[^\w\- ]", "", line).strip().replace(" ", "-").lower()
            for line in re.findall(r"^#+ (.*)$", RUNBOOK, re.MULTILINE)
        }
        assert set(re.findall(r"\]\(#([^)]+)\)", RUNBOOK)) <= headings

    def test_cors_of_an_own_bucket_is_that_of_the_stack(self) -> None:
        blocks = re.findall(r"```json\n(.*?)```", RUNBOOK, re.DOTALL)
        ((rule,),) = [read for block in blocks if isinstance(read := json.loads(block), list)]
        properties = template()["Resources"]["Uploads"]["Properties"]
        (stacks,) = properties["CorsConfiguration"]["CorsRules"]

        for name in ("AllowedMethods", "AllowedHeaders"):
            assert rule[name] == stacks[name]
