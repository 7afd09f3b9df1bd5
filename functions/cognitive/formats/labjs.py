"""lab.js: one row a component, flow components between them, times in milliseconds.

A component's place in the study is its `sender_id`: that of "2_0_1" lies in "2_0" and
"2", whose titles (`sender`) stand in rows of their own and may say that it is practice.
"""

import json
from collections.abc import Iterator, Mapping

from functions.cognitive.logs import Log, LogRow, columns, first_text
from functions.cognitive.plaintext import Document, Line, Row
from functions.cognitive.reading import PRACTICE
from functions.cognitive.trials import Device, Mode

ENDED = ("response", "timeout")


def is_labjs(document: Document) -> bool:
    return {"sender", "ended_on"} <= columns(document.rows)


def read(document: Document) -> Log:
    """Tell screens from flow; `duration` is the RT where a response came."""
    rows = document.rows
    meta = _meta(rows)
    version = meta.get("labjs_version")
    titles = {
        str(row["sender_id"]): str(row.get("sender", "")) for row in rows if "sender_id" in row
    }
    return Log(
        rows=[_common(line, titles) for line in document.lines],
        dialect=f"lab.js {document.kind}",
        unit="ms",
        mode=Mode.WEB,
        device=Device(user_agent=_text(meta.get("useragent"))),
        client=f"lab.js {_text(version) or ''}".strip(),
        task_name=first_text(rows, "experiment", "study"),
    )


def _common(line: Line, titles: Mapping[str, str]) -> LogRow:
    row = line.cells
    cells = dict(row)
    if row.get("ended_on") == "response" and "duration" in row:
        cells["rt"] = row["duration"]
    else:
        cells.pop("rt", None)
        cells.pop("response", None)
    if any(map(PRACTICE.search, _titles(row, titles))):
        cells["phase"] = "practice"
    flow = str(row.get("sender_type", "")).lower().startswith("flow") or (
        row.get("ended_on") not in ENDED
    )
    aside = line.aside or ("flow" if flow and row else None)
    return LogRow(line.number, cells, str(row.get("sender", "")), aside)


def _titles(row: Row, titles: Mapping[str, str]) -> Iterator[str]:
    """The component's own title and those of the components it lies in."""
    yield str(row.get("sender", ""))
    place = str(row.get("sender_id", ""))
    while "_" in place:
        place = place.rpartition("_")[0]
        yield titles.get(place, "")


def _meta(rows: list[Row]) -> Row:
    """What the metadata plug-in wrote into the first row, as an object or as its text."""
    metadata: object = next((row["meta"] for row in rows if "meta" in row), {})
    if isinstance(metadata, str):
        try:
            metadata = json.loads(metadata)
        except (ValueError, RecursionError):
            return {}
    return (
        {key.lower(): value for key, value in metadata.items()}
        if isinstance(metadata, dict)
        else {}
    )


def _text(value: object) -> str | None:
    return str(value) if isinstance(value, str | int | float) else None
