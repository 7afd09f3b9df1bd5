"""One port, as the clouds route: by the first word of the path, with the path untouched."""

import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI, Request
from pydantic import BaseModel
from starlette.types import Message

import functions as functions_package
from local.issuer import Issuer
from local.server import Function, Server, discover, merged
from tests.nonempty import nonempty

URL = "http://127.0.0.1:8000"


class Answer(BaseModel):
    path: str
    root_path: str


def fake(name: str, **settings: Any) -> FastAPI:
    """Build a function that answers with the path it saw."""
    app = FastAPI(
        title=name,
        docs_url=f"/api/{name}/docs",
        openapi_url=f"/api/{name}/openapi.json",
        **settings,
    )

    @app.get(f"/api/{name}/echo", summary=f"Echo of <{name}>")
    @app.get(f"/api/{name}/echo/{{rest:path}}")
    async def echo(request: Request) -> Answer:
        return Answer(path=request.scope["path"], root_path=request.scope["root_path"])

    return app


def broken() -> FastAPI:
    raise ImportError("no such library")


@pytest.fixture(scope="module")
def functions() -> dict[str, Function]:
    apps = {name: fake(name) for name in ("alpha", "beta")}
    return {
        "alpha": Function("Measures <alphas>.", lambda: apps["alpha"]),
        "beta": Function("Measures betas.", lambda: apps["beta"]),
    }


@pytest.fixture
async def client(functions: dict[str, Function]) -> AsyncIterator[httpx.AsyncClient]:
    async with serving(Server(functions)) as connected:
        yield connected


@asynccontextmanager
async def serving(server: Server) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(server)
    async with httpx.AsyncClient(transport=transport, base_url=URL) as connected:
        yield connected


