"""Keys sort as they were made, also many in one millisecond."""

import time

from shared.identifiers import uuid7


class TestUuid7:
    def test_keys_sort_in_the_order_of_creation(self) -> None:
        keys = []
        for _ in range(200):
            keys.append(uuid7())
            time.sleep(1e-6)  # as much as anything else between two keys takes
        assert keys == sorted(keys)
        assert len(set(keys)) == 200

    def test_key_is_of_version_7_and_tells_its_time(self) -> None:
        before = time.time_ns() // 1_000_000
        key = uuid7()
        after = time.time_ns() // 1_000_000
        assert (key.version, key.variant) == (7, "specified in RFC 4122")
        assert before <= key.int >> 80 <= after
