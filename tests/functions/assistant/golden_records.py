"""What real analyses of synthesized recordings measured, kept as small lists, and its golden texts.

`python -m tests.functions.assistant.golden_records` analyzes the recordings anew and writes both,
those of a pipeline into the folder `golden` beside its tests.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict
from importlib import import_module
from pathlib import Path
from typing import Any
from uuid import UUID

from functions.assistant.explanations.drafts import write
from functions.assistant.explanations.schemas import ExplanationCreate
from functions.assistant.language import Voice
from local.samples import tasklog, tasklog_free
from local.samples.catalog import SAMPLES
from local.samples.ecg import Episode, Rhythm, synthesize
from local.samples.ecg_files import csv_file
from local.samples.fundus import fundus
from local.samples.tasklog_web_files import canonical_json
from local.samples.voice import sustained_vowel, wav_bytes
from shared.biomarkers import BiomarkerStatus
from shared.examination.examine import examination_of
from shared.examination.request import AnalysisRequest
from shared.examination.run import run
from shared.examples import ASSESSMENT as EXAMPLE
from shared.pipelines import PipelineName
from shared.record import Absence, StoredExamination, Value
from shared.recording import RecordingFile
from shared.vocabulary import AssessmentStatus
from tests.conftest import ROOT
from tests.factories.examinations import examination
from tests.functions.assistant.records import KNOWN, MOMENT, SOMEBODY

WANTED = ExplanationCreate(assessment_id=EXAMPLE)
ASSESSMENT = UUID("0199b0f4-9a6e-7c35-9d1e-2f6a40c8b712")
OF_VALUE = (
    *("name", "value", "unit", "category", "confidence", "normal_range_min", "normal_range_max"),
    *("status", "source", "population"),
)

# What writes the lists and what is said of them.
WRITER = "tests.functions.assistant.golden_records"

type Make = Callable[[], Sequence[RecordingFile]]
type Recorded = tuple[str, PipelineName, Mapping[str, str], Make]


def recordings() -> Iterator[Recorded]:
    """Yield recordings by name, with the fields of their form."""
    for sample in SAMPLES:
        yield sample.slug, sample.pipeline, sample.fields, sample.make
        bare = {name: told for name, told in sample.fields.items() if name in REQUIRED}
        if bare != sample.fields:
            yield f"{sample.slug}-unknown-person", sample.pipeline, bare, sample.make
    for rate in (35, 48, 110, 150, 185):
        yield f"heart-rate-{rate}", PipelineName.CARDIOLOGY, {}, _ecg(rate)
    yield "no-heart", PipelineName.CARDIOLOGY, {}, lambda: [RecordingFile("a.csv", b"t,II\n0,0\n")]
    for seed in (3, 4):
        yield f"eye-{seed}", PipelineName.RETINAL, {}, _fundus(seed)
    for hz in (110, 240):
        yield f"voice-{hz}-hz", PipelineName.SPEECH, {"task": "sustained_vowel"}, _voice(hz)
    for task in TASKS:
        yield task.__name__.replace("_", "-"), PipelineName.COGNITIVE, {}, _task(task)


REQUIRED = ("task", "image_source", "view")
TASKS = (
    *(tasklog.simple_reaction, tasklog.choice_reaction, tasklog.flanker, tasklog.go_no_go),
    *(tasklog.stop_signal, tasklog.digit_symbol, tasklog.task_switching, tasklog.posner),
    *(tasklog.attention_network, tasklog_free.digit_span, tasklog_free.trail_making),
    *(tasklog_free.word_list, tasklog_free.fluency, tasklog_free.corsi),
)


def _ecg(rate: float) -> Make:
    return lambda: [
        csv_file(synthesize([Episode(Rhythm.SINUS, 30, rate_bpm=rate)], leads=("II",), seed=7))
    ]


def _fundus(seed: int) -> Make:
    return lambda: [RecordingFile("fundus.jpg", fundus(seed=seed).jpeg)]


def _voice(f0_hz: float) -> Make:
    def make() -> Sequence[RecordingFile]:
        voice = sustained_vowel(f0_hz=f0_hz, hnr_db=20, seed=8)
        return [RecordingFile("voice.wav", wav_bytes(voice.samples, voice.fs_hz))]

    return make


def _task(task: Callable[[int], Any]) -> Make:
    return lambda: [canonical_json([task(11)])]


def analyzed(recorded: Recorded) -> dict[str, Any]:
    """Analyze a recording, and keep of it what the registry names: no word of a file."""
    name, pipeline, fields, make = recorded
    declared = import_module(f"functions.{pipeline}.service").PIPELINE
    requested = AnalysisRequest(SOMEBODY, None, MOMENT, None)
    form = declared.fields(**{field: _read(words) for field, words in fields.items()})
    outcome = run(declared.analyze, tuple(make()), form)
    made = examination_of(requested, declared.card(), outcome, {})
    told = {absence.detail for absence in made.absent}
    return {
        "name": name,
        "pipeline": pipeline.value,
        "status": made.status.value,
        "requires_review": made.requires_review,
        "warnings": sum(words not in told for words in made.warnings),
        "absent": {absence.name: absence.code for absence in made.absent},
        "measured": [
            {column: _short(asdict(value)[column]) for column in OF_VALUE}
            for value in made.biomarkers
        ],
    }


def _read(words: str) -> float | str:
    return float(words) if words.isdigit() else words


def _short(told: Any) -> Any:
    """Return a number with the digits that matter."""
    return float(f"{told:.6g}") if isinstance(told, float) else told


def folder(pipeline: PipelineName) -> Path:
    return ROOT / "tests" / "functions" / pipeline / "golden"


def lists(pipeline: PipelineName) -> Path:
    return folder(pipeline) / "records.json"


def golden(path: Path, writer: str) -> str:
    """Return a golden text; one that is not there is a failure that says what writes it."""
    assert path.is_file(), (
        f"{path.relative_to(ROOT)} is missing: `uv run python -m {writer}` writes it,"
        " to be read before it is committed"
    )
    return path.read_text("utf-8")


def kept(pipeline: PipelineName) -> list[dict[str, Any]]:
    """Return the lists of a pipeline as they are kept."""
    told: list[dict[str, Any]] = json.loads(golden(lists(pipeline), WRITER))
    return told


def record(told: Mapping[str, Any]) -> StoredExamination:
    """Return an examination that measured what a list says."""
    made = examination(
        id=ASSESSMENT,
        pipeline=told["pipeline"],
        status=AssessmentStatus(told["status"]),
        requires_review=told["requires_review"],
        recorded_at=MOMENT,
        warnings=tuple(f"Warning {place}" for place in range(told["warnings"])),
        absent=tuple(Absence(name, code, "") for name, code in told["absent"].items()),
        biomarkers=tuple(
            Value(**value | {"status": BiomarkerStatus(value["status"])}, citation=None)
            for value in told["measured"]
        ),
    )
    return StoredExamination(**vars(made), user_id=SOMEBODY, created_by=SOMEBODY, created_at=MOMENT)


def texts(pipeline: PipelineName, voice: Voice) -> Mapping[str, list[str]]:
    """Return what the template says of each list, by its name."""
    return {
        told["name"]: [
            sentence.text for sentence in write(record(told), KNOWN, WANTED, voice=voice).sentences
        ]
        for told in kept(pipeline)
    }


def page(pipeline: PipelineName, voice: Voice) -> str:
    """Return the golden texts of a pipeline in one voice, a sentence a line."""
    parts = ["\n".join([f"# {name}", *told]) for name, told in texts(pipeline, voice).items()]
    return "\n\n".join(parts) + "\n"


def place(pipeline: PipelineName, voice: Voice) -> Path:
    return folder(pipeline) / f"explained-to-{voice}.txt"


def main() -> None:
    made = [analyzed(recorded) for recorded in recordings()]
    for pipeline in PipelineName:
        lines = ",\n".join(json.dumps(told) for told in made if told["pipeline"] == pipeline)
        folder(pipeline).mkdir(parents=True, exist_ok=True)
        lists(pipeline).write_text(f"[\n{lines}\n]\n", "utf-8")
        for voice in Voice:
            place(pipeline, voice).write_text(page(pipeline, voice), "utf-8")


if __name__ == "__main__":
    main()
