"""Which Lambda versions a deployment publishes, as the locked SAM translator says.

Reads from standard input a template and a list of sets of parameters, as JSON, and prints the
logical IDs of the versions under each set. CloudFormation makes a version when its ID is new.
"""

import json
import sys
from typing import Any

import boto3
from samtranslator.parser.parser import Parser
from samtranslator.translator.translator import Translator
from samtranslator.yaml_helper import yaml_parse

REGION = "eu-central-1"


def versions(template: str, parameters: dict[str, str]) -> list[str]:
    translator = Translator({}, Parser(), boto_session=boto3.Session(region_name=REGION))
    translated: dict[str, Any] = translator.translate(yaml_parse(template), parameters)
    return sorted(
        name
        for name, resource in translated["Resources"].items()
        if resource["Type"] == "AWS::Lambda::Version"
    )


if __name__ == "__main__":
    asked = json.load(sys.stdin)
    published = [versions(asked["template"], parameters) for parameters in asked["parameters"]]
    json.dump(published, sys.stdout)
