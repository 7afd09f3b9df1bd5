"""What a request calls its fields: a name that its route does not declare is refused by name."""

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from difflib import get_close_matches
from typing import Any, get_args, get_origin

from fastapi import Request
from fastapi.dependencies.models import Dependant
from fastapi.params import Form

from shared.errors import InvalidRequest
from shared.http.content_types import FORM_TYPES, JSON_TYPES, check_type

# What may be a misspelt field; anything else is told apart from it without being repeated, for it
# is the caller's own data.
PLAIN_NAME = re.compile(r"[a-z][a-z0-9_]{0,31}")
# So many mistakes are told; who makes more has more to look at than a list.
MAX_TOLD = 5


async def declared_names_only(request: Request) -> None:
    """Refuse query names, form fields and JSON keys that the route does not declare, or gets twice.

    Where a function tolerates names that it does not know (`app.state.tolerates`), they are passed
    over, and stand in `request.state.ignored`.

    Raises
    ------
    InvalidRequest, UnsupportedMediaType
    """
    declared = list(_flat(request.scope["route"].dependant))
    queries = [field for part in declared for field in part.query_params]
    names = [name for name, _ in request.query_params.multi_items()]
    tolerates = getattr(request.app.state, "tolerates", None)
    if tolerates and tolerates(request):
        known = {name for field in queries for name in _names_of(field)}
        request.state.ignored = {name for name in names if name not in known}
        names = [name for name in names if name in known]
    check_names(names, queries, "query")
    await _check_body(request, [field for part in declared for field in part.body_params])


async def _check_body(request: Request, parts: Sequence[Any]) -> None:
    if any(isinstance(field.field_info, Form) for field in parts):
        await check_type(request, FORM_TYPES)
        form = await request.form()
        check_names([name for name, _ in form.multi_items()], parts, "form")
    elif parts and (body := await request.body()):
        await check_type(request, JSON_TYPES)
        check_json(body)


def _flat(dependant: Dependant) -> Iterator[Dependant]:
    """A route and whatever it depends on."""
    yield dependant
    for part in dependant.dependencies:
        yield from _flat(part)


def check_names(sent: Iterable[str], fields: Sequence[Any], place: str) -> None:
    """Refuse names that no field has, and a second value of a field that takes one.

    Raises
    ------
    InvalidRequest
    """
    known = {name: field for field in fields for name in _names_of(field)}
    counts = Counter(sent)
    unknown = [name for name in counts if name not in known]
    if unknown:
        raise InvalidRequest(tell_unknown(unknown, known, place))
    twice = [name for name, count in counts.items() if count > 1 and not _is_list(known[name])]
    if twice:
        raise InvalidRequest(f"{', '.join(twice[:MAX_TOLD])}: sent more than once")


def tell_unknown(unknown: Sequence[str], known: Iterable[str], place: str) -> str:
    """Say which names are not known, what each may have meant, and how many more there are."""
    names = sorted(known)
    told = []
    for name in [name for name in unknown if PLAIN_NAME.fullmatch(name)][:MAX_TOLD]:
        meant = get_close_matches(name, names, n=1)
        told.append(f"{name}: unknown name" + (f", did you mean {meant[0]}?" if meant else ""))
    if more := len(unknown) - len(told):
        told.append(f"{more} {'more ' * bool(told)}unknown name{'s' * (more > 1)} in the {place}")
    if names:
        told.append(f"known here: {', '.join(names)}")
    return "; ".join(told)


def check_json(body: bytes) -> None:
    """Refuse a key that stands twice in an object, and numbers that are none.

    Raises
    ------
    InvalidRequest
    """
    try:
        json.loads(body, object_pairs_hook=_once, parse_constant=_no_number)
    except (ValueError, RecursionError):
        raise InvalidRequest("The body is not valid JSON.") from None


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    keys = dict(pairs)
    if len(keys) < len(pairs):
        raise InvalidRequest("A key of the JSON body occurs twice.")
    return keys


def _no_number(constant: str) -> None:
    raise InvalidRequest(f"{constant} is not a JSON number.")


def _names_of(field: Any) -> list[str]:
    """A model that collects query parameters declares its own fields."""
    annotation = field.field_info.annotation
    if hasattr(annotation, "model_fields"):
        return list(annotation.model_fields)
    return [field.alias]


def _is_list(field: Any) -> bool:
    annotation = field.field_info.annotation
    return any(get_origin(kind) is list for kind in (annotation, *get_args(annotation)))
