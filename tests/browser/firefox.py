"""Firefox by WebDriver BiDi (w3c.github.io/webdriver-bidi): pages as people use them.

Playwright's client asks for commands that a released Firefox has not; these few are all it takes.
"""

import asyncio
import itertools
import re
import shutil
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aiohttp import ClientSession, ClientWebSocketResponse

FIREFOX = shutil.which("firefox-esr") or shutil.which("firefox")
PATIENCE_S = 60
LOOK_AGAIN_S = 0.1
ADDRESS = re.compile(rb"WebDriver BiDi listening on (ws://\S+)")
# A key that selects what stands in a field, so that typing takes its place.
CONTROL = "\ue009"
# Whether nothing loads that would move an element, and it can be pressed.
READY = """(element) => element.isConnected && !element.disabled
  && !document.querySelector(".loading") && [...document.images].every(({complete}) => complete)"""


class Refused(Exception):
    """Firefox refused a command."""


class Missing(Exception):
    """What a page should have shown did not appear."""


@dataclass
class Tab:
    """One page of Firefox, found by role and name as a screen reader finds it."""

    socket: ClientWebSocketResponse
    context: str = ""
    numbers: Iterator[int] = field(default_factory=itertools.count)

    async def ask(self, method: str, **params: Any) -> dict[str, Any]:
        """Send a command and return its result; events between are passed over."""
        number = next(self.numbers)
        await self.socket.send_json({"id": number, "method": method, "params": params})
        while True:
            answer = await self.socket.receive_json(timeout=PATIENCE_S)
            if answer.get("id") == number:
                if answer["type"] == "error":
                    raise Refused(answer["message"])
                result: dict[str, Any] = answer["result"]
                return result

    async def open(self, url: str) -> None:
        await self.ask("browsingContext.navigate", context=self.context, url=url, wait="complete")

    async def find(self, role: str, name: str) -> dict[str, Any]:
        """Wait for an element; of several it is the last, which the page's own links are."""
        locator = {"type": "accessibility", "value": {"role": role, "name": name}}
        for _ in range(round(PATIENCE_S / LOOK_AGAIN_S)):
            try:
                nodes = await self.ask(
                    "browsingContext.locateNodes", context=self.context, locator=locator
                )
            except Refused:  # The page went elsewhere in that moment.
                nodes = {"nodes": []}
            if nodes["nodes"]:
                node: dict[str, Any] = nodes["nodes"][-1]
                return node
            await asyncio.sleep(LOOK_AGAIN_S)
        raise Missing(f"{role} {name!r}; the page says: {await self.text()}")

    async def click(self, role: str, name: str) -> None:
        """Click once the page stands and the element can be pressed: an earlier click is lost."""
        node = await self.find(role, name)
        for _ in range(round(PATIENCE_S / LOOK_AGAIN_S)):
            try:
                if await self._on(node, READY):
                    break
            except Refused:  # Another element took its place.
                node = await self.find(role, name)
            await asyncio.sleep(LOOK_AGAIN_S)
        else:
            raise Missing(f"{role} {name!r} that can be pressed")
        await self._on(node, "(element) => element.scrollIntoView({block: 'center'})")
        origin = {"type": "element", "element": {"sharedId": node["sharedId"]}}
        moves = [
            {"type": "pointerMove", "x": 0, "y": 0, "origin": origin},
            {"type": "pointerDown", "button": 0},
            {"type": "pointerUp", "button": 0},
        ]
        await self._perform({"type": "pointer", "id": "mouse", "actions": moves})

    async def type(self, name: str, text: str) -> None:
        """Type into a text field in place of what stands there."""
        await self._on(await self.find("textbox", name), "(element) => element.focus()")
        keys = [
            {"type": "keyDown", "value": CONTROL},
            *_pressed("a"),
            {"type": "keyUp", "value": CONTROL},
            *itertools.chain.from_iterable(map(_pressed, text)),
        ]
        await self._perform({"type": "key", "id": "keyboard", "actions": keys})

    async def choose(self, selector: str, files: list[Path]) -> None:
        locator = {"type": "css", "value": selector}
        nodes = await self.ask("browsingContext.locateNodes", context=self.context, locator=locator)
        element = {"sharedId": nodes["nodes"][0]["sharedId"]}
        names = [str(path) for path in files]
        await self.ask("input.setFiles", context=self.context, element=element, files=names)

    async def says(self, text: str) -> None:
        """Wait until a text stands on the page."""
        for _ in range(round(PATIENCE_S / LOOK_AGAIN_S)):
            if text in await self.text():
                return
            await asyncio.sleep(LOOK_AGAIN_S)
        raise Missing(f"{text!r}; the page says: {await self.text()}")

    async def text(self) -> str:
        shown = await self.ask(
            "script.evaluate",
            expression="document.body.innerText",
            target={"context": self.context},
            awaitPromise=False,
        )
        return str(shown["result"]["value"])

    async def _on(self, node: dict[str, Any], function: str) -> Any:
        called = await self.ask(
            "script.callFunction",
            functionDeclaration=function,
            arguments=[{"sharedId": node["sharedId"]}],
            target={"context": self.context},
            awaitPromise=False,
        )
        return called["result"].get("value")

    async def _perform(self, source: dict[str, Any]) -> None:
        await self.ask("input.performActions", context=self.context, actions=[source])


def _pressed(key: str) -> list[dict[str, str]]:
    return [{"type": "keyDown", "value": key}, {"type": "keyUp", "value": key}]


@asynccontextmanager
async def opened(profile: Path) -> AsyncIterator[Tab]:
    """Start a Firefox of its own, and end it."""
    assert FIREFOX is not None
    arguments = ["--headless", "--no-remote", "--remote-debugging-port=0", "--profile", profile]
    firefox = await asyncio.create_subprocess_exec(
        FIREFOX, *map(str, arguments), stderr=asyncio.subprocess.PIPE
    )
    try:
        url = await asyncio.wait_for(_address(firefox), PATIENCE_S)
        async with ClientSession() as client, client.ws_connect(f"{url}/session") as socket:
            tab = Tab(socket)
            await tab.ask("session.new", capabilities={})
            tab.context = (await tab.ask("browsingContext.create", type="tab"))["context"]
            yield tab
    finally:
        firefox.kill()
        await firefox.communicate()


async def _address(firefox: asyncio.subprocess.Process) -> str:
    assert firefox.stderr is not None
    async for line in firefox.stderr:
        if match := ADDRESS.search(line):
            return match[1].decode()
    raise Missing("Firefox ended before it listened.")
