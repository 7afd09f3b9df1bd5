"""The parameters of one deployment to AWS, and the identifier that makes them reach what runs.

Behind its alias a function runs a published version, and CloudFormation publishes a new one only
where the version's name changes. The name has the first ten characters of `DeploymentId`, so the
identifier is a hash of all that a version depends on: every file that was built, the template
among them, and every parameter. The same artifacts with the same parameters change nothing.
"""

import json
import sys
from collections.abc import Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Annotated

import typer
import yaml

from local.template_parameters import ID, WrongParameters, from_variables, parameters_of

ROOT = Path(__file__).parent.parent
BUILT = ROOT / ".aws-sam" / "build"
PARAMETERS = ROOT / ".build" / "deployment.yaml"

DIGITS = 32


class NothingBuilt(FileNotFoundError):
    """There is no built template to deploy."""


class _Template(yaml.SafeLoader):
    """Reads a template whose short forms (`!Ref …`) are of no interest here."""


_Template.add_multi_constructor("!", lambda *_: None)


def deployment_id(built: Path, parameters: Mapping[str, str]) -> str:
    """Return the hash of a built folder and the parameters that it is deployed with."""
    digest = sha256(json.dumps(parameters, sort_keys=True).encode())
    for path in sorted(path for path in built.rglob("*") if path.is_file()):
        digest.update(f"\n{path.relative_to(built)}\n".encode())
        digest.update(sha256(path.read_bytes()).digest())
    return digest.hexdigest()[:DIGITS]


def main(
    given: Sequence[str],
    variables: Mapping[str, str] | None = None,
    *,
    built: Path = BUILT,
    target: Path = PARAMETERS,
) -> str:
    """Write the file for `sam deploy --parameter-overrides file://…` and return the identifier.

    It is JSON, which is YAML: `sam` knows files by the second name alone.

    Raises
    ------
    WrongParameters, NothingBuilt
    """
    place = built / "template.yaml"
    if not place.exists():
        raise NothingBuilt(f"{place} is not there: make build-for-aws first.")
    template = yaml.load(place.read_text(), _Template)  # noqa: S506  # a safe loader
    stated = from_variables(template, variables or {})
    stated |= {name: value for name, _, value in (pair.partition("=") for pair in given)}
    parameters = parameters_of(template, stated)
    identifier = deployment_id(built, parameters)
    target.parent.mkdir(exist_ok=True)
    target.write_text(json.dumps({**parameters, ID: identifier}, indent=2))
    return identifier


def command(
    parameters: Annotated[list[str] | None, typer.Argument(help="Name=value")] = None,
    variables: Annotated[str, typer.Option(help="CI's variables, as a JSON object")] = "{}",
) -> None:
    """Write the parameters of a deployment to AWS, with the identifier of what is deployed."""
    try:
        identifier = main(parameters or [], json.loads(variables))
    except (WrongParameters, NothingBuilt) as problem:
        sys.exit(str(problem))
    typer.echo(f"{identifier} written to {PARAMETERS.relative_to(ROOT)}")


if __name__ == "__main__":
    typer.run(command)
