"""How a large file is cut, and what a store tells of a part."""

from base64 import b64decode
from dataclasses import dataclass

from shared.settings import ONE_MEGABYTE

# A store takes no part under 5 MiB but the last. A slow line sends so much in a minute, and of the
# largest file there are fewer than the 1,000 parts that a store lists at once.
PART_BYTES = 8 * ONE_MEGABYTE


@dataclass(frozen=True)
class Part:
    """A part that the store has. S3 tells its hash, some other stores do not."""

    number: int
    size_bytes: int
    etag: str
    checksum: str | None = None

    @property
    def sha256(self) -> str | None:
        return b64decode(self.checksum).hex() if self.checksum else None


def part_sizes(size_bytes: int) -> dict[int, int]:
    """Return how large each part of a file is, by its number; the first is 1."""
    starts = range(0, size_bytes, PART_BYTES)
    return {
        number: min(PART_BYTES, size_bytes - start) for number, start in enumerate(starts, start=1)
    }
