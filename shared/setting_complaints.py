"""What is said of a setting that is missing or malformed: which, and the form it has to have."""

import os
from collections.abc import Iterable, Iterator
from typing import Any, get_args

from pydantic import AliasChoices, SecretStr, ValidationError
from pydantic.fields import FieldInfo


def complaints(fields: Iterable[FieldInfo], error: ValidationError) -> Iterator[str]:
    """Say of each setting that is missing or malformed what it has to be, a secret unquoted."""
    named = {name: field for field in fields for name in names(field)}
    for wrong in error.errors(include_url=False, include_context=False):
        if not wrong["loc"]:
            yield wrong["msg"].removeprefix("Value error, ") + "."
            continue
        name = str(wrong["loc"][0])
        state = _state(name, named[name], is_missing=wrong["type"] == "missing")
        yield f"{name} is {state}. It has to be {_form(named[name])}."


def _state(name: str, field: FieldInfo, *, is_missing: bool) -> str:
    if is_missing:
        return "not set"
    return "malformed" if _is_secret(field) else repr(os.environ[name].strip())


def names(field: FieldInfo) -> list[str]:
    """Return the variables that may hold a setting."""
    if isinstance(field.validation_alias, AliasChoices):
        return [str(choice) for choice in field.validation_alias.choices]
    return [str(field.alias)]


def _parts(annotation: Any) -> Iterator[Any]:
    """Take `Annotated[str, …] | None` apart, to the types and their metadata."""
    yield annotation
    for part in (*get_args(annotation), *getattr(annotation, "__metadata__", ())):
        yield from _parts(part)


def _form(field: FieldInfo) -> str:
    told = (getattr(part, "description", None) for part in _parts(field.annotation))
    return field.description or next((form for form in told if isinstance(form, str)), "")


def _is_secret(field: FieldInfo) -> bool:
    return any(part is SecretStr for part in _parts(field.annotation))
