"""What no attack touches: routes, roles, scopes, fields, parameters, headers and claims."""

import re
from collections.abc import Iterable, Iterator
from fnmatch import fnmatchcase
from functools import cache
from inspect import getsource

from local.prove.exchanges import Exchange
from local.prove.routes import Operation, fields_of_bodies, operations
from local.prove.stand import NOBODY
from shared.http import auth, tokens
from shared.permissions import Permission, RoleName

PARAMETER = re.compile(r"\{[^}]+\}")
# How the functions read a claim of a token.
READ_CLAIM = re.compile(r'claims(?:\.get\(|\[)"(\w+)"')
# Headers that the functions read beside those that the OpenAPI document names.
READ_HEADERS = frozenset(
    {
        *("authorization", "content-type", "content-encoding", "cookie", "forwarded", "host"),
        *("origin", "user-agent", "x-forwarded-for", "x-request-id"),
        *("webhook-id", "webhook-timestamp", "webhook-signature"),
    }
)


def untouched(exchanges: Iterable[Exchange]) -> dict[str, list[str]]:
    """Name by kind what the functions take and no request has named."""
    sent: dict[str, list[Exchange]] = {}
    exchanges = list(exchanges)
    for exchange in exchanges:
        operation = operation_of(exchange.method, exchange.path)
        if operation:
            sent.setdefault(str(operation), []).append(exchange)
    return {
        "routes": sorted({str(operation) for operation in operations()} - set(sent)),
        "roles": _without(exchanges, RoleName, "{} of ours") + _nobody(exchanges),
        "scopes of keys": _without(exchanges, Permission, "a key for {}"),
        "fields": sorted(_fields(sent)),
        "parameters of queries": sorted(_queries(sent)),
        "headers": sorted(_headers() - {name for sent in exchanges for name in sent.headers}),
        "claims": sorted(read_claims() - _varied(exchanges)),
    }


def read_claims() -> set[str]:
    """The claims that the functions read: those of every token, and those that the code names."""
    source = "".join(getsource(module) for module in (auth, tokens))
    return {*tokens.REQUIRED_CLAIMS, "nbf", *READ_CLAIM.findall(source)}


def _varied(exchanges: Iterable[Exchange]) -> set[str]:
    """The claims that tokens did not all tell alike."""
    told = [set(exchange.claims) for exchange in exchanges if exchange.claims]
    alike = set.intersection(*told) if told else set()
    return {name for name, _ in set().union(*told) - alike}


@cache
def operation_of(method: str, path: str) -> Operation | None:
    """The operation that a request meets; of several the one with the fewest parameters."""
    fitting = [
        operation
        for operation in operations()
        if operation.method == method and _fits(path, operation.path)
    ]
    return min(fitting, key=lambda operation: operation.path.count("{"), default=None)


def _fits(path: str, written: str) -> bool:
    pattern = PARAMETER.sub("*", written)
    return path.count("/") == written.count("/") and fnmatchcase(path, pattern)


def _without(exchanges: Iterable[Exchange], names: Iterable[str], who: str) -> list[str]:
    asked = {exchange.who for exchange in exchanges}
    return [str(name) for name in names if who.format(name) not in asked]


def _nobody(exchanges: Iterable[Exchange]) -> list[str]:
    return [] if any(exchange.who == NOBODY for exchange in exchanges) else [NOBODY]


def _fields(sent: dict[str, list[Exchange]]) -> Iterator[str]:
    for operation, declared in fields_of_bodies().items():
        named = {name for exchange in sent.get(operation, ()) for name in exchange.fields}
        yield from (f"{name} of {operation}" for name in declared - named)


def _queries(sent: dict[str, list[Exchange]]) -> Iterator[str]:
    for operation in operations():
        named = {name for exchange in sent.get(str(operation), ()) for name in exchange.query}
        declared = {name for name, place in operation.parameters if place == "query"}
        yield from (f"{name} of {operation}" for name in declared - named)


def _headers() -> set[str]:
    """Those that any operation declares, and those that are read for all."""
    declared = {
        name.lower()
        for operation in operations()
        for name, place in operation.parameters
        if place == "header"
    }
    return declared | READ_HEADERS
