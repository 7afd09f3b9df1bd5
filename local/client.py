"""Posts recordings to a running server, as any caller would."""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import httpx
from pydantic import BaseModel, ValidationError

from functions.uploads.schemas import PartsSigned, SignedRequest, UploadCreated, UploadRead
from local.stack import Running
from local.trouble import Trouble
from shared.examination.file_types import ANY_TYPE, KEPT_SUFFIXES
from shared.permissions import RoleName
from shared.pipelines import PipelineName
from shared.record import Json
from shared.recording import RecordingFile
from shared.schemas import AssessmentRead, PipelineInfo, Problem
from shared.settings import ONE_MEGABYTE
from shared.vocabulary import UploadStatus

# A day of ECG takes its time.
PATIENCE_S = 120

# What every platform takes in a request (Vercel: 4.5 MB, Lambda: 6 MB as base64).
DIRECT_BYTES = 4 * ONE_MEGABYTE


class Refused(Trouble):
    """The server answered with a problem; the message is its detail."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.detail)
        self.problem = problem


@dataclass(frozen=True)
class Client:
    """One person's way to the server."""

    http: httpx.Client

    @classmethod
    @contextmanager
    def of(cls, running: Running, role: RoleName = RoleName.CLINICIAN) -> Iterator["Client"]:
        """Open a client that signs in as the demo person of a role."""
        headers = {"Authorization": f"Bearer {running.token(role)}"}
        with httpx.Client(base_url=running.url, headers=headers, timeout=PATIENCE_S) as http:
            yield cls(http)

    def info(self, pipeline: PipelineName) -> PipelineInfo:
        """Return what a pipeline reads and measures, and in which version.

        Raises
        ------
        Refused, UnknownAnswer
        """
        return _read(PipelineInfo, self.http.get(f"/api/{pipeline}/info"))

    def analyze(
        self,
        pipeline: PipelineName,
        files: Sequence[RecordingFile],
        *,
        fields: Mapping[str, str] | None = None,
        idempotency_key: str | None = None,
    ) -> AssessmentRead:
        """Return the assessment of one recording.

        Raises
        ------
        Refused, UnknownAnswer
        """
        form: dict[str, str | list[str]] = dict(fields or {})
        if sum(len(file.content) for file in files) > DIRECT_BYTES:
            subject_id = (fields or {}).get("subject_id")
            form["upload_id"] = [self.upload(file, subject_id=subject_id) for file in files]
            files = ()
        answer = self.http.post(
            f"/api/{pipeline}/analyze",
            files=[("file", (file.name, file.content)) for file in files],
            data=form,
            headers={"Idempotency-Key": idempotency_key} if idempotency_key else {},
        )
        return _read(AssessmentRead, answer)

    def upload(self, file: RecordingFile, *, subject_id: str | None = None) -> str:
        """Send a file to storage and return its `upload_id`.

        Of a large file that was interrupted, only the parts that are missing are sent.

        Raises
        ------
        Refused, UnknownAnswer
        """
        suffix = Path(file.name).suffix.lower()
        announced = {
            "content_type": ANY_TYPE,
            "size_bytes": len(file.content),
            "sha256": file.sha256,
            "suffix": suffix if suffix in KEPT_SUFFIXES else None,
            "subject_id": subject_id,
        }
        created = _read(UploadCreated, self.http.post("/api/uploads", json=announced))
        if len(file.content) > created.part_size_bytes:
            self._send_parts(created, file.content)
        else:
            _put(created.request, file.content)
        completed = self.http.post(f"/api/uploads/{created.upload_id}/complete")
        return str(_read(UploadRead, completed).upload_id)

    def _send_parts(self, created: UploadCreated, content: bytes) -> None:
        """Send the parts that are missing; of a complete file none is."""
        if created.status == UploadStatus.COMPLETE:
            return
        there = {part.number for part in created.parts}
        starts = range(0, len(content), created.part_size_bytes)
        for number, start in enumerate(starts, start=1):
            if number not in there:
                part = content[start : start + created.part_size_bytes]
                asked = {"parts": [{"number": number, "sha256": sha256(part).hexdigest()}]}
                signed = self.send(PartsSigned, f"/api/uploads/{created.upload_id}/parts", asked)
                _put(signed.parts[0].request, part)

    def fetch(self, path: str, **query: str) -> bytes:
        """Return the bytes of an answer.

        Raises
        ------
        Refused
        """
        return self.answer(path, **query).content

    def answer(self, path: str, **query: str) -> httpx.Response:
        """Return an answer whose status and headers matter too.

        Raises
        ------
        Refused
        """
        answer = self.http.get(path, params=query or None)
        if answer.is_error:
            raise Refused(problem_of(answer))
        return answer

    def read[Shape: BaseModel](self, shape: type[Shape], path: str, **query: str) -> Shape:
        """Return an answer in its shape.

        Raises
        ------
        Refused, UnknownAnswer
        """
        return _read(shape, self.http.get(path, params=query or None))

    def send[Shape: BaseModel](
        self, shape: type[Shape], path: str, body: Mapping[str, Json]
    ) -> Shape:
        """Return what is answered to a body of JSON, in its shape.

        Raises
        ------
        Refused, UnknownAnswer
        """
        return _read(shape, self.http.post(path, json=body))


def content_key(
    info: PipelineInfo, files: Sequence[RecordingFile], fields: Mapping[str, str]
) -> str:
    """Return the `Idempotency-Key` under which these files give one assessment, however often sent.

    Other content, another field or another version of the pipeline makes another key. A copy under
    another name is the same recording, except where the name is read too.
    """
    names = [file.name for file in files] if _reads_names(info, files) else []
    hashes = [file.sha256 for file in files]
    told = [info.pipeline, info.version, names, hashes, sorted(fields.items())]
    return sha256(json.dumps(told).encode()).hexdigest()


def _reads_names(info: PipelineInfo, files: Sequence[RecordingFile]) -> bool:
    """A header names its signal files, and a task log may be called after its task."""
    return len(files) > 1 or info.pipeline == PipelineName.COGNITIVE


def _put(request: SignedRequest, content: bytes) -> None:
    sent = httpx.request(
        request.method,
        request.url,
        headers=request.headers,
        content=content,
        timeout=PATIENCE_S,
    )
    if sent.is_error:
        raise Refused(problem_of(sent))


def _read[Shape: BaseModel](shape: type[Shape], answer: httpx.Response) -> Shape:
    if answer.is_error:
        raise Refused(problem_of(answer))
    try:
        return shape.model_validate_json(answer.content)
    except ValidationError as error:
        raise UnknownAnswer(answer.url) from error


def problem_of(answer: httpx.Response) -> Problem:
    """Whatever refuses, a store or a proxy too, is given as a problem."""
    try:
        return Problem.model_validate_json(answer.content)
    except ValidationError:
        status = answer.status_code
        phrase = httpx.codes.get_reason_phrase(status) or "Unknown status"
        return Problem(
            type="about:blank",
            title=phrase,
            status=status,
            code=phrase.lower().replace(" ", "-"),
            detail=f"{answer.url.netloc.decode()} answered {status} {phrase}.",
            instance="",
        )


class UnknownAnswer(Trouble):
    """The server's answer does not have the shape that this release knows."""

    def __init__(self, url: httpx.URL) -> None:
        super().__init__(
            f"{url.netloc.decode()} answered {url.path} in the shape of another release. Stop that"
            " server (Ctrl-C where it runs) and start it again from this checkout."
        )
