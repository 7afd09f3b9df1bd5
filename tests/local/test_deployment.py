"""The parameters of a deployment, as the command writes them."""

import json
from collections.abc import Mapping
from functools import partial
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner, Result

from local import deployment
from local.deployment import DIGITS, NothingBuilt, command, deployment_id, main
from local.template_parameters import ID

TEMPLATE = """
Parameters:
  TokenIssuer: {Type: String}
  BasePath: {Type: String, Default: api}
  DeploymentId: {Type: String}
Resources:
  Table: !Ref TokenIssuer
"""
ISSUER = "TokenIssuer=https://issuer.example.org/?a=b"


@pytest.fixture
def built(tmp_path: Path) -> Path:
    (tmp_path / "build" / "records").mkdir(parents=True)
    (tmp_path / "build" / "template.yaml").write_text(TEMPLATE)
    (tmp_path / "build" / "records" / "app.py").write_text("a = 1")
    return tmp_path / "build"


class TestIdentifier:
    @pytest.mark.parametrize(
        ("name", "content"), [("records/app.py", "a = 2"), ("records/new.py", ""), ("b/app.py", "")]
    )
    def test_another_file_makes_another(self, built: Path, name: str, content: str) -> None:
        before = deployment_id(built, {})
        (built / name).parent.mkdir(exist_ok=True)
        (built / name).write_text(content)
        assert deployment_id(built, {}) != before

    def test_name_of_a_file_counts(self, built: Path) -> None:
        before = deployment_id(built, {})
        (built / "records" / "app.py").rename(built / "records" / "worker.py")
        assert deployment_id(built, {}) != before

    @pytest.mark.parametrize(
        "parameters", [{"A": "1"}, {"A": "2"}, {"B": "1"}, {"A": "1", "B": ""}]
    )
    def test_other_parameters_make_another(
        self, built: Path, parameters: Mapping[str, str]
    ) -> None:
        assert deployment_id(built, parameters) != deployment_id(built, {})

    def test_the_same_deployment_keeps_its_own(self, built: Path) -> None:
        first = deployment_id(built, {"A": "1", "B": "2"})
        assert deployment_id(built, {"B": "2", "A": "1"}) == first
        assert len(first) == DIGITS


class TestMain:
    def test_file_has_every_parameter_and_the_identifier(self, built: Path, tmp_path: Path) -> None:
        target = tmp_path / "new" / "deployment.yaml"
        identifier = main([ISSUER], {"BASE_PATH": "v2"}, built=built, target=target)
        assert json.loads(target.read_text()) == {
            "TokenIssuer": ISSUER.partition("=")[2],
            "BasePath": "v2",
            ID: identifier,
        }

    def test_what_is_typed_comes_before_the_variables_of_ci(
        self, built: Path, tmp_path: Path
    ) -> None:
        target = tmp_path / "deployment.yaml"
        main([ISSUER, "BasePath=typed"], {"BASE_PATH": "of CI"}, built=built, target=target)
        assert json.loads(target.read_text())["BasePath"] == "typed"

    def test_nothing_built_is_told_with_what_to_do(self, tmp_path: Path) -> None:
        with pytest.raises(NothingBuilt, match="make build-for-aws first"):
            main([ISSUER], built=tmp_path, target=tmp_path / "deployment.yaml")


class TestCommand:
    def run(self, *words: str) -> Result:
        app = typer.Typer()
        app.command()(command)
        return CliRunner().invoke(app, words)

    @pytest.fixture(autouse=True)
    def places(self, built: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(deployment, "main", partial(main, built=built, target=built / "p"))
        monkeypatch.setattr(deployment, "ROOT", built)
        monkeypatch.setattr(deployment, "PARAMETERS", built / "p")

    def test_says_what_it_wrote_and_where(self) -> None:
        done = self.run(ISSUER, "--variables", '{"BASE_PATH": "v2"}')
        assert done.exit_code == 0
        assert done.output.endswith(" written to p\n")

    def test_missing_parameter_is_a_sentence(self) -> None:
        done = self.run()
        assert done.exit_code == 1
        assert "TokenIssuer must be given" in done.output
