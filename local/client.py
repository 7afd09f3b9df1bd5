"""Posts recordings to a running server, as any caller would."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

import httpx

from local.stack import Running
from shared.permissions import RoleName
from shared.pipelines import Pipeline
from shared.upload import RecordingFile

# A day of ECG takes its time.
PATIENCE_S = 120


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
        pipeline: Pipeline,
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
        return self._answer(
            self.http.post(
                f"/api/{pipeline}/analyze",
                files=[("file", (file.name, file.content)) for file in files],
                data=dict(fields or {}),
                headers={"Idempotency-Key": idempotency_key} if idempotency_key else {},
            )
        )

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
