"""The files of the console, as browsers get them, and the version that they make together.

An address holds the version, so a browser keeps a file for good and never mixes two releases.
"""

import gzip
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path

import brotli

from shared.http.negotiation import BROTLI, GZIP, IDENTITY, Encoded

SITE = Path(__file__).with_name("site")
# The only kinds that are served: locks and declarations stay where they are.
MEDIA_TYPES = {
    ".html": "text/html",
    ".js": "text/javascript",
    ".css": "text/css",
    ".svg": "image/svg+xml",
    ".LICENSE": "text/plain",
}
VERSION_DIGITS = 16
# Modules that a page asks for when it is shown, or that a microphone or a task does.
LATER = ("pages/", "recording/", "tasks/", "vendor/jspsych")
# As they were published, or made from that.
VENDORED = "vendor/"
# Lines that are a comment, and what declares types, wherever it stands.
COMMENT = re.compile(
    r"^[ \t]*//.*\n|^[ \t]*/\*\*(?:[^*]|\*(?!/))*\*/[ \t]*\n|/\*\*(?:[^*]|\*(?!/))*\*/ ?",
    re.MULTILINE,
)

PACKED: Mapping[str, Callable[[bytes], bytes]] = {
    BROTLI: lambda content: brotli.compress(content, mode=brotli.MODE_TEXT),
    GZIP: lambda content: gzip.compress(content, mtime=0),
    IDENTITY: bytes,
}


@dataclass(frozen=True)
class Site:
    """Every file by its path below `site/`, and the version of all."""

    version: str
    files: Mapping[str, bytes]

    def page(self, name: str) -> str:
        """Return a page with the version in the addresses of what it loads."""
        page = self.files[name].decode()
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
    served = {path: _served(path, content) for path, content in contents.items()}
    digests = json.dumps({path: sha256(body).hexdigest() for path, body in served.items()})
    return Site(sha256(digests.encode()).hexdigest()[:VERSION_DIGITS], served)


@cache
def packed(path: str, encoding: str) -> Encoded:
    """Return a file in an encoding, packed when it is first asked for: a start waits for none."""
    content = PACKED[encoding](site().files[path])
    return Encoded(content, MEDIA_TYPES[Path(path).suffix], encoding)


def _served(path: str, content: bytes) -> bytes:
    is_own = path.endswith((".js", ".css")) and not path.startswith(VENDORED)
    return without_comments(content.decode()).encode() if is_own else content


def without_comments(source: str) -> str:
    """Return a file of our own without its comments."""
    return COMMENT.sub("", source)