class Links(HTMLParser):
    """The addresses in a page, and those of anything it would load."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.followed: list[str] = []
        self.loaded: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if name in ("href", "src") and value:
                (self.followed if tag == "a" else self.loaded).append(value)


class TestServer:
    @pytest.mark.parametrize("path", ["/api/alpha/echo", "/api/beta/echo/a/b/", "/api/beta/echo//"])
    async def test_the_function_sees_the_whole_path(
        self, client: httpx.AsyncClient, path: str
    ) -> None:
        answer = (await client.get(path)).json()

        assert answer == {"path": path, "root_path": ""}

    async def test_a_function_answers_for_what_it_does_not_have(
        self, client: httpx.AsyncClient
    ) -> None:
        answer = await client.get("/api/alpha/nothing")

        assert answer.status_code == 404
        assert answer.json() == {"detail": "Not Found"}

    @pytest.mark.parametrize(
        "path",
        ["/api/gamma/echo", "/api", "/api/", "/alpha/echo", "/x/api/alpha/echo", "//api/alpha"],
    )
    async def test_nothing_else_is_a_function(self, client: httpx.AsyncClient, path: str) -> None:
        answer = await client.get(httpx.URL(URL).copy_with(path=path))

        assert answer.status_code == 404
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json()["code"] == "not-found"
        assert answer.json()["status"] == 404

    async def test_a_wrong_method_on_a_page_is_a_problem_too(
        self, client: httpx.AsyncClient
    ) -> None:
        answer = await client.post("/docs")

        assert answer.status_code == 405
        assert answer.json()["code"] == "method-not-allowed"

    async def test_a_function_is_loaded_when_it_is_first_asked_for(self) -> None:
        loaded = []
        app = fake("alpha")

        def load() -> FastAPI:
            loaded.append("alpha")
            return app

        async with serving(Server({"alpha": Function("", load)})) as client:
            await client.get("/")
            assert loaded == []
            await client.get("/api/alpha/echo")
            assert loaded == ["alpha"]

    async def test_a_broken_function_leaves_the_others_working(
        self, functions: dict[str, Function], caplog: pytest.LogCaptureFixture
    ) -> None:
        async with serving(Server(functions | {"worse": Function("", broken)})) as client:
            answer = await client.get("/api/worse/echo")
            page = await client.get("/docs")

            assert (await client.get("/api/alpha/echo")).status_code == 200
        assert answer.status_code == 500
        assert answer.headers["content-type"] == "application/problem+json"
        assert "no such library" not in answer.text
        assert "no such library" in caplog.text
        assert "could not be imported" in page.text

    async def test_starting_up_never_reaches_a_function(self) -> None:
        started = []

        @asynccontextmanager
        async def lifespan(_: FastAPI) -> AsyncIterator[None]:
            started.append("alpha")
            yield

        app = fake("alpha", lifespan=lifespan)
        server = Server({"alpha": Function("", lambda: app)})
        events = iter(["lifespan.startup", "lifespan.shutdown"])
        sent = []

        async def receive() -> Message:
            return {"type": next(events)}

        async def send(message: Message) -> None:
            sent.append(message["type"])

        await server({"type": "lifespan", "asgi": {"version": "3.0"}}, receive, send)

        assert sent == ["lifespan.startup.complete", "lifespan.shutdown.complete"]
        assert started == []

    async def test_web_sockets_are_turned_away(self, functions: dict[str, Function]) -> None:
        sent = []

        async def receive() -> Message:
            return {"type": "websocket.connect"}

        async def send(message: Message) -> None:
            sent.append(message["type"])

        scope = {"type": "websocket", "path": "/api/alpha/echo", "headers": [], "asgi": {}}
        await Server(functions)(scope, receive, send)

        assert sent == ["websocket.close"]


class TestStartPage:
    async def test_it_lists_the_functions_and_loads_nothing_from_elsewhere(
        self, client: httpx.AsyncClient
    ) -> None:
        page = await client.get("/")
        links = Links(page.text)

        assert "/api/alpha/docs" in links.followed
        assert "/api/beta/docs" in links.followed
        assert links.loaded == []
        assert "default-src 'none'" in page.headers["content-security-policy"]
        assert "width=device-width" in page.text

    async def test_words_of_a_function_are_words_not_markup(
        self, client: httpx.AsyncClient
    ) -> None:
        assert "Measures &lt;alphas&gt;." in (await client.get("/")).text

    async def test_without_functions_it_says_so(self) -> None:
        async with serving(Server({})) as client:
            assert "no function yet" in (await client.get("/")).text


class TestDocsPage:
    async def test_every_endpoint_stands_under_its_function(
        self, client: httpx.AsyncClient
    ) -> None:
        page = (await client.get("/docs")).text

        assert page.index("<h2>alpha</h2>") < page.index("/api/alpha/echo/{rest}")
        assert page.index("<h2>beta</h2>") < page.index("/api/beta/echo/{rest}")
        assert "Echo of &lt;alpha&gt;" in page

    async def test_every_link_leads_somewhere(self, client: httpx.AsyncClient) -> None:
        for address in nonempty(Links((await client.get("/docs")).text).followed):
            assert (await client.get(address)).status_code == 200


class TestOpenapi:
    async def test_one_document_holds_all_functions(self, client: httpx.AsyncClient) -> None:
        document = (await client.get("/openapi.json")).json()

        assert set(document["paths"]) >= {"/api/alpha/echo", "/api/beta/echo"}
        assert document["paths"]["/api/beta/echo"]["get"]["tags"] == ["beta"]
        assert {"alpha.Answer", "beta.Answer"} <= document["components"]["schemas"].keys()

    def test_references_lead_to_the_schema_of_the_same_function(self) -> None:
        shapes = {name: {"type": "object", "title": f"Of {name}"} for name in ("alpha", "beta")}
        reference = {"$ref": "#/components/schemas/Answer"}
        documents = {
            name: {
                "paths": {f"/api/{name}/echo": {"get": {"schema": reference}}},
                "components": {"schemas": {"Answer": shape}},
            }
            for name, shape in shapes.items()
        }
        document = merged(documents)

        for name, shape in nonempty(shapes.items()):
            target = document["paths"][f"/api/{name}/echo"]["get"]["schema"]["$ref"]
            assert document["components"]["schemas"][target.rsplit("/")[-1]] == shape

    def test_the_functions_own_documents_are_left_alone(self) -> None:
        document = fake("alpha").openapi()
        merged({"alpha": document})

        assert list(document["components"]["schemas"]) == ["Answer"]


class TestIssuerEndpoints:
    async def test_with_an_issuer_its_keys_are_published(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("MEDILENS_ENVIRONMENT", "development")
        async with serving(Server({}, Issuer.open(tmp_path, URL))) as client:
            discovery = (await client.get("/.well-known/openid-configuration")).json()
            keys = (await client.get(discovery["jwks_uri"])).json()

        assert discovery["issuer"] == URL
        assert len(keys["keys"]) == 2

    async def test_without_one_there_is_nothing(self, client: httpx.AsyncClient) -> None:
        assert (await client.get("/.well-known/jwks.json")).status_code == 404


class TestDiscover:
    @pytest.fixture
    def root(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
        """A checkout with one function, and a folder that is none."""
        name = f"made_for_{tmp_path.name.rstrip('0123456789')}"
        folder = tmp_path / "functions" / name
        folder.mkdir(parents=True)
        (folder / "app.py").write_text(
            f"from fastapi import FastAPI\napp = FastAPI(title={name!r})"
        )
        (folder / "README.md").write_text("# Gait\n\nMeasures how\npeople walk.\n\nMore.\n")
        (tmp_path / "functions" / "notes").mkdir()
        (tmp_path / "functions" / "notes" / "README.md").touch()
        paths = [*functions_package.__path__, str(tmp_path / "functions")]
        monkeypatch.setattr(functions_package, "__path__", paths)
        yield tmp_path
        sys.modules.pop(f"functions.{name}.app", None)
        sys.modules.pop(f"functions.{name}", None)

    def test_each_folder_with_an_app_is_a_function(self, root: Path) -> None:
        ((name, function),) = discover(root).items()

        assert function.summary == "Measures how people walk."
        assert function.load().title == name
        assert function.load() is function.load()

    def test_finding_imports_nothing(self, root: Path) -> None:
        (name,) = discover(root)

        assert f"functions.{name}.app" not in sys.modules
