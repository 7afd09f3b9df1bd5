"""A function with a route for each thing that can go wrong."""

import io
import json
from collections.abc import AsyncIterator
from typing import Annotated, Any

from fastapi import APIRouter, Form, Query, UploadFile
from httpx import Response
from pydantic import BaseModel, ConfigDict

from shared.errors import Conflict, Unavailable
from shared.http.problems import PROBLEM

CANARY = "Ada-Lovelace-1815"
LIMIT = 2000
PROBLEM_FIELDS = {"type", "title", "status", "code", "detail", "instance"}
router = APIRouter()


class Note(BaseModel):
    model_config = ConfigDict(extra="forbid")

    heart_rate: float
    name: str = ""


@router.get("/fine")
async def fine() -> dict[str, str]:
    return {"answer": "fine"}


@router.post("/note")
async def note(note: Note) -> dict[str, float]:
    return {"heart_rate": note.heart_rate}


@router.post("/numbers")
async def numbers(numbers: list[int]) -> int:
    return len(numbers)


@router.post("/upload")
async def upload(file: UploadFile, age: Annotated[int, Form()]) -> dict[str, int]:
    return {"bytes": len(await file.read()), "age": age}


@router.get("/search")
async def search(days: Annotated[int, Query(ge=1)]) -> dict[str, int]:
    return {"days": days}


@router.get("/mistake")
async def mistake() -> None:
    raise KeyError(CANARY)


@router.get("/conflict")
async def conflict() -> None:
    raise Conflict("It is there already.")


@router.get("/away")
async def away() -> None:
    raise Unavailable("Not now.") from ConnectionRefusedError(CANARY)


def lines(log: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in log.getvalue().splitlines() if line.startswith("{")]


def problem_of(answer: Response, status: int, code: str) -> dict[str, Any]:
    """The answer's body, once it has the shape that every refusal has."""
    assert answer.headers["content-type"] == PROBLEM
    body: dict[str, Any] = answer.json()
    assert set(body) == PROBLEM_FIELDS
    assert (answer.status_code, body["status"], body["code"]) == (status, status, code)
    assert body["type"] == f"urn:medilens:problem:{code}"
    assert body["instance"] == answer.headers["x-request-id"]
    return body


async def chunks(size: int) -> AsyncIterator[bytes]:
    for _ in range(size // 100):
        yield b"x" * 100
