"""What an Accept-Encoding header says, and the body that is answered to it."""

import gzip

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.http.negotiation import Encoded, NotAcceptable, chosen, encoded_response, weights
from tests.nonempty import nonempty

WORDS = b"<svg/>" * 20
PACKED = Encoded(gzip.compress(WORDS, mtime=0), "image/svg+xml", "gzip")
PLAIN = Encoded(b"\x89PNG", "image/png", "identity")


class TestWeights:
    @pytest.mark.parametrize(
        ("header", "expected"),
        [
            ("gzip;q=0.5, br", {"gzip": 0.5, "br": 1.0}),
            ("gzip ; Q=0.25", {"gzip": 0.25}),
            ("gzip;level=9;q=0.25", {"gzip": 0.25}),
            ("X-GZip", {"gzip": 1.0}),
            ("gzip;q=7, br;q=-1", {"gzip": 1.0, "br": 0.0}),
            ("gzip;q=, br;q=1,5", {"gzip": 0.0, "br": 1.0, "5": 1.0}),
            (", ,;q=1", {}),
            (None, {}),
        ],
    )
    def test_names_are_lowered_and_weights_brought_into_range(
        self, header: str | None, expected: dict[str, float]
    ) -> None:
        assert weights(header) == expected

    @given(st.text(max_size=60))
    def test_whatever_is_sent_weighs_from_nothing_to_one(self, header: str) -> None:
        for weight in nonempty(weights(f"{header},gzip").values()):
            assert 0 <= weight <= 1


class TestChosen:
    @given(st.text("gzipbr*;q=01., identy-", max_size=40))
    def test_is_never_what_is_refused(self, header: str) -> None:
        accepted = weights(header)
        unnamed = accepted.get("*", 1.0)
        try:
            encoding = chosen(header, "br", "gzip")
        except NotAcceptable:
            assert accepted.get("identity", unnamed) == 0
            return
        assert accepted.get(encoding, unnamed) > 0

    def test_first_of_equals(self) -> None:
        assert chosen("gzip, br", "br", "gzip") == "br"
        assert chosen("gzip, br", "gzip", "br") == "gzip"

    def test_refusal_names_what_can_be_had_once(self) -> None:
        with pytest.raises(NotAcceptable, match="br, identity can be had"):
            chosen("*;q=0", "br", "identity")


class TestEncodedResponse:
    def test_packed_for_whoever_reads_it(self) -> None:
        answer = encoded_response(PACKED, "gzip")
        assert answer.body == PACKED.content
        assert answer.headers["content-encoding"] == "gzip"
        assert answer.media_type == "image/svg+xml"

    @pytest.mark.parametrize("accept", [None, "br", "gzip;q=0"])
    def test_unpacked_for_all_others(self, accept: str | None) -> None:
        answer = encoded_response(PACKED, accept)
        assert answer.body == WORDS
        assert "content-encoding" not in answer.headers

    @pytest.mark.parametrize("accept", [None, "gzip", "gzip;q=0"])
    def test_what_is_kept_plain_is_sent_as_it_is(self, accept: str | None) -> None:
        answer = encoded_response(PLAIN, accept)
        assert answer.body == PLAIN.content
        assert "content-encoding" not in answer.headers

    @pytest.mark.parametrize("body", [PACKED, PLAIN])
    def test_caches_keep_the_encodings_apart(self, body: Encoded) -> None:
        answer = encoded_response(body, "gzip", {"Cache-Control": "public"})
        assert answer.headers["vary"] == "Accept-Encoding"
        assert answer.headers["cache-control"] == "public"
