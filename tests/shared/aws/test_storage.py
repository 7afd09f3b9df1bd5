"""What becomes of an object, whichever store keeps it."""

from base64 import b64decode
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from urllib.parse import parse_qs, urlsplit

import pytest

from shared import settings
from shared.aws import kms, multipart, storage
from shared.aws.requests import RequestRefused
from shared.aws.storage import Object, UploadsNotOffered
from shared.errors import Unavailable
from tests.conftest import Configure
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


class TestDescribed:
    """What is sent with an object, which is part of the signature."""

    def test_hash_is_written_as_the_store_reads_it(self) -> None:
        described = Object("a/b", "image/png", 3, "0001" + "00" * 29 + "ff")
        checksum = described.headers["x-amz-checksum-sha256"]
        assert b64decode(checksum).hex() == described.sha256
        assert described.headers["content-type"] == "image/png"

    def test_file_that_people_save_has_a_name(self) -> None:
        described = Object("a/b", "text/csv", 3, "00" * 32, file_name="export.csv")
        assert described.headers["content-disposition"] == 'attachment; filename="export.csv"'
        assert "content-disposition" not in replace(described, file_name=None).headers

    def test_is_encrypted_with_the_key_that_is_named(self, configure: Configure) -> None:
        described = Object("a/b", "text/csv", 3, "00" * 32)
        plain = described.headers
        configure(storage_kms_key="alias/medilens")
        assert described.headers.items() - plain.items() == {
            ("x-amz-server-side-encryption", "aws:kms"),
            ("x-amz-server-side-encryption-aws-kms-key-id", "alias/medilens"),
        }


class TestAddress:
    def test_bucket_of_aws_is_a_host(self, configure: Configure) -> None:
        configure(storage_bucket="recordings", storage_endpoint=None, aws_region="eu-west-3")
        assert storage.address_of("a/b") == "https://recordings.s3.eu-west-3.amazonaws.com/a/b"
        assert storage.address_of("a", "kept") == "https://kept.s3.eu-west-3.amazonaws.com/a"
        assert storage.origin() == "https://recordings.s3.eu-west-3.amazonaws.com"

    @pytest.mark.parametrize("slash", ["", "/"])
    def test_bucket_elsewhere_is_the_first_part_of_a_path(
        self, configure: Configure, slash: str
    ) -> None:
        configure(
            storage_bucket="recordings", storage_endpoint=f"https://store.example:9000{slash}"
        )
        assert storage.address_of("a/b") == "https://store.example:9000/recordings/a/b"
        assert storage.origin() == "https://store.example:9000"

    def test_deployment_without_a_bucket_takes_no_uploads(self, configure: Configure) -> None:
        configure(storage_bucket=None)
        assert storage.origin() is None
        with pytest.raises(UploadsNotOffered, match="MEDILENS_STORAGE_BUCKET") as refusal:
            storage.address_of("a/b")
        assert refusal.value.status == 501

    def test_bucket_that_is_named_needs_none_of_the_uploads(self, configure: Configure) -> None:
        configure(storage_bucket=None, storage_endpoint=None, aws_region="eu-west-3")
        assert storage.address_of("a", "kept").startswith("https://kept.s3.")


@pytest.mark.usefixtures("store")
class TestSignedAddress:
    def test_whoever_sends_has_a_quarter_of_an_hour(self) -> None:
        before = datetime.now(UTC)
        address = storage.signed_address(Object("a/b", "image/png", 3, "00" * 32))
        lifetime_s = (address.expires_at - before).total_seconds()
        assert 900 <= lifetime_s < 960
        assert parse_qs(urlsplit(address.url).query)["X-Amz-Expires"] == ["900"]

    def test_size_is_signed_and_set_by_whoever_sends(self) -> None:
        address = storage.signed_address(Object("a/b", "image/png", 3, "00" * 32))
        (names,) = parse_qs(urlsplit(address.url).query)["X-Amz-SignedHeaders"]
        assert set(names.split(";")) == {"host", "content-length", *address.headers}
        assert "content-length" not in address.headers

    def test_address_for_reading_signs_its_host_alone(self) -> None:
        query = parse_qs(urlsplit(storage.reading_address("a/b")).query)
        assert query["X-Amz-SignedHeaders"] == ["host"]
        assert query["X-Amz-Expires"] == ["900"]


def test_size_is_asked_for_without_the_bytes(store: type[Answers]) -> None:
    store.statuses, store.body = [200], b"12345"
    store.do_HEAD = store.do_GET  # type: ignore[attr-defined]
    assert storage.size_of("a/b") == 5
