"""Every route of every function as its OpenAPI document describes it, and a harmless request of it.

What a route is asked with names nothing that is there: a random record, an empty body.
"""

import json
from dataclasses import dataclass
from functools import cache
from typing import Any
from uuid import UUID, uuid4

from httpx import AsyncClient, Response

from local.home import ROOT

DOCUMENT = ROOT / "docs" / "openapi" / "medilens.json"
ACCESS_PAGE = ROOT / "docs" / "access.md"
SERVED = "yes"

# What stands for a parameter that names no record.
WORDS = {
    "name": "heart_rate",
    "job": "partitions",
    "kind": "research",
    "role": "clinician",
    "part": "0000000000000000000000010-heart-rate",
    "entry": "1795870000000000-4711",
    "device": "cardiology-0.0.0",
    "group": "research",
    "number": "0",
}
WEBHOOK = "/api/accounts/webhooks/{webhook_id}"
# What a route insists on before it looks for the record that its path names.
BODIES: dict[str, dict[str, Any]] = {
    "POST /api/assistant/threads/{thread_id}/messages": {"text": "What was measured?"},
    "POST /api/audit/questions/{question_id}/answer": {"answer": "a test"},
    "POST /api/accounts/people/{person_id}/consents": {"kind": "research", "text_version": "1"},
    "POST /api/accounts/people/{person_id}/holds": {"reason": "a claim"},
    "POST /api/accounts/people/{person_id}/erasure": {},
    "POST /api/accounts/patients/{person_id}/care-team": {
        "clinician_id": "0199b0f4-5c10-7d4c-9b21-0a1f2e3d4c5b"
    },
    "POST /api/accounts/break-glass/{grant_id}/review": {"is_justified": True},
    f"PATCH {WEBHOOK}": {"description": "a test"},
    "POST /api/accounts/members/{person_id}/roles": {"role": "clinician", "reason": "a test"},
    "POST /api/accounts/members/{person_id}/roles/{role}/revoke": {"reason": "a test"},
    "POST /api/uploads/{upload_id}/parts": {"parts": [{"number": 1, "sha256": "0" * 64}]},
}
# What takes a form without files, and what it insists on.
FORMS: dict[str, dict[str, str]] = {"POST /api/fhir/Patient/_search": {"identifier": "urn:mrn|1"}}
# Fields that a pipeline insists on.
FIELDS = {"speech": {"task": "sustained_vowel"}}
WRITING = {"POST", "PATCH", "PUT"}


@dataclass(frozen=True)
class Operation:
    """One operation of one function, as its OpenAPI document describes it."""

    function: str
    method: str
    path: str
    parameters: tuple[tuple[str, str], ...]

    def __str__(self) -> str:
        return f"{self.method} {self.path}"

    @property
    def ids(self) -> list[str]:
        """The path's parameters that name a record."""
        return [name for name, place in self.parameters if place == "path" and name not in WORDS]

    @property
    def is_safe(self) -> bool:
        """Whether it changes nothing and starts nothing."""
        return self.method == "GET" and "export" not in self.path

    def named(self, *places: str) -> list[str]:
        """The parameters of these places, such as `query`."""
        return [name for name, place in self.parameters if place in places]

    def nowhere(self) -> dict[str, str]:
        """A value for each parameter of the path, none of which names a record that is there."""
        return WORDS | {name: str(uuid4()) for name in self.ids}

    async def ask(self, client: AsyncClient, record: UUID, **query: Any) -> Response:
        path = self.path.format(**WORDS, **dict.fromkeys(self.ids, record))
        body: dict[str, Any] = {}
        if self.path.endswith("/analyze"):
            fields = FIELDS.get(self.function, {}) | query
            body = {"files": {"file": ("recording.csv", b"not a recording")}, "data": fields}
        elif str(self) in FORMS:
            body = {"data": FORMS[str(self)]}
        elif self.method in WRITING:
            body = {"json": BODIES.get(str(self), {})}
        params = query if self.method == "GET" else {}
        return await client.request(self.method, path, params=params, **body)


@cache
def document() -> dict[str, Any]:
    """The OpenAPI document of all functions together."""
    told: dict[str, Any] = json.loads(DOCUMENT.read_text(encoding="utf-8"))
    return told


@cache
def operations() -> tuple[Operation, ...]:
    """Every operation of every function."""
    return tuple(
        Operation(
            path.split("/")[2],
            method.upper(),
            path,
            tuple((told["name"], told["in"]) for told in operation.get("parameters", ())),
        )
        for path, methods in document()["paths"].items()
        for method, operation in methods.items()
    )


@cache
def documented() -> dict[str, dict[str, str]]:
    """What docs/access.md says that everybody is answered: by route, then by who asks."""
    lines = ACCESS_PAGE.read_text(encoding="utf-8").splitlines()
    rows = [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in lines
        if line.startswith("| ")
    ]
    head, *others = rows
    return {
        row[0].strip("`"): dict(zip(head, row, strict=True))
        for row in others
        if len(row) == len(head) and row[0].startswith("`")
    }


@cache
def fields_of_bodies() -> dict[str, frozenset[str]]:
    """The names that each operation's body declares, by operation; none where it has no body."""
    schemas = document()["components"]["schemas"]
    return {
        f"{method.upper()} {path}": frozenset(_properties(operation, schemas))
        for path, methods in document()["paths"].items()
        for method, operation in methods.items()
        if "requestBody" in operation
    }


def takes_json(operation: Operation) -> bool:
    """Whether a body of JSON is read."""
    told = document()["paths"][operation.path][operation.method.lower()]
    return "application/json" in told.get("requestBody", {}).get("content", {})


def _properties(operation: dict[str, Any], schemas: dict[str, Any]) -> set[str]:
    names: set[str] = set()
    for content in operation["requestBody"]["content"].values():
        schema = content.get("schema", {})
        name = schema.get("$ref", "").rpartition("/")[2]
        names |= set(schemas.get(name, schema).get("properties", {}))
    return names
