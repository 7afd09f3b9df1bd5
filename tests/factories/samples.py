"""Every sample recording as its pipeline examines it, and stored as its function would."""

from collections.abc import Sequence
from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from importlib import import_module
from uuid import UUID

from pydantic import TypeAdapter

from local.engines import missing_engine
from local.samples.catalog import SAMPLES
from shared.database import transaction
from shared.database.repositories import assessment_parts, assessments
from shared.examination.examine import examination_of
from shared.examination.received import input_sha256
from shared.examination.request import AnalysisRequest
from shared.examination.run import run
from shared.identifiers import uuid7
from shared.permissions import Permission, RoleName
from shared.record import Examination, Picture, StoredExamination
from tests.conftest import Clinic

MEASURABLE = {
    f"{sample.pipeline}-{sample.slug}": sample
    for sample in SAMPLES
    if not missing_engine(sample.pipeline)
}


@cache
def examined(name: str) -> tuple[Examination, tuple[Picture, ...]]:
    """Examine a sample, once a process."""
    sample = MEASURABLE[name]
    pipeline = import_module(f"functions.{sample.pipeline}.service").PIPELINE
    files = tuple(sample.make())
    told = TypeAdapter(pipeline.fields).validate_python(dict(sample.fields))
    outcome = run(pipeline.analyze, files, told)
    recorded_at = datetime.now(UTC) - timedelta(days=sample.days_ago)
    requested = AnalysisRequest(None, None, recorded_at, None)
    source = {"input_sha256": input_sha256(file.sha256 for file in files), "fields": {}}
    return examination_of(requested, pipeline.card(), outcome, source), outcome.pictures


def as_stored(examination: Examination, **columns: object) -> StoredExamination:
    """Return an examination as the database would give it back, without a database."""
    known = {part.name: getattr(examination, part.name) for part in fields(examination)}
    made_at = examination.completed_at
    assert made_at is not None
    ownership = {"user_id": UUID(int=1), "created_by": UUID(int=2), "created_at": made_at}
    return StoredExamination(**known | ownership | columns)


async def store_sample(clinic: Clinic, name: str) -> UUID:
    """Store a sample as an assessment of the clinic's patient."""
    made, pictures = examined(name)
    return await store(clinic, replace(made, id=uuid7()), pictures)


async def store(clinic: Clinic, made: Examination, pictures: Sequence[Picture] = ()) -> UUID:
    """Store an examination of the clinic's patient as its function would."""
    caller = clinic.caller(RoleName.CLINICIAN)
    async with transaction.begin(caller, Permission.CREATE_ASSESSMENT) as connection:
        created = await assessments.create_assessment(
            connection, made, subject_id=clinic.person_id(RoleName.PATIENT)
        )
        assert created is not None
        await assessment_parts.save_parts(connection, created, made, pictures)
    return made.id
