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
from typing import Any

import yaml

ROOT = Path(__file__).parent.parent
BUILT = ROOT / ".aws-sam" / "build"
PARAMETERS = ROOT / ".build" / "deployment.json"

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


def parameters_of(template: Mapping[str, Any], given: Sequence[str]) -> dict[str, str]:
    """Read `Name=value` and compare the names with the template's.

    Raises
    ------
    WrongParameters
    """
    declared = template["Parameters"].keys() - {ID}
    pairs = [(name, value) for name, _, value in (one.partition("=") for one in given)]
    unknown = sorted({name for name, _ in pairs} - declared)
    if unknown:
        raise WrongParameters(
            f"template.yaml has no parameter {', '.join(unknown)}; it has"
            f" {', '.join(sorted(declared))}. Write Name=value."
        )
    return dict(pairs)


def main(given: Sequence[str], built: Path = BUILT, target: Path = PARAMETERS) -> str:
    """Write the file for `sam deploy --parameter-overrides file://…` and return the identifier.

    Raises
    ------
    WrongParameters, NothingBuilt
    """
    place = built / "template.yaml"
    if not place.exists():
        raise NothingBuilt(f"{place} is not there: make build-for-aws first.")
    parameters = parameters_of(yaml.load(place.read_text(), _Template), given)  # noqa: S506
    identifier = deployment_id(built, parameters)
    target.parent.mkdir(exist_ok=True)
    target.write_text(json.dumps({**parameters, ID: identifier}, indent=2))
    return identifier


if __name__ == "__main__":
    try:
        print(f"{main(sys.argv[1:])} written to {PARAMETERS.relative_to(ROOT)}")
    except (WrongParameters, NothingBuilt) as problem:
        sys.exit(str(problem))
