"""The shapes of the API as TypeScript declares them, by which the console's modules are checked.

Made from the joined contract by `local.openapi`; nothing of it is served.
"""

import json
import re
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

METHODS = ("get", "post", "put", "patch", "delete")
JSON = "application/json"
SCHEMAS = "#/components/schemas/"
KINDS = {kind: kind for kind in ("number", "string", "boolean", "null")} | {"integer": "number"}
HEAD = """// The shapes of the API, made by `python -m local.openapi`: do not edit.
type Same<A, B> = [A] extends [B] ? ([B] extends [A] ? true : false) : false;
/** The route that a method and a path name; none where the API has no such route. */
type RouteOf<M, P> = Route extends infer R
  ? R extends {method: M; path: infer Q} ? (Same<P, Q> extends true ? R : never) : never
  : never;
type Answer<M, P> = RouteOf<M, P> extends {answer: infer A} ? A : never;
type Asked<M, P> = RouteOf<M, P> extends {query: infer Q} ? {[name in keyof Q]?: any} : never;
type Sent<M, P> = RouteOf<M, P> extends {body: infer B} ? {[name in keyof B]?: any} : never;
/** What a component is given: these, and whatever else the template says. */
type With<T> = T & Record<string, any>;
"""

type Schema = dict[str, Any]


def declarations(document: Schema) -> str:
    """Return the declarations of every shape and every route of a joined contract."""
    return "\n".join([HEAD, *_namespaces(document["components"]["schemas"]), *_routes(document)])


def _namespaces(schemas: Schema) -> Iterator[str]:
    by_function: dict[str, list[str]] = defaultdict(list)
    for name, schema in schemas.items():
        function, _, shape = name.partition(".")
        by_function[function].append(f"  type {shape} = {_type(schema)};")
    for function, shapes in by_function.items():
        yield "\n".join([f"declare namespace {function} {{", *shapes, "}"])


def _routes(document: Schema) -> Iterator[str]:
    yield "type Route ="
    for path, operations in document["paths"].items():
        for method in METHODS:
            if method in operations:
                yield f"  | {_route(method, path, operations[method])}"
    yield ";\n"


def _route(method: str, path: str, operation: Schema) -> str:
    place = re.sub(r"\{.*?\}", "${string}", path.removeprefix("/api/"))
    names = [
        parameter["name"]
        for parameter in operation.get("parameters", [])
        if parameter["in"] == "query"
    ]
    query = "; ".join(f"{json.dumps(name)}: any" for name in names)
    answers = [
        content
        for status, answer in operation["responses"].items()
        if status.startswith("2") and (content := answer.get("content"))
    ]
    return (
        f"{{method: {json.dumps(method.upper())}; path: `{place}`; query: {{{query}}};"
        f" body: {_content([operation.get('requestBody', {}).get('content', {})])};"
        f" answer: {_content(answers)}}}"
    )


def _content(contents: list[Schema]) -> str:
    kinds = [_type(content[JSON].get("schema", {})) for content in contents if JSON in content]
    return " | ".join(dict.fromkeys(kinds)) or "unknown"


def _type(schema: Schema) -> str:
    return " | ".join(dict.fromkeys(_kind(kind) for kind in schema.get("anyOf", [schema])))


def _kind(schema: Schema) -> str:
    if reference := schema.get("$ref"):
        return str(reference).removeprefix(SCHEMAS)
    if choices := schema.get("enum") or _constant(schema):
        return " | ".join(json.dumps(value) for value in choices)
    if schema.get("type") == "array":
        return f"Array<{_type(schema.get('items', {}))}>"
    if schema.get("type") == "object":
        return _object(schema)
    return KINDS.get(schema.get("type", ""), "any")


def _constant(schema: Schema) -> list[Any]:
    return [schema["const"]] if "const" in schema else []


def _object(schema: Schema) -> str:
    if "properties" not in schema:
        more = schema.get("additionalProperties")
        return f"Record<string, {_type(more) if isinstance(more, dict) else 'any'}>"
    needed = schema.get("required", [])
    parts = [
        f"{json.dumps(name)}{'' if name in needed else '?'}: {_type(kind)}"
        for name, kind in schema["properties"].items()
    ]
    return f"{{{'; '.join(parts)}}}"
