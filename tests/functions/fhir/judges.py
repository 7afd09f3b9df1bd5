"""What holds a resource against FHIR R4, without a network: two validators and rules of our own.

The definitions are those of the R4 specification (CC0) for the types that leave here, with the data
types and value sets they are bound to, without texts and mappings. No official validator has been
run on what leaves here: it is in no registry that tests may need.
"""

import atexit
import contextlib
import gzip
import io
import json
import shutil
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import fhirkit
from lark.exceptions import LarkError
from pyfhircheck import Validator
from pyfhircheck.config import ValidatorConfig
from ucumvert import get_ucum_parser

from functions.fhir.bundles import references
from functions.fhir.codes import LOINC, UCUM, check_digit_is_right

DEFINITIONS = Path(__file__).with_name("definitions.json.gz")


@cache
def validator() -> Validator:
    folder = Path(mkdtemp(prefix="definitions"))
    atexit.register(shutil.rmtree, folder)
    for number, definition in enumerate(json.loads(gzip.decompress(DEFINITIONS.read_bytes()))):
        (folder / f"{number}.json").write_text(json.dumps(definition))
    return Validator(
        ValidatorConfig(
            local_package_paths=[str(folder)],
            package_cache_dir=str(folder / "cache"),
            evidence_output_dir=str(folder / "evidence"),
        )
    )


def complaints(resource: Any) -> list[str]:
    """Return everything that any judge calls an error."""
    with contextlib.redirect_stdout(io.StringIO()):  # one of them prints as it goes
        report = validator().validate_resource(resource)
    return [
        *(f"pyfhircheck {issue.code}: {issue.message}" for issue in report.errors),
        *(f"fhirkit {issue}" for issue in fhirkit.validate(resource) if issue.severity == "error"),
        *own_complaints(resource),
    ]


def own_complaints(resource: Any) -> Iterator[str]:
    """Yield what neither validator knows: units, check digits, references that lead nowhere."""
    for node in nodes(resource):
        if node.get("system") == UCUM and not is_unit(node.get("code", "")):
            yield f"no unit of UCUM: {node.get('code')}"
        if node.get("system") == LOINC and not is_loinc(node.get("code", "")):
            yield f"no code of LOINC: {node.get('code')}"
    if resource["resourceType"] == "Bundle" and resource["type"] in {"document", "transaction"}:
        inside = {entry["fullUrl"] for entry in resource["entry"] if "resource" in entry}
        for reference in references(resource):
            is_there = any(url == reference or url.endswith(f"/{reference}") for url in inside)
            if not is_there:
                yield f"leads nowhere: {reference}"


def is_loinc(code: str) -> bool:
    return code.replace("-", "").isdigit() and check_digit_is_right(code)


@cache
def is_unit(code: str) -> bool:
    try:
        _parser().parse(code)
    except LarkError:
        return False
    return True


@cache
def _parser() -> Any:
    return get_ucum_parser()


def nodes(node: Any) -> Iterator[dict[str, Any]]:
    if isinstance(node, dict):
        yield node
        node = list(node.values())
    for child in node if isinstance(node, list) else ():
        yield from nodes(child)
