"""The parameters of one deployment to AWS, and the identifier that makes them reach what runs.

Behind its alias a function runs a published version, and CloudFormation publishes a new one only
where the version's name changes. The name has the first ten characters of `DeploymentId`, so the
identifier is a hash of all that a version depends on: every file that was built, the template
among them, and every parameter. The same artifacts with the same parameters change nothing.
"""

import json
import re
import sys
from collections.abc import Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Annotated, Any

import typer
import yaml

ROOT = Path(__file__).parent.parent
BUILT = ROOT / ".aws-sam" / "build"
PARAMETERS = ROOT / ".build" / "deployment.yaml"

ID = "DeploymentId"
DIGITS = 32


class WrongParameters(ValueError):
    """What was given is not what the template takes."""


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


def parameters_of(template: Mapping[str, Any], given: Mapping[str, str]) -> dict[str, str]:
    """Return a value for every parameter: the one given, or the template's own.

    One that is left out goes back to its default: CloudFormation would keep what an earlier
    deployment gave it.

    Raises
    ------
    WrongParameters
    """
    declared = {name: own for name, own in template["Parameters"].items() if name != ID}
    stated = {name: value for name, value in given.items() if value}
    unknown = sorted(given.keys() - declared.keys())
    if unknown:
        raise WrongParameters(
            f"template.yaml has no parameter {', '.join(unknown)}; it has"
            f" {', '.join(sorted(declared))}. Write Name=value."
        )
    values = {name: parameter.get("Default") for name, parameter in declared.items()} | stated
    missing = [name for name, value in values.items() if value is None]
    if missing:
        raise WrongParameters(f"{', '.join(missing)} must be given: Name=value.")
    return {name: str(value) for name, value in values.items()}


def from_variables(template: Mapping[str, Any], variables: Mapping[str, str]) -> dict[str, str]:
    """Pick the parameters among variables named as CI names them: TOKEN_ISSUER for TokenIssuer."""
    names = {
        re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).upper(): name
        for name in template["Parameters"]
        if name != ID
    }
    return {names[name]: value for name, value in variables.items() if name in names}


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
