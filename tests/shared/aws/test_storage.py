"""What becomes of an object, whichever store keeps it."""

from collections.abc import Callable

import pytest

from shared import settings
from shared.aws import kms, multipart, storage
from shared.aws.requests import RequestRefused
from shared.errors import Unavailable
from tests.shared.conftest import Answers

pytestmark = pytest.mark.usefixtures("quick")

READERS: dict[str, Callable[[], object]] = {
    "in pieces": lambda: list(storage.read("a/b")),
    "whole": lambda: storage.get("a/b"),
    "parts": lambda: multipart.arrived("a/b", "together"),
    "key": lambda: kms.public_key("key"),
}


@pytest.fixture
def store(answers: type[Answers], monkeypatch: pytest.MonkeyPatch) -> type[Answers]:
    monkeypatch.setenv("MEDILENS_STORAGE_BUCKET", "recordings")
    monkeypatch.setenv("MEDILENS_STORAGE_ENDPOINT", answers.url)
    monkeypatch.setenv("AWS_ENDPOINT_URL_KMS", answers.url)
    settings.load.cache_clear()
    return answers


class TestRead:
    @pytest.mark.parametrize("reader", READERS)
    def test_what_breaks_off_is_unavailable_and_no_end(
        self, reader: str, store: type[Answers]
    ) -> None:
        store.statuses, store.body, store.sent_bytes = [200], b'{"PublicKey": ""}<a/>', 17
        with pytest.raises(Unavailable, match="closed before the answer was complete"):
            READERS[reader]()

    def test_comes_in_pieces_to_its_end_or_as_far_as_anybody_reads(
        self, store: type[Answers]
    ) -> None:
        store.statuses, store.body = [200, 200], bytes(2 * storage.CHUNK_BYTES + 1)
        assert b"".join(storage.read("a/b")) == store.body
        reading = storage.read("a/b")
        assert len(next(reading)) == storage.CHUNK_BYTES
        reading.close()  # type: ignore[attr-defined]


class TestRefused:
    @pytest.mark.parametrize("status", [400, 403])
    @pytest.mark.parametrize(
        "ask",
        [
            lambda: list(storage.read("a/b")),
            lambda: storage.get("a/b"),
            lambda: storage.delete("a/b"),
            lambda: multipart.arrived("a/b", "together"),
            lambda: multipart.abort("a/b", "together"),
        ],
    )
    def test_is_a_named_error_wherever_it_is_met(
        self, status: int, ask: Callable[[], object], store: type[Answers]
    ) -> None:
        store.statuses = [status]
        with pytest.raises(RequestRefused, match=str(status)):
            ask()


class TestDelete:
    @pytest.mark.parametrize("status", [204, 404])
    def test_one_that_is_not_there_is_fine(self, status: int, store: type[Answers]) -> None:
        store.statuses = [status]
        storage.delete("a/b")

        assert len(store.received) == 1
