"""The parameters that a template declares, and the values that a deployment gives them."""

import re
from collections.abc import Mapping
from typing import Any

# Not given by anybody: it follows from what is deployed.
ID = "DeploymentId"


class WrongParameters(ValueError):
    """What was given is not what the template takes."""


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
