"""What a caller makes of answers, good ones and those of stores, proxies and older releases."""

from collections.abc import Callable
from hashlib import sha256
from typing import Any

import httpx
import pytest

from functions.uploads.schemas import SIGNED, UPLOAD
from local import client as client_module
from local.client import DIRECT_BYTES, Client, Refused, UnknownAnswer
from shared import examples
from shared.pipelines import PipelineName
from shared.recording import RecordingFile
from shared.schemas import PipelineInfo

type Answer = Callable[[httpx.Request], httpx.Response]

PROBLEM = {
    "type": "urn:medilens:problem:not-found",
    "title": "Not found",
    "status": 404,
    "code": "not-found",
    "detail": "There is no such pipeline.",
    "instance": "r-1",
}
CONTENT = bytes(range(10))


def asking(answer: Answer) -> Client:
    transport = httpx.MockTransport(answer)
    return Client(httpx.Client(base_url="http://medilens.test:8000", transport=transport))


def always(status: int = 200, **told: Any) -> Answer:
    return lambda _: httpx.Response(status, **told)


class TestAnswers:
    def test_answer_of_this_release_is_read(self) -> None:
        info = asking(always(json=examples.PIPELINE)).info(PipelineName.CARDIOLOGY)
        assert info == PipelineInfo.model_validate(examples.PIPELINE)

    def test_problem_is_told_by_its_detail(self) -> None:
        with pytest.raises(Refused, match="There is no such pipeline") as refusal:
            asking(always(404, json=PROBLEM)).info(PipelineName.CARDIOLOGY)
        assert refusal.value.problem.code == "not-found"

    @pytest.mark.parametrize("body", ["<html>Bad gateway</html>", "", "{}", "[]"])
    def test_refusal_of_a_proxy_is_a_problem_too(self, body: str) -> None:
        with pytest.raises(Refused, match=":8000 answered 502 Bad Gateway") as refusal:
            asking(always(502, text=body)).fetch("/anything")
        assert refusal.value.problem.code == "bad-gateway"

    def test_status_that_no_standard_knows_is_told_too(self) -> None:
        with pytest.raises(Refused, match=":8000 answered 520 Unknown status"):
            asking(always(520)).fetch("/anything")

    @pytest.mark.parametrize("body", ["{}", "[]", "no JSON", '{"pipeline": 1}'])
    def test_answer_of_another_release_is_told_as_such(self, body: str) -> None:
        with pytest.raises(UnknownAnswer, match="/api/cardiology/info in the shape of another"):
            asking(always(text=body)).info(PipelineName.CARDIOLOGY)

    def test_question_goes_with_the_path(self) -> None:
        told = asking(lambda request: httpx.Response(200, text=str(request.url)))
        assert told.fetch("/a", role="own").endswith(b"/a?role=own")
        assert told.fetch("/a").endswith(b"/a")

    def test_status_and_headers_of_an_answer_are_there(self) -> None:
        answer = asking(always(202, headers={"Location": "/later"})).answer("/a")
        assert (answer.status_code, answer.headers["location"]) == (202, "/later")


class TestAnalyze:
    """Small recordings go with the request; larger ones go to storage first."""

    @pytest.fixture
    def sent(self) -> list[httpx.Request]:
        return []

    @pytest.fixture
    def caller(self, sent: list[httpx.Request], monkeypatch: pytest.MonkeyPatch) -> Client:
        def answer(request: httpx.Request) -> httpx.Response:
            sent.append(request)
            return httpx.Response(201, json=examples.WHOLE)

        uploaded = [f"stored {number}" for number in range(9)]
        monkeypatch.setattr(Client, "upload", lambda *_, **__: uploaded.pop(0))
        return asking(answer)

    def test_recording_at_the_limit_goes_with_the_request(
        self, caller: Client, sent: list[httpx.Request]
    ) -> None:
        files = [RecordingFile("a.hea", b"ab"), RecordingFile("a.dat", bytes(DIRECT_BYTES - 2))]
        caller.analyze(PipelineName.CARDIOLOGY, files, fields={"sex": "female"})
        body = sent[0].read()
        assert body.count(b"filename=") == 2
        assert b'name="sex"\r\n\r\nfemale' in body
        assert b"upload_id" not in body

    def test_recording_beyond_it_is_named_by_its_uploads_in_order(
        self, caller: Client, sent: list[httpx.Request]
    ) -> None:
        files = [RecordingFile("a.hea", b"abc"), RecordingFile("a.dat", bytes(DIRECT_BYTES - 2))]
        caller.analyze(PipelineName.CARDIOLOGY, files)
        form = httpx.QueryParams(sent[0].read().decode())
        assert form.get_list("upload_id") == ["stored 0", "stored 1"]

    @pytest.mark.parametrize("key", ["k1", None])
    def test_key_goes_in_its_header(
        self, caller: Client, sent: list[httpx.Request], key: str | None
    ) -> None:
        file = RecordingFile("a.csv", b"1")
        caller.analyze(PipelineName.CARDIOLOGY, [file], idempotency_key=key)
        assert sent[0].headers.get("idempotency-key") == key


