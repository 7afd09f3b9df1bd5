"""What a store says of parts, when it is not as it should be."""

import pytest

from shared import settings
from shared.aws import multipart
from shared.aws.parts import Part
from shared.aws.requests import NotThere
from shared.errors import Unavailable
from tests.shared.conftest import Answers

pytestmark = pytest.mark.usefixtures("quick")
PARTS = (Part(1, 6_000_000, '"tag"', "nIk="), Part(2, 1, '"&<"'))


@pytest.fixture
def store(answers: type[Answers], monkeypatch: pytest.MonkeyPatch) -> type[Answers]:
    monkeypatch.setenv("MEDILENS_STORAGE_BUCKET", "recordings")
    monkeypatch.setenv("MEDILENS_STORAGE_ENDPOINT", answers.url)
    settings.load.cache_clear()
    return answers


class TestArrived:
    def test_tells_a_hash_where_the_store_does(self, store: type[Answers]) -> None:
        store.statuses = [200]
        store.body = (
            b'<ListPartsResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">'
            b"<Part><PartNumber>2</PartNumber><ETag>&quot;a&quot;</ETag><Size>7</Size>"
            b"<ChecksumSHA256>nIk=</ChecksumSHA256></Part>"
            b"<Part><PartNumber>3</PartNumber><ETag>b</ETag><Size>1</Size></Part>"
            b"</ListPartsResult>"
        )
        parts = multipart.arrived("a/b", "together")

        assert parts == [Part(2, 7, '"a"', "nIk="), Part(3, 1, "b")]
        assert [part.sha256 for part in parts] == ["9c89", None]

    @pytest.mark.parametrize("body", [b"", b"<ListPartsResult><Part>"])
    def test_half_an_answer_is_unavailable(self, store: type[Answers], body: bytes) -> None:
        store.statuses, store.body = [200], body
        with pytest.raises(Unavailable):
            multipart.arrived("a/b", "together")


class TestJoin:
    @pytest.mark.parametrize(
        ("status", "body"),
        [
            (200, b"<Error><Code>InternalError</Code></Error>"),
            (200, b"   "),
            (400, b"<Error><Code>InvalidPart</Code></Error>"),
        ],
    )
    def test_failure_is_unavailable_wherever_it_is_told(
        self, store: type[Answers], status: int, body: bytes
    ) -> None:
        store.statuses, store.body = [status], body
        with pytest.raises(Unavailable):
            multipart.join("a/b", "together", PARTS)

    def test_joined_before_is_not_there(self, store: type[Answers]) -> None:
        store.statuses = [404]
        with pytest.raises(NotThere):
            multipart.join("a/b", "together", PARTS)


class TestRemove:
    def test_what_is_not_there_is_fine(self, store: type[Answers]) -> None:
        store.statuses = [404, 404]
        multipart.remove("a/b", "together")

        assert len(store.received) == 2
