"""What is sent to the database, and how the database goes about it."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event

from shared.database import engine


@contextmanager
def statements() -> Iterator[list[tuple[str, Any]]]:
    """Keep what is sent to the database, with its parameters."""
    sync_engine = engine.current().sync_engine
    sent: list[tuple[str, Any]] = []

    def keep(_c: Any, _cursor: Any, sql: str, parameters: Any, *_: Any) -> None:
        sent.append((sql, parameters))

    event.listen(sync_engine, "before_cursor_execute", keep)
    yield sent
    event.remove(sync_engine, "before_cursor_execute", keep)


def nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for part in plan.get("Plans", []):
        yield from nodes(part)
