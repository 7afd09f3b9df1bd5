"""The console's own answers: its page, its files, and what a browser is told it may do."""

import gzip
import re
import threading
from collections.abc import AsyncIterator, Callable, Iterable
from pathlib import Path

import brotli
import httpx
import pytest
import tree_sitter_javascript
from tree_sitter import Language, Node, Parser

from functions.console import pages
from functions.console.files import COMMENT, SITE, packed, site
from local.server import Server
from shared import settings
from shared.http.negotiation import BROTLI, Encoded
from shared.settings import ConsoleSettings, TokenSettings, load
from tests.nonempty import nonempty

# Of everything but tasks, and of what a page loads at most, as browsers are sent it (RFC 7932).
BUDGET_BYTES = 60_000
PAGE_BYTES = 38_500
# Tasks have a page of their own; a license is read by whoever asks for it.
BESIDE = ("tasks/", "vendor/jspsych")
PARSER = Parser(Language(tree_sitter_javascript.language()))
UNPACKED: dict[str, Callable[[bytes], bytes]] = {
    "br": brotli.decompress,
    "gzip": gzip.decompress,
    "identity": bytes,
}


def name_of(path: Path) -> str:
    return path.relative_to(SITE).as_posix()


def own_modules() -> list[Path]:
    return sorted(path for path in SITE.rglob("*.js") if path.parent.name != "vendor")


def served_files() -> list[Path]:
    return [SITE / name for name in site().files if not name.endswith(".LICENSE")]


def sizes_of(paths: Iterable[Path]) -> dict[str, int]:
    return {name: len(packed(name, BROTLI).content) for name in map(name_of, paths)}


def comments_in(module: bytes) -> set[tuple[int, int]]:
    """Where a parser of JavaScript finds comments, from their first to their last letter."""
    spans, waiting = set[tuple[int, int]](), [PARSER.parse(module).root_node]
    while waiting:
        node: Node = waiting.pop()
        assert not node.has_error
        waiting += node.children
        if node.type == "comment":
            spans.add((node.start_byte, node.end_byte))
    return spans


def imported(path: Path) -> set[Path]:
    """A module and all that it imports at once; what is imported later is not part of it."""
    known, waiting = set[Path](), [path]
    while waiting:
        module = waiting.pop()
        if module not in known:
            known.add(module)
            names = re.findall(r'^import .*?from "(\.[^"]+)"', module.read_text(), re.MULTILINE)
            waiting += [(module.parent / name).resolve() for name in names]
    return known


@pytest.fixture
async def browser(server: Server) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(server)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        yield client


def policy_of(answer: httpx.Response) -> dict[str, str]:
    parts = answer.headers["content-security-policy"].split(";")
    return {name: value for name, _, value in (part.strip().partition(" ") for part in parts)}


class TestPage:
    async def test_every_file_that_it_names_is_there(self, browser: httpx.AsyncClient) -> None:
        page = await browser.get("/console")
        named = re.findall(r'(?:src|href)="([^"]+)"', page.text)

        for address in nonempty(named):
            answer = await browser.get(f"/{address}")
            assert answer.status_code == 200, address
            assert "immutable" in answer.headers["cache-control"]

    async def test_is_never_kept(self, browser: httpx.AsyncClient) -> None:
        assert (await browser.get("/console")).headers["cache-control"] == "no-store"

    async def test_address_with_a_slash_leads_to_it(self, browser: httpx.AsyncClient) -> None:
        answer = await browser.get("/console/")
        assert answer.status_code == 308
        assert answer.url.join(answer.headers["location"]).path == "/console"

    async def test_names_its_files_below_a_path_of_the_domain(
        self, browser: httpx.AsyncClient
    ) -> None:
        """Every address is relative: a gateway may put a path before all of them."""
        page = await browser.get("/console")
        assert not [
            address
            for address in nonempty(re.findall(r'(?:src|href)="([^"]+)"', page.text))
            if address.startswith("/") or ":" in address
        ]


