"""What no field takes, in every field, parameter and header that any route declares."""

from typing import Any

import httpx

from local.prove.attacks import Finding, attack, judged
from local.prove.requests import INPUT
from local.prove.routes import Operation, fields_of_bodies, operations, takes_json
from local.prove.stand import Stand, had
from shared.permissions import RoleName

HOSTILE, HOSTILE_HEADER = "\0", "{}"
REFUSALS = (400, 401, 404, 406, 409, 412, 413, 415, 422)


@attack(
    38,
    expected="a refusal that fits, never a success and never 500",
    rules=INPUT,
)
async def hostile_fields(stand: Stand) -> Finding:
    """What no field takes, in every field, parameter and header that any route declares."""
    client = stand.ours.client(RoleName.ADMIN)
    had(await client.get("/api/accounts/me"))  # who is let in nowhere is refused for that alone
    answers = [await _hostile(client, operation) for operation in operations() if _takes(operation)]
    return Finding.of([judged(answer, *REFUSALS) for answer in answers])


def _takes(operation: Operation) -> bool:
    return bool(
        fields_of_bodies().get(str(operation)) or operation.named("query", "header")
    ) and not operation.path.startswith("/console")


async def _hostile(client: httpx.AsyncClient, operation: Operation) -> httpx.Response:
    """Name all that a route declares; a parameter of a query that is refused comes first."""
    names = dict.fromkeys(sorted(fields_of_bodies().get(str(operation), ())), HOSTILE)
    files = {"file": ("a.csv", b"a")} if "file" in names else None
    body: dict[str, Any] = {"json": names} if takes_json(operation) else {}
    if names and not body:
        names.pop("file", None)
        body = {"data": names, "files": files}
    return await client.request(
        operation.method,
        operation.path.format(**operation.nowhere()),
        params=dict.fromkeys(operation.named("query"), HOSTILE),
        headers=dict.fromkeys(operation.named("header"), HOSTILE_HEADER),
        **body,
    )
