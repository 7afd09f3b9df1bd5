"""What template.yaml and vercel.json say of every function."""

import json
import re
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

import yaml
from fastapi import FastAPI
from starlette.routing import Route

ROOT = Path(__file__).parent.parent

# Set for the functions by the platforms' own libraries.
NOT_OURS = {"POWERTOOLS_METRICS_NAMESPACE", "POWERTOOLS_SERVICE_NAME"}


class TemplateLoader(yaml.SafeLoader):
    """Reads the short forms of CloudFormation's functions: `!Ref Api` becomes {"Ref": "Api"}."""

    def short_form(self, suffix: str, node: yaml.Node) -> dict[str, Any]:
        name = suffix if suffix == "Ref" else f"Fn::{suffix}"
        match node:
            case yaml.SequenceNode():
                return {name: self.construct_sequence(node, deep=True)}
            case yaml.ScalarNode():
                return {name: self.construct_scalar(node)}
        raise TypeError(f"{suffix} takes a text or a list")


TemplateLoader.add_multi_constructor("!", TemplateLoader.short_form)


class Pieces(dict[str, Any]):
    """What a place consists of, by name; a piece that is not there is a failure in words."""

    def __init__(self, place: str, listed: dict[str, Any]) -> None:
        super().__init__(listed)
        self.place = place

    def __missing__(self, name: str) -> Any:
        raise AssertionError(f"{self.place} lacks {name}")


@cache
def template() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.load((ROOT / "template.yaml").read_text(), TemplateLoader)
    return loaded | {"Resources": Pieces("template.yaml", loaded["Resources"])}


@cache
def vercel() -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((ROOT / "vercel.json").read_text())
    return loaded | {"services": Pieces("vercel.json", loaded["services"])}


def resources(kind: str) -> Pieces:
    """The properties of each resource of a kind in the template."""
    listed = {
        name: Pieces(f"template.yaml: {name}", resource["Properties"])
        for name, resource in template()["Resources"].items()
        if resource["Type"] == kind
    }
    return Pieces("template.yaml", listed)


def lambdas() -> Pieces:
    """Each function of the template with its own properties over those of all."""
    common = template()["Globals"]["Function"]
    functions = {
        name: Pieces(properties.place, common | properties)
        for name, properties in resources("AWS::Serverless::Function").items()
    }
    return Pieces("template.yaml", functions)


def events(name: str, kind: str) -> list[dict[str, Any]]:
    outcome = lambdas()[name].get("Events", {}).values()
    return [event["Properties"] for event in outcome if event["Type"] == kind]


def service(name: str) -> dict[str, Any]:
    limits: dict[str, Any] = vercel()["services"][name]["functions"][f"functions/{name}/app.py"]
    return limits


# Whatever imports a function is an async test: Mangum looks for a running loop.
def application(name: str) -> FastAPI:
    app = import_module(f"functions.{name}.app").app
    assert isinstance(app, FastAPI)
    return app


def paths(name: str) -> set[str]:
    """Every path that the function answers, its parameters filled in."""
    app = application(name)
    pages = {route.path for route in app.routes if isinstance(route, Route)}
    outcome = {*app.openapi()["paths"], *pages}
    return {re.sub(r"\{[^}]+\}", "something", path) for path in outcome}


def matches(route: str, path: str) -> bool:
    """Whether API Gateway sends `path` to `route`: {proxy+} is one segment or more, never none."""
    pattern = re.escape(route).replace(re.escape("{proxy+}"), ".+")
    return re.fullmatch(pattern, path) is not None
