"""The files of the console, as they stand in `site/`, and the version that they make together.

An address holds the version, so a browser keeps a file for good and never mixes two releases.
"""

import gzip
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path

from shared.http.negotiation import GZIP, Encoded

SITE = Path(__file__).with_name("site")
# The only kinds that are served: licenses and locks stay where they are.
MEDIA_TYPES = {
    ".html": "text/html",
    ".js": "text/javascript",
    ".css": "text/css",
    ".svg": "image/svg+xml",
}
VERSION_DIGITS = 16
# Modules that a page asks for when it is shown, or that a microphone or a task does.
LATER = ("pages/", "recording/", "tasks/", "vendor/jspsych")


@dataclass(frozen=True)
class Site:
    """Every file by its path below `site/`, packed, and the version of all."""

    version: str
    files: Mapping[str, Encoded]

    def page(self, name: str) -> str:
        """Return a page with the version in the addresses of what it loads."""
        page = gzip.decompress(self.files[name].content).decode()
        modules = filter(_is_of_every_page, self.files)
        hints = (
            f'<link rel="modulepreload" href="console/{self.version}/{path}">' for path in modules
        )
        return page.replace("{version}", self.version).replace("{modules}", "\n".join(hints))


def _is_of_every_page(path: str) -> bool:
    return path.endswith(".js") and not path.startswith(LATER)


@cache
def site() -> Site:
    """Read the files once per process."""
    contents = {
        path.relative_to(SITE).as_posix(): path.read_bytes()
        for path in sorted(SITE.rglob("*"))
        if path.suffix in MEDIA_TYPES
    }
    digests = json.dumps({path: sha256(body).hexdigest() for path, body in contents.items()})
    return Site(
        sha256(digests.encode()).hexdigest()[:VERSION_DIGITS],
        {path: _packed(path, body) for path, body in contents.items()},
    )


def _packed(path: str, body: bytes) -> Encoded:
    return Encoded(gzip.compress(body, mtime=0), MEDIA_TYPES[Path(path).suffix], GZIP)