class TestUpload:
    """A file is announced, sent as the store wants it, and completed."""

    @pytest.fixture
    def put(self, monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
        """What was sent to the store."""
        contents: list[bytes] = []
        monkeypatch.setattr(client_module, "_put", lambda _, content: contents.append(content))
        return contents

    def storing(self, **created: Any) -> Client:
        """A deployment whose store takes parts of four bytes."""

        def answer(request: httpx.Request) -> httpx.Response:
            if request.url.path.endswith("/complete"):
                return httpx.Response(200, json={**UPLOAD, "status": "complete"})
            if request.url.path.endswith("/parts"):
                return httpx.Response(200, json={"parts": [{"number": 1, "request": SIGNED}]})
            told = {**UPLOAD, "part_size_bytes": 4, "request": SIGNED, **created}
            return httpx.Response(201, json=told)

        return asking(answer)

    def test_file_of_one_part_is_put_whole(self, put: list[bytes]) -> None:
        key = self.storing(part_size_bytes=len(CONTENT)).upload(RecordingFile("a.dat", CONTENT))
        assert key == UPLOAD["upload_id"]
        assert put == [CONTENT]

    def test_larger_file_is_sent_in_parts_of_which_the_last_is_smaller(
        self, put: list[bytes]
    ) -> None:
        self.storing().upload(RecordingFile("a.dat", CONTENT))
        assert put == [CONTENT[:4], CONTENT[4:8], CONTENT[8:]]

    def test_parts_that_are_there_are_not_sent_again(self, put: list[bytes]) -> None:
        there = [{"number": number, "size_bytes": 4, "sha256": None} for number in (1, 3)]
        self.storing(parts=there).upload(RecordingFile("a.dat", CONTENT))
        assert put == [CONTENT[4:8]]

    def test_file_that_is_complete_is_not_sent_again(self, put: list[bytes]) -> None:
        self.storing(status="complete").upload(RecordingFile("a.dat", CONTENT))
        assert put == []

    @pytest.mark.usefixtures("put")
    @pytest.mark.parametrize(("name", "suffix"), [("Day.DAT", ".dat"), ("Ada Byron.csv", None)])
    def test_name_is_not_told_but_for_a_suffix_that_matters(
        self, name: str, suffix: str | None
    ) -> None:
        asked: list[bytes] = []
        caller = self.storing()
        caller.http.event_hooks = {"request": [lambda request: asked.append(request.read())]}
        caller.upload(RecordingFile(name, CONTENT))
        told = httpx.Response(200, content=asked[0]).json()
        assert told["suffix"] == suffix
        assert told["sha256"] == sha256(CONTENT).hexdigest()
        assert "Ada" not in str(told)

    def test_refusal_of_the_store_is_told(self, monkeypatch: pytest.MonkeyPatch) -> None:
        refusal = httpx.Response(403, text="<Error/>", request=httpx.Request("PUT", "http://s3/a"))
        monkeypatch.setattr(httpx, "request", lambda *_, **__: refusal)
        with pytest.raises(Refused, match="s3 answered 403 Forbidden"):
            self.storing(part_size_bytes=99).upload(RecordingFile("a.dat", CONTENT))