class TestPolicy:
    async def test_no_script_but_its_own_files(self, browser: httpx.AsyncClient) -> None:
        policy = policy_of(await browser.get("/console"))

        assert policy["default-src"] == "'none'"
        assert policy["script-src"] == policy["style-src"] == "'self'"
        assert policy["require-trusted-types-for"] == "'script'"
        assert policy["trusted-types"] == "'none'"
        assert policy["frame-ancestors"] == policy["base-uri"] == "'none'"
        assert not re.search("unsafe|\\*|data:", " ".join(policy.values()))

    async def test_reaches_the_issuer_and_the_storage(
        self, browser: httpx.AsyncClient, aws: str
    ) -> None:
        policy = policy_of(await browser.get("/console"))
        issuer = load(TokenSettings).token_issuer
        assert set(policy["connect-src"].split()) == {"'self'", issuer, aws}

    async def test_bucket_of_aws_has_a_host_of_its_own(
        self, browser: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("MEDILENS_STORAGE_BUCKET", "recordings")
        monkeypatch.setenv("MEDILENS_AWS_REGION", "us-east-1")
        monkeypatch.delenv("MEDILENS_STORAGE_ENDPOINT", raising=False)
        settings.load.cache_clear()
        policy = policy_of(await browser.get("/console"))
        settings.load.cache_clear()

        assert "https://recordings.s3.us-east-1.amazonaws.com" in policy["connect-src"].split()

    async def test_nothing_leaves_with_a_link(self, browser: httpx.AsyncClient) -> None:
        headers = (await browser.get("/console")).headers
        assert headers["referrer-policy"] == "no-referrer"
        assert headers["cross-origin-opener-policy"] == "same-origin"
        assert "camera=()" in headers["permissions-policy"]


class TestTasks:
    """The one page that may make markup from strings has no rights of this origin."""

    async def test_page_is_sandboxed_and_asks_for_nothing(self, browser: httpx.AsyncClient) -> None:
        answer = await browser.get(f"/console/{site().version}/tasks/index.html")
        policy = policy_of(answer)
        assert policy["sandbox"] == "allow-scripts"
        assert policy["default-src"] == "'none'"
        assert policy["frame-ancestors"] == "'self'"
        assert "connect-src" not in policy

    @pytest.mark.parametrize(
        ("name", "is_open"),
        [("tasks/tasks.js", True), ("vendor/jspsych.js", True), ("session.js", False)],
    )
    async def test_strangers_load_what_tasks_need_alone(
        self, browser: httpx.AsyncClient, name: str, *, is_open: bool
    ) -> None:
        headers = (await browser.get(f"/console/{site().version}/{name}")).headers
        assert ("access-control-allow-origin" in headers) is is_open
        assert headers["cross-origin-resource-policy"] == (
            "cross-origin" if is_open else "same-origin"
        )

    def test_page_of_the_console_loads_no_task_beforehand(self) -> None:
        page = site().page("index.html")
        assert "console.js" in page
        assert "jspsych" not in page


class TestConfig:
    async def test_says_whom_to_ask(self, browser: httpx.AsyncClient) -> None:
        answer = await browser.get("/console/config.json")
        assert answer.json() == {
            "issuer": load(TokenSettings).token_issuer,
            "client_id": load(ConsoleSettings).console_client_id,
            "code_version": "unreleased",
        }


class TestFiles:
    async def test_are_packed_while_other_requests_are_answered(
        self, browser: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        threads = []

        def packed_in(path: str, encoding: str) -> Encoded:
            threads.append(threading.current_thread())
            return packed(path, encoding)

        monkeypatch.setattr(pages, "packed", packed_in)
        answer = await browser.get(f"/console/{site().version}/api.js")

        assert answer.status_code == 200
        assert threads != [threading.current_thread()]

    @pytest.mark.parametrize(
        "name",
        [
            "vendor/VENDOR.json",
            "vendor/oauth4webapi.d.ts",
            "../app.py",
            "..%2fapp.py",
            "none.js",
            "",
        ],
    )
    async def test_nothing_else_is_served(self, browser: httpx.AsyncClient, name: str) -> None:
        answer = await browser.get(f"/console/{site().version}/{name}")
        assert answer.status_code == 404
        assert answer.json()["code"] == "not-found"

    async def test_another_version_has_another_address(self, browser: httpx.AsyncClient) -> None:
        answer = await browser.get("/console/0123456789abcdef/console.js")
        assert answer.status_code == 404

    @pytest.mark.parametrize("encoding", ["br", "gzip", "identity"])
    async def test_are_packed_as_a_browser_reads_them(
        self, browser: httpx.AsyncClient, encoding: str
    ) -> None:
        address = f"/console/{site().version}/vendor/preact-htm.js"
        headers = {"Accept-Encoding": encoding}
        async with browser.stream("GET", address, headers=headers) as answer:
            raw = b"".join([part async for part in answer.aiter_raw()])
        assert answer.headers.get("content-encoding", "identity") == encoding
        assert answer.headers["content-type"].startswith("text/javascript")
        assert UNPACKED[encoding](raw) == (SITE / "vendor" / "preact-htm.js").read_bytes()

    @pytest.mark.parametrize("path", own_modules(), ids=name_of)
    def test_comments_alone_are_left_out_of_a_module(self, path: Path) -> None:
        source = path.read_text()
        left_out = [
            (len(source[: match.start()].encode()), match[0])
            for match in nonempty(COMMENT.finditer(source))
        ]
        spans = {
            (start + len(text) - len(text.lstrip()), start + len(text.rstrip().encode()))
            for start, text in left_out
        }
        assert spans <= comments_in(source.encode())
        assert site().files[name_of(path)].decode() == COMMENT.sub("", source)

    @pytest.mark.parametrize("page", sorted((SITE / "pages").glob("*.js")), ids=name_of)
    def test_page_fits_into_its_budget(self, page: Path) -> None:
        """With all that every page loads, and all that this page imports."""
        every = [SITE / "index.html", SITE / "console.css", SITE / "mark.svg"]
        sizes = sizes_of({*every, *imported(SITE / "console.js"), *imported(page)})
        assert sum(sizes.values()) <= PAGE_BYTES, sizes

    def test_all_pages_together_fit_into_the_budget(self) -> None:
        sizes = sizes_of(path for path in served_files() if not name_of(path).startswith(BESIDE))
        assert sum(sizes.values()) <= BUDGET_BYTES, sizes

    def test_every_import_names_a_file(self) -> None:
        missing = [
            (path.name, name)
            for path in nonempty((SITE / "pages").glob("*.js"))
            for name in re.findall(r'from "(\.[^"]+)"', path.read_text())
            if not (path.parent / name).exists()
        ]
        assert missing == []
