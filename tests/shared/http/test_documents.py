"""The OpenAPI document: every refusal of an operation, said once."""

from typing import Any

import pytest
from fastapi import APIRouter, Depends, UploadFile
from fastapi.security import HTTPBearer
from pydantic import BaseModel, ConfigDict

from shared.errors import Conflict, NotFound, Unavailable
from shared.http.documents import Application, meaning, refusals
from shared.schemas import Answer


class Note(BaseModel):
    words: str


class Shown(Answer):
    model_config = ConfigDict(json_schema_extra={"example": {"words": "a", "nothing": None}})

    words: str
    nothing: str | None


class Away(Unavailable):
    """The store that keeps
    recordings is away.

    Whoever reads this reads no more of it.
    """

    code = "away"


router = APIRouter()


@router.get("/open", response_model=None)
async def anybody(days: int = 1) -> int:
    return days


@router.get("/closed", dependencies=[Depends(HTTPBearer())], responses=refusals(NotFound, Away))
async def closed() -> Shown:
    return Shown(words="a", nothing=None)


@router.post("/note")
async def note(note: Note) -> str:
    return note.words


@router.post("/file", response_model=None)
async def file(file: UploadFile) -> None:
    await file.close()


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    app = Application(title="trial")
    app.include_router(router)
    return app.openapi()


def codes(document: dict[str, Any], method: str, path: str, status: int) -> set[str]:
    """The refusals that an operation answers with a status."""
    answer = document["paths"][path][method]["responses"][str(status)]
    return set(answer["content"]["application/problem+json"]["examples"])


class TestOperations:
    def test_token_brings_what_callers_are_refused_for(self, document: dict[str, Any]) -> None:
        assert codes(document, "get", "/closed", 401) == {"unauthenticated"}
        assert codes(document, "get", "/closed", 403) == {"forbidden"}
        assert not {"401", "403", "429"} & document["paths"]["/open"]["get"]["responses"].keys()

    def test_its_own_refusals_stand_beside_those_of_all(self, document: dict[str, Any]) -> None:
        assert codes(document, "get", "/closed", 404) == {"not-found"}
        assert {"away", "unavailable"} <= codes(document, "get", "/closed", 503)
        assert "away" not in codes(document, "get", "/open", 503)

    def test_body_may_be_too_large_and_of_another_type(self, document: dict[str, Any]) -> None:
        assert codes(document, "post", "/note", 413) == {"request-too-large"}
        assert codes(document, "post", "/note", 415) == {"unsupported-media-type"}
        assert "413" not in document["paths"]["/open"]["get"]["responses"]

    def test_file_may_be_larger(self, document: dict[str, Any]) -> None:
        assert codes(document, "post", "/file", 413) == {"request-too-large", "upload-too-large"}

    @pytest.mark.parametrize("path", ["/open", "/note", "/file"])
    def test_words_of_the_framework_are_replaced(self, document: dict[str, Any], path: str) -> None:
        (operation,) = document["paths"][path].values()
        assert "application/json" not in operation["responses"]["422"]["content"]
        assert (
            not {"HTTPValidationError", "ValidationError"}
            & document["components"]["schemas"].keys()
        )

    def test_statuses_are_in_order(self, document: dict[str, Any]) -> None:
        statuses = list(document["paths"]["/closed"]["get"]["responses"])
        assert statuses == sorted(statuses)


class TestExamples:
    def test_every_refusal_that_is_named_is_told(self, document: dict[str, Any]) -> None:
        named = {
            code
            for path, operations in document["paths"].items()
            for method, operation in operations.items()
            for status in operation["responses"]
            if int(status) >= 400
            for code in codes(document, method, path, int(status))
        }
        assert named == document["components"]["examples"].keys()

    def test_is_a_whole_problem(self, document: dict[str, Any]) -> None:
        value = document["components"]["examples"]["away"]["value"]
        assert value["type"] == "urn:medilens:problem:away"
        assert (value["status"], value["detail"]) == (
            503,
            "The store that keeps recordings is away.",
        )

    def test_null_of_an_answer_is_shown(self, document: dict[str, Any]) -> None:
        assert document["components"]["schemas"]["Shown"]["example"] == {
            "words": "a",
            "nothing": None,
        }


class TestRefusals:
    def test_of_one_status_are_told_together(self) -> None:
        answers = refusals(NotFound, Unavailable, Away)
        assert list(answers) == [404, 503]
        examples = answers[503]["content"]["application/problem+json"]["examples"]
        assert list(examples) == ["unavailable", "away"]
        assert answers[503]["description"] == "Service Unavailable"

    def test_application_that_speaks_otherwise_retells_the_whole(self) -> None:
        app = Application(title="trial")
        app.include_router(router)
        app.described_by(lambda document: document["components"].pop("examples"))
        assert "examples" not in app.openapi()["components"]
        assert app.openapi() is app.openapi()


class TestMeaning:
    def test_is_the_first_paragraph_on_one_line(self) -> None:
        assert meaning(Away) == "The store that keeps recordings is away."

    @pytest.mark.parametrize(
        ("words", "told"), [("Gone", "Gone."), ("Gone.", "Gone."), (None, None)]
    )
    def test_ends_in_a_full_stop(self, words: str | None, told: str | None) -> None:
        error = type("Error", (Conflict,), {"__doc__": words, "title": "In the way"})
        assert meaning(error) == (told or "In the way.")
