"""How a large file is cut."""

from base64 import b64encode
from hashlib import sha256

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.aws.parts import PART_BYTES, Part, part_sizes

SMALLEST_PART_BYTES = 5 * 1024 * 1024  # that a store takes, but for the last
MOST_PARTS_LISTED = 1_000


class TestPartSizes:
    @settings(max_examples=40)
    @given(st.integers(1, 5_000_000_000))
    def test_parts_make_the_whole_and_are_numbered_from_one(self, size_bytes: int) -> None:
        sizes = part_sizes(size_bytes)
        assert sum(sizes.values()) == size_bytes
        assert list(sizes) == list(range(1, len(sizes) + 1))

    @pytest.mark.parametrize(
        ("size_bytes", "last_bytes"),
        [
            (1, 1),
            (PART_BYTES, PART_BYTES),
            (PART_BYTES + 1, 1),
            (3 * PART_BYTES - 1, PART_BYTES - 1),
        ],
    )
    def test_last_part_alone_is_smaller(self, size_bytes: int, last_bytes: int) -> None:
        *others, last = part_sizes(size_bytes).values()
        assert set(others) <= {PART_BYTES}
        assert last == last_bytes

    def test_nothing_has_no_parts(self) -> None:
        assert part_sizes(0) == {}

    def test_store_takes_parts_of_the_size(self) -> None:
        assert PART_BYTES >= SMALLEST_PART_BYTES
        assert len(part_sizes(5_000_000_000)) < MOST_PARTS_LISTED


class TestHash:
    def test_is_told_in_hex_as_uploads_announce_it(self) -> None:
        digest = sha256(b"a part")
        part = Part(1, 6, '"tag"', b64encode(digest.digest()).decode())
        assert part.sha256 == digest.hexdigest()

    def test_is_unknown_where_the_store_tells_none(self) -> None:
        assert Part(1, 6, '"tag"').sha256 is None
