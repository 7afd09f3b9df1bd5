"""The API's documents: what is answered stands in them, with examples that keep their schemas."""

import asyncio
import json
from collections.abc import Iterator
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from functions.fhir.outcome import FHIR_JSON, is_fhir
from local.openapi import FOLDER, JOINED
from local.server import merged
from shared.http.problems import PROBLEM
from tests.access import documents
from tests.nonempty import nonempty

DOCUMENTS = asyncio.run(documents())
WHOLE = merged(DOCUMENTS)


def operations(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield f"{method.upper()} {path}", operation


def resolved(node: Any, document: dict[str, Any]) -> Any:
    """Follow a reference within the document."""
    while isinstance(node, dict) and "$ref" in node:
        target: Any = document
        for part in node["$ref"].removeprefix("#/").split("/"):
            target = target[part]
        node = target
    return node


OPERATIONS = dict(operations(WHOLE))


@pytest.mark.parametrize("name", OPERATIONS)
class TestOperations:
    def test_refusals_it_may_answer_have_an_example_each(self, name: str) -> None:
        operation = OPERATIONS[name]
        expected = {"405", "422", "500", "503"}
        expected |= {"401", "403"} if "security" in operation else set()
        expected |= {"400", "413", "415"} if "requestBody" in operation else set()
        assert expected <= operation["responses"].keys()
        for status, response in operation["responses"].items():
            if int(status) >= 400:
                if is_fhir(name.partition(" ")[2]):
                    check_outcomes(response["content"][FHIR_JSON])
                    continue
                for code, reference in response["content"][PROBLEM]["examples"].items():
                    value = resolved(reference, WHOLE)["value"]
                    assert (value["code"], value["status"]) == (code, int(status))

    def test_success_has_an_example_of_its_own_schema(self, name: str) -> None:
        for status, response in OPERATIONS[name]["responses"].items():
            if int(status) < 400:
                for content in response.get("content", {}).values():
                    check_example(content)

    def test_json_that_it_takes_has_an_example(self, name: str) -> None:
        body = OPERATIONS[name].get("requestBody", {"content": {}})["content"]
        if "application/json" in body:
            check_example(body["application/json"])


def check_outcomes(content: dict[str, Any]) -> None:
    for code, example in nonempty(content["examples"].items()):
        (issue,) = example["value"]["issue"]
        assert issue["details"]["coding"][0]["code"] == code


def check_example(content: dict[str, Any]) -> None:
    schema = resolved(content["schema"], WHOLE)
    example = content.get("example", schema.get("example"))
    assert example is not None, schema.get("title")
    whole = schema | {"components": WHOLE["components"]}
    mistakes = [error.message for error in Draft202012Validator(whole).iter_errors(example)]
    assert mistakes == []


def test_joined_document_holds_every_operation_and_every_reference_leads_somewhere() -> None:
    joined = json.loads((FOLDER / f"{JOINED}.json").read_text())
    matches = [name for document in DOCUMENTS.values() for name, _ in operations(document)]
    assert sorted(matches) == sorted(name for name, _ in operations(joined))
    references = [node["$ref"] for node in _nodes(joined) if "$ref" in node]
    assert references
    for reference in references:
        resolved({"$ref": reference}, joined)


def _nodes(node: Any) -> Iterator[dict[str, Any]]:
    if isinstance(node, dict):
        yield node
        node = list(node.values())
    for child in node if isinstance(node, list) else ():
        yield from _nodes(child)
