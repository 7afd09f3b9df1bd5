"""An assessment computed anew from its provenance, and what differs from what is stored."""

import gzip
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import partial
from hashlib import sha256
from importlib import import_module
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from shared.caller import Caller
from shared.database import transaction
from shared.database.repositories import pictures
from shared.examination.again import Again, analysis_again
from shared.examination.examine import examination_of, get_known
from shared.examination.pipeline import Pipeline
from shared.examination.received import input_sha256
from shared.examination.run import Run, run
from shared.permissions import Permission
from shared.record import Examination, Json
from shared.recording import RecordingFile

# What an analysis is answerable for; times, keys and who asked are another run's own.
COMPARED = (
    "status",
    "risk_score",
    "risk_level",
    "risk_points",
    "confidence",
    "quality_score",
    "requires_review",
    "review_reason",
    "absent",
    "warnings",
    "result",
    "biomarkers",
)


@dataclass(frozen=True)
class Difference:
    """One place of the record, as it is stored and as it is today."""

    place: str
    stored: Json
    today: Json


@dataclass(frozen=True)
class Replay:
    """What came of computing an assessment anew; nothing in `differences` is the same bytes."""

    differences: tuple[Difference, ...]
    sha256: str


async def replay(caller: Caller, key: UUID, files: Sequence[RecordingFile]) -> Replay:
    """Compute an assessment anew, from `files` or from storage, and store nothing.

    Raises
    ------
    NotFound, Gone, AnalysisUnfinished, InputNotStored, FieldsChanged, UploadChanged
    """
    again = await analysis_again(
        caller, key, idempotency_key=None, respond_async=False, is_input_given=bool(files)
    )
    pipeline: Pipeline[Any] = import_module(
        f"functions.{again.predecessor.pipeline}.service"
    ).PIPELINE
    fields = replace(again.filled(pipeline.fields), **again.from_person)
    known = await get_known(caller, again.requested, tuple(files), pipeline.clock, coming=0)
    analyze: Any = pipeline.analyze
    if pipeline.informed:
        async with transaction.begin(caller, Permission.CREATE_ASSESSMENT) as connection:
            analyze = await pipeline.informed(connection, known.requested, fields)
    if pipeline.card().takes_operator_model:
        analyze = partial(analyze, models_allowed=known.terms.models_allowed)
    ran = run(analyze, known.files, fields)
    digests = (file.sha256 for file in known.files)
    source = {"input_sha256": input_sha256(digests), "fields": asdict(fields)}
    today = examination_of(known.requested, pipeline.card(), ran, source, known.time.warnings)
    async with transaction.begin(caller, Permission.VIEW_ASSESSMENTS, read_only=True) as connection:
        pictures = await _stored_pictures(connection, again)
    stored = _record(again.predecessor, pictures)
    computed = _record(today, _pictures(ran))
    return Replay(
        tuple(_differences("", stored, computed)), sha256(_canonical(computed)).hexdigest()
    )


async def _stored_pictures(connection: AsyncConnection, again: Again) -> dict[str, str]:
    digests = {}
    for picture in again.predecessor.pictures:
        content = await pictures.get_picture(connection, again.predecessor.id, picture.name)
        assert content is not None
        digests[picture.name] = sha256(gzip.decompress(content.content)).hexdigest()
    return digests


def _pictures(ran: Run) -> dict[str, str]:
    drawn = ran.findings.pictures if ran.findings else ()
    return {picture.name: sha256(picture.content).hexdigest() for picture in drawn}


def _record(examination: Examination, pictures: Mapping[str, str]) -> dict[str, Json]:
    """The record as JSON, its biomarkers and stages by their names."""
    told = asdict(examination)
    record = {name: told[name] for name in COMPARED}
    record["biomarkers"] = {value["name"]: value for value in told["biomarkers"]}
    record["absent"] = {absence["name"]: absence for absence in told["absent"]}
    record["stages"] = {
        stage.stage_name: [stage.status, stage.error_code] for stage in examination.stages
    }
    record["pictures"] = dict(pictures)
    source = examination.provenance
    record["provenance"] = {name: source.get(name) for name in ("input_sha256", "models")} | {
        "parameters": source.get("parameters", {}),
        "pipeline_version": examination.pipeline_version,
    }
    plain: dict[str, Json] = json.loads(_canonical(record))
    return plain


def _canonical(record: Json) -> bytes:
    return json.dumps(record, sort_keys=True, ensure_ascii=False, default=str).encode()


def _differences(place: str, stored: Json, today: Json) -> Iterator[Difference]:
    if isinstance(stored, dict) and isinstance(today, dict):
        for name in sorted(stored.keys() | today.keys()):
            where = f"{place}.{name}" if place else name
            yield from _differences(where, stored.get(name), today.get(name))
    elif stored != today:
        yield Difference(place, stored, today)
