"""Posts recordings to a running server, as any caller would."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Any

import httpx

from local.stack import Running
from shared.examination.file_types import ANY_TYPE, KEPT_SUFFIXES
from shared.permissions import RoleName
from shared.pipelines import PipelineName
from shared.recording import RecordingFile
from shared.settings import ONE_MEGABYTE

# A day of ECG takes its time.
PATIENCE_S = 120

# What every platform takes in a request (Vercel: 4.5 MB, Lambda: 6 MB as base64).
DIRECT_BYTES = 4 * ONE_MEGABYTE


class Refused(RuntimeError):
    """The server answered with a problem; the message is its detail."""

    def __init__(self, problem: Mapping[str, Any]) -> None:
        super().__init__(str(problem.get("detail") or problem))
        self.problem = problem


@dataclass(frozen=True)
class Client:
    """One person's way to the server."""

    http: httpx.Client

    @classmethod
    def of(cls, running: Running, role: RoleName = RoleName.CLINICIAN) -> "Client":
        headers = {"Authorization": f"Bearer {running.token(role)}"}
        return cls(httpx.Client(base_url=running.url, headers=headers, timeout=PATIENCE_S))

    def analyze(
        self,
        pipeline: PipelineName,
        files: Sequence[RecordingFile],
        *,
        fields: Mapping[str, str] | None = None,
        idempotency_key: str | None = None,
    ) -> dict[str, Any]:
        """Return the assessment of one recording.

        Raises
        ------
        Refused
        """
        form: dict[str, Any] = dict(fields or {})
        if sum(len(file.content) for file in files) > DIRECT_BYTES:
            subject_id = form.get("subject_id")
            form["upload_id"] = [self.upload(file, subject_id=subject_id) for file in files]
            files = ()
        return self._answer(
            self.http.post(
                f"/api/{pipeline}/analyze",
                files=[("file", (file.name, file.content)) for file in files],
                data=form,
                headers={"Idempotency-Key": idempotency_key} if idempotency_key else {},
            )
        )

    def upload(self, file: RecordingFile, *, subject_id: str | None = None) -> str:
        """Send a file to storage and return its `upload_id`.

        Raises
        ------
        Refused
        """
        suffix = Path(file.name).suffix.lower()
        announced = {
            "content_type": ANY_TYPE,
            "size_bytes": len(file.content),
            "sha256": file.sha256,
            "suffix": suffix if suffix in KEPT_SUFFIXES else None,
            "subject_id": subject_id,
        }
        created = self._answer(self.http.post("/api/uploads", json=announced))
        request = created["request"]
        httpx.request(
            request["method"],
            request["url"],
            headers=request["headers"],
            content=file.content,
            timeout=PATIENCE_S,
        ).raise_for_status()
        completed = self._answer(self.http.post(f"/api/uploads/{created['upload_id']}/complete"))
        return str(completed["upload_id"])

    def picture(self, href: str) -> bytes:
        answer = self.http.get(href)
        answer.raise_for_status()
        return answer.content

    @staticmethod
    def _answer(response: httpx.Response) -> dict[str, Any]:
        body: dict[str, Any] = response.json()
        if response.status_code >= HTTPStatus.BAD_REQUEST:
            raise Refused(body)
        return body
