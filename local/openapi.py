"""The contract of each function, kept in docs/openapi: a change to it is seen in review.

Run `uv run python -m local.openapi` after changing a route or a shape.
"""

import asyncio
import json
from pathlib import Path
from typing import Any

from local.declarations import declarations
from local.server import discover, merged

ROOT = Path(__file__).parent.parent
FOLDER = ROOT / "docs" / "openapi"
JOINED = "medilens"


async def contracts() -> dict[str, str]:
    """Return each function's OpenAPI document as text, and all of them joined.

    Mangum asks for a loop at import.
    """
    documents = {name: function.load().openapi() for name, function in discover(ROOT).items()}
    joined = {JOINED: merged(documents)}
    return {name: _text(document) for name, document in (documents | joined).items()}


def _text(document: dict[str, Any]) -> str:
    document["info"]["version"] = "unreleased"  # a setting, and no part of the contract
    return json.dumps(document, indent=1, ensure_ascii=False) + "\n"


async def files() -> dict[str, str]:
    """Return what lies in docs/openapi by its name: the contracts, and their declarations."""
    documents = await contracts()
    declared = {f"{JOINED}.d.ts": declarations(json.loads(documents[JOINED]))}
    return {f"{name}.json": text for name, text in documents.items()} | declared


def write(folder: Path = FOLDER) -> None:
    """Write every contract, and remove those of functions that are gone."""
    folder.mkdir(parents=True, exist_ok=True)
    texts = asyncio.run(files())
    for path in folder.iterdir():
        if path.name not in texts:
            path.unlink()
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    write()
