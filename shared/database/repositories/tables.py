"""The tables that statements are built of, and what the database itself puts into them."""

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    DateTime,
    SmallInteger,
    Text,
    Uuid,
    column,
    func,
    literal,
    table,
)
from sqlalchemy.dialects.postgresql import array

from shared.database.models.assessment import Assessment
from shared.database.models.base import table_of
from shared.database.models.biomarker_value import BiomarkerValue
from shared.database.models.picture import AssessmentPicture
from shared.database.models.sign_off import SignOff
from shared.database.models.stage import PipelineStage
from shared.pipelines import PipelineName

TIMESTAMP = DateTime(timezone=True)

ASSESSMENTS = table_of(Assessment)
STAGES = table_of(PipelineStage)
VALUES = table_of(BiomarkerValue)
PICTURES = table_of(AssessmentPicture)
SIGN_OFFS = table_of(SignOff)

# The same for everybody, written by migrations and only read here.
CATALOG = table(
    "biomarkers",
    column("id", SmallInteger),
    *(column(name, Text) for name in ("name", "pipeline", "category", "unit", "description")),
)

# A reader needs no more of them than the key; who writes one loads its model.
KEY = ("organization_id", "user_id", "assessment_id")
RESULTS = {
    pipeline: table(f"{pipeline}_results", *(column(name) for name in KEY))
    for pipeline in PipelineName
}

# Of people, no more than statements about records need to know.
USERS = table(
    "users",
    *(
        column(name)
        for name in (
            *("id", "organization_id", "date_of_birth", "sex_at_birth", "merged_into"),
            "deleted_at",
        )
    ),
)
IDENTIFIERS = table(
    "person_identifiers",
    *(
        column(name)
        for name in (
            *("id", "organization_id", "user_id", "system", "value", "value_token"),
            "deleted_at",
        )
    ),
)

CARE_ASSIGNMENTS = table(
    "care_assignments",
    *(
        column(name)
        for name in ("organization_id", "user_id", "clinician_id", "valid_from", "valid_until")
    ),
)

# Keys, as far as those who read and write encrypted columns need them.
ORGANIZATION_KEYS = table(
    "organization_keys",
    *(column(name) for name in ("id", "organization_id", "number", "master", "wrapped")),
)
PERSON_KEYS = table(
    "person_keys",
    *(column(name) for name in ("id", "organization_id", "user_id", "wrapped", "destroyed_at")),
)

# The database fills these from the caller's identity, so a caller cannot claim another's.
ORGANIZATION = func.medilens.current_organization_id()
CALLER = func.medilens.current_user_id()

# Whose rows the request reaches.
SCOPE = func.medilens.current_scope()


def keys_as_array(keys: Iterable[UUID]) -> ColumnElement[Sequence[UUID]]:
    """Return an array of single keys: for a whole one the driver asks what its elements are."""
    uuid: Any = Uuid()  # of an element, where the library's types say of the whole
    single: Any = [literal(key, uuid) for key in keys]
    return array(single, type_=uuid)
