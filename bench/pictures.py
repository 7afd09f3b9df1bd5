"""What a picture costs: processor time of an analysis, decoding and drawing included.

The pictures are those of the demo, and a fundus photo of twelve megapixels as a camera writes it.
The networks run on one thread. Processors differ by half and neighbors slow them by more, so a
fixed piece of work that is none of ours runs before each analysis, and the budgets follow it.
"""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from importlib import import_module
from io import BytesIO
from typing import Any

import numpy as np
from PIL import Image

from local.samples.catalog import SAMPLES, Sample
from local.samples.fundus import fundus
from shared.pipelines import PipelineName
from shared.record import unmarked
from shared.recording import RecordingFile

BUDGET_S = {
    PipelineName.RETINAL: 2.0,
    PipelineName.RADIOLOGY: 1.0,
    PipelineName.DERMATOLOGY: 1.0,
}
YARDSTICK_S = 0.65  # what the yardstick takes of the processor for which the budgets were set
RUNS = 3  # after a first one, which loads the networks
LARGE_PX = (4000, 3072)
READ_PX = (1024, 1024)


def pictures() -> list[dict[str, Any]]:
    """Pipeline, picture, least and most CPU seconds, budget on this processor."""
    photo = large_photo()[0].content
    return [measured(sample, photo) for sample in subjects()]


def subjects() -> Iterator[Sample]:
    yield from (sample for sample in SAMPLES if sample.pipeline in BUDGET_S)
    fields = {"field_of_view_deg": "45"}
    yield Sample("right eye of 12 megapixels, JPEG", PipelineName.RETINAL, 0, large_photo, fields)


def large_photo() -> Sequence[RecordingFile]:
    frame, side = Image.new("RGB", LARGE_PX), LARGE_PX[1]
    eye = Image.fromarray(fundus(right_eye=True, seed=1).rgb).resize((side, side))
    frame.paste(eye, ((LARGE_PX[0] - side) // 2, 0))
    stream = BytesIO()
    frame.save(stream, "JPEG", quality=95, subsampling=0)
    return [RecordingFile("fundus.jpg", stream.getvalue())]


def measured(sample: Sample, photo: bytes) -> dict[str, Any]:
    pipeline = import_module(f"functions.{sample.pipeline}.service").PIPELINE
    files, fields = tuple(sample.make()), typed(pipeline.fields, sample.fields)
    analyze = partial(pipeline.analyze, files, fields, unmarked)
    first_s = cpu_s(analyze)
    runs = [(cpu_s(partial(yardstick, photo)), cpu_s(analyze)) for _ in range(RUNS)]
    yardsticks_s, spent_s = zip(*runs, strict=True)
    return {
        "pipeline": str(sample.pipeline),
        "picture": sample.name,
        "first_s": first_s,
        "least_s": min(spent_s),
        "most_s": max(spent_s),
        "budget_s": BUDGET_S[sample.pipeline] * min(yardsticks_s) / YARDSTICK_S,
    }


def yardstick(photo: bytes) -> None:
    """Do what an analysis of a picture is made of, by the libraries alone: pixels and numbers."""
    small = Image.open(BytesIO(photo)).resize(READ_PX, Image.Resampling.LANCZOS)
    small.save(BytesIO(), "PNG")
    values = np.asarray(small.convert("F"))
    for _ in range(4):
        values = np.fft.ifft2(np.fft.fft2(values)).real


def cpu_s(work: Callable[[], object]) -> float:
    started = time.process_time()
    work()
    return time.process_time() - started


def typed(fields: type, sent: Mapping[str, str]) -> Any:
    """The fields of a form as the function reads them: numbers where they are numbers."""
    return fields(**{name: _number(value) for name, value in sent.items()})


def _number(value: str) -> str | float:
    try:
        return float(value)
    except ValueError:
        return value


def rows(measured: Sequence[Mapping[str, Any]]) -> tuple[str, list[str], list[list[str]]]:
    """The table of the terminal and of the page."""
    return (
        "A picture's analysis on one thread: CPU, s",
        ["pipeline", "picture", "first, with loading", "least", "most", "budget here"],
        [
            [
                row["pipeline"],
                row["picture"],
                *(f"{row[name]:.2f}" for name in ("first_s", "least_s", "most_s", "budget_s")),
            ]
            for row in measured
        ],
    )
