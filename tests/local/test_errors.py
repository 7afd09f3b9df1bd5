"""The list of refusals: a code a line, in the order of statuses."""

import re
from http import HTTPStatus

import pytest

from local import errors
from local.errors import STAGE_CODES, page
from shared.errors import MediLensError


@pytest.fixture
def kinds(monkeypatch: pytest.MonkeyPatch) -> dict[str, list[type[MediLensError]]]:
    """Refusals of a test, in the place of those that there are."""
    told: dict[str, list[type[MediLensError]]] = {}
    monkeypatch.setattr(errors, "refusals", lambda: told)
    return told


def kind(words: str, module: str, status: int, code: str) -> type[MediLensError]:
    told = {"__doc__": words, "__module__": module, "status": HTTPStatus(status), "code": code}
    return type("Refusal", (MediLensError,), told)


def rows() -> list[str]:
    return re.findall(r"^\| \d.*$", page(), re.MULTILINE)


def test_refusals_are_ordered_by_status_and_code(
    kinds: dict[str, list[type[MediLensError]]],
) -> None:
    for status, code in ((404, "zoo"), (422, "absent"), (404, "ark")):
        kinds[code] = [kind("It is so.", "shared.errors", status, code)]
    assert [row.split("`")[1] for row in rows()] == ["ark", "zoo", "absent"]


def test_functions_that_share_a_code_and_its_words_have_a_line(
    kinds: dict[str, list[type[MediLensError]]],
) -> None:
    modules = ("functions.records.a", "functions.audit.b", "functions.audit.c")
    kinds["gone"] = [kind("It is gone.", module, 410, "gone") for module in modules]
    assert rows() == ["| 410 | `gone` | It is gone. | audit, records |"]


def test_other_words_of_one_code_are_both_told(
    kinds: dict[str, list[type[MediLensError]]],
) -> None:
    kinds["gone"] = [
        kind(words, "shared.errors", 410, "gone") for words in ("It is gone.", "It was here.")
    ]
    assert rows() == ["| 410 | `gone` | It is gone. / It was here. | every function |"]


@pytest.mark.usefixtures("kinds")
def test_what_ends_an_analysis_without_a_refusal_is_listed_apart() -> None:
    assert rows() == []
    for code in ("analysis-abandoned", "analysis-crashed"):
        assert f"| `{code}` | {STAGE_CODES[code]} |" in page().partition("## Codes of failed")[2]
