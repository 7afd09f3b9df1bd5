"""What a report takes of the process that prints it: time and memory, with as many pictures as fit.

`uv run python -m bench.reports`. Noise is printed, because no picture is larger.
"""

import json
import multiprocessing
import random
import time
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from io import BytesIO
from typing import Any

from PIL import Image
from rich.console import Console

from bench.memory import peak_mb
from functions.fhir.reports.content import Entry, Figure, Group, Head, Report, Row
from functions.fhir.reports.figures import figure
from functions.fhir.reports.service import MAX_PICTURE_BYTES
from shared.database.repositories.pictures import PictureContent
from shared.record import StoredPicture

MEMORY_LIMIT_MB = 250
RUNS = 5
PICTURES = 2
SIDE_PX = 760  # of a square of noise that is about half of what a report shows
ROWS = 40


def report() -> Report:
    """A report with as many pictures as there may be."""
    row = Row("Heart rate", "72", "/min", "60 to 100", "adults", "", None)
    return Report(
        language="en",
        title="Electrocardiogram report",
        status="Preliminary: not reviewed",
        head=Head("A clinic"),
        name="Sparrow, Canary",
        person=(Entry("Born", "1965-03-12"),),
        about=(Entry("Recorded", "2026-11-28 09:00 UTC"),),
        findings=(Entry("Rhythm", "Sinus rhythm"),),
        groups=(Group("rhythm", (row,) * ROWS),),
        absent=(),
        remarks=(),
        figures=tuple(_pictures()),
        signatures=(),
        method=(Entry("MediLens", "cardiology 1.0.0"),),
        citations=(),
        verification=("As the record says.",),
        as_of=datetime(2026, 11, 28, tzinfo=UTC),
    )


def _pictures() -> Iterator[Figure]:
    chance = random.Random(1)  # a picture of noise, the same in every run
    for number in range(PICTURES):
        noise = Image.frombytes("RGB", (SIDE_PX, SIDE_PX), chance.randbytes(3 * SIDE_PX**2))
        stream = BytesIO()
        noise.save(stream, "PNG")
        content = stream.getvalue()
        assert PICTURES * len(content) <= MAX_PICTURE_BYTES
        stored = StoredPicture(f"noise_{number}", "image/png", "Noise.")
        yield figure(stored, PictureContent("image/png", "identity", content))


def measured() -> Mapping[str, Any]:
    """Print some reports, in a process of its own."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        told: Mapping[str, Any] = pool.apply(_printed)
    return told


def _printed() -> Mapping[str, Any]:
    from functions.fhir.reports import typesetting  # noqa: PLC0415  # its memory is measured

    told, idle_mb, spent_s = report(), peak_mb(), []
    for _ in range(RUNS):
        began = time.process_time()
        content = typesetting.pdf(told, "a4")
        spent_s.append(time.process_time() - began)
    return {
        "idle_mb": idle_mb,
        "peak_mb": peak_mb(),
        "first_s": spent_s[0],
        "least_s": min(spent_s),
        "bytes": len(content),
    }


def main() -> None:
    told = measured()
    Console().print_json(json.dumps(told))
    raise SystemExit(0 if told["peak_mb"] <= MEMORY_LIMIT_MB else 1)


if __name__ == "__main__":
    main()
