"""The shapes of the API as the console's modules are checked by them."""

from typing import Any

import pytest

from local.declarations import declarations


def of(schema: dict[str, Any]) -> str:
    """What a shape is declared as."""
    text = declarations({"components": {"schemas": {"records.It": schema}}, "paths": {}})
    return text.partition("  type It = ")[2].partition(";\n}")[0]


class TestShapes:
    @pytest.mark.parametrize(
        ("schema", "declared"),
        [
            ({"type": "string"}, "string"),
            ({"type": "integer"}, "number"),
            ({"type": "number"}, "number"),
            ({"type": "boolean"}, "boolean"),
            ({"enum": ["a", "b"]}, '"a" | "b"'),
            ({"const": False}, "false"),
            ({"anyOf": [{"type": "string"}, {"type": "null"}]}, "string | null"),
            ({"anyOf": [{"type": "integer"}, {"type": "number"}]}, "number"),
            ({"type": "array", "items": {"type": "string"}}, "Array<string>"),
            ({"type": "array"}, "Array<any>"),
            ({"$ref": "#/components/schemas/records.Other"}, "records.Other"),
            ({"type": "object"}, "Record<string, any>"),
            ({"type": "object", "additionalProperties": True}, "Record<string, any>"),
            (
                {"type": "object", "additionalProperties": {"type": "number"}},
                "Record<string, number>",
            ),
            ({}, "any"),
        ],
    )
    def test_each_kind(self, schema: dict[str, Any], declared: str) -> None:
        assert of(schema) == declared

    def test_name_that_may_be_absent_is_marked(self) -> None:
        properties = {"id": {"type": "string"}, "x-note": {"type": "string"}}
        schema = {"type": "object", "properties": properties, "required": ["id"]}
        assert of(schema) == '{"id": string; "x-note"?: string}'

    def test_functions_have_namespaces_of_their_own(self) -> None:
        schemas: dict[str, Any] = {"records.A": {}, "audit.A": {}, "records.B": {}}
        text = declarations({"components": {"schemas": schemas}, "paths": {}})
        assert "declare namespace records {\n  type A = any;\n  type B = any;\n}" in text
        assert text.count("declare namespace") == 2


class TestRoutes:
    def route(self, operation: dict[str, Any], path: str = "/api/records/a") -> str:
        document = {"components": {"schemas": {}}, "paths": {path: {"post": operation}}}
        (line,) = [it for it in declarations(document).splitlines() if it.startswith("  | {method")]
        return line

    def content(self, name: str) -> dict[str, Any]:
        reference = {"$ref": f"#/components/schemas/{name}"}
        return {"content": {"application/json": {"schema": reference}}}

    def test_they_are_alternatives_of_one_type(self) -> None:
        paths: dict[str, Any] = {
            f"/api/records/{name}": {"get": {"responses": {}}} for name in "ab"
        }
        text = declarations({"components": {"schemas": {}}, "paths": paths})
        listed = text.rpartition("type Route =\n")[2].splitlines()
        assert [line[:11] for line in listed] == ["  | {method", "  | {method", ";"]

    def test_answers_of_refusals_take_no_part(self) -> None:
        responses = {"201": self.content("records.A"), "404": self.content("records.Problem")}
        assert "answer: records.A}" in self.route({"responses": responses})

    def test_answers_of_two_shapes_are_either(self) -> None:
        responses = {"200": self.content("records.A"), "202": self.content("records.B")}
        assert "answer: records.A | records.B}" in self.route({"responses": responses})

    def test_answer_without_a_body_is_unknown(self) -> None:
        line = self.route({"responses": {"204": {}}})
        assert line.endswith("query: {}; body: unknown; answer: unknown}")

    def test_body_that_is_sent(self) -> None:
        operation = {"responses": {}, "requestBody": self.content("records.A")}
        assert "body: records.A;" in self.route(operation)

    def test_form_is_no_shape(self) -> None:
        body = {"content": {"multipart/form-data": {"schema": {"type": "object"}}}}
        assert "body: unknown;" in self.route({"responses": {}, "requestBody": body})

    def test_parameters_of_the_query_alone(self) -> None:
        parameters = [{"name": "limit", "in": "query"}, {"name": "If-Match", "in": "header"}]
        assert 'query: {"limit": any};' in self.route({"responses": {}, "parameters": parameters})

    def test_parameters_of_the_path_may_be_anything(self) -> None:
        line = self.route({"responses": {}}, "/api/records/{assessment_id}/notes/{number}")
        assert 'method: "POST"; path: `records/${string}/notes/${string}`' in line
