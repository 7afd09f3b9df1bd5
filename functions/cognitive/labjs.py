"""lab.js: one row a component, flow components between them, times in milliseconds."""

import json

from functions.cognitive.logs import Log, columns, first_text
from functions.cognitive.plaintext import Document, Row
from functions.cognitive.trials import Device, Mode

ENDED = ("response", "timeout")


def is_labjs(document: Document) -> bool:
    return {"sender", "ended_on"} <= columns(document.rows)


def read(document: Document) -> Log:
    """Keep screens that waited for a response; `duration` is the RT where one came."""
    rows = document.rows
    meta = _meta(rows)
    version = meta.get("labjs_version")
    answered = {row.get("sender") for row in rows if row.get("ended_on") == "response"}
    return Log(
        rows=[_common(row) for row in rows if _is_trial(row, answered)],
        dialect=f"lab.js {document.kind}",
        unit="ms",
        mode=Mode.WEB,
        device=Device(user_agent=_text(meta.get("useragent"))),
        client=f"lab.js {_text(version) or ''}".strip(),
        task_name=first_text(rows, "experiment", "study"),
    )


def _is_trial(row: Row, answered: set[object]) -> bool:
    """A screen that was judged, or of a kind that was answered at least once."""
    kind = str(row.get("sender_type", "")).lower()
    if row.get("ended_on") not in ENDED or kind.startswith("flow"):
        return False
    return "correct" in row or row.get("sender") in answered


def _common(row: Row) -> Row:
    kept = dict(row)
    if row["ended_on"] == "response" and "duration" in row:
        kept["rt"] = row["duration"]
    else:
        kept.pop("rt", None)
        kept.pop("response", None)
    if "practice" in str(row.get("sender", "")).lower():
        kept["phase"] = "practice"
    return kept


def _meta(rows: list[Row]) -> Row:
    """What the metadata plug-in wrote into the first row, as an object or as its text."""
    found: object = next((row["meta"] for row in rows if "meta" in row), {})
    if isinstance(found, str):
        try:
            found = json.loads(found)
        except (ValueError, RecursionError):
            return {}
    return {key.lower(): value for key, value in found.items()} if isinstance(found, dict) else {}


def _text(value: object) -> str | None:
    return str(value) if isinstance(value, str | int | float) else None
