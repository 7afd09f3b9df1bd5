"""The same recording once more: a new assessment, by today's code, that names its predecessor."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING
from uuid import UUID

from pydantic import BaseModel, JsonValue

from shared.caller import Caller, Resource
from shared.database import transaction
from shared.errors import AnalysisUnfinished
from shared.examination.not_again import FieldsChanged, InputNotStored
from shared.examination.readable import UNFINISHED, get_readable
from shared.examination.request import AnalysisRequest
from shared.permissions import Permission
from shared.record import StoredExamination

if TYPE_CHECKING:
    from _typeshed import DataclassInstance


class _Source(BaseModel):
    """What the provenance of an assessment keeps of its request."""

    upload_ids: tuple[UUID, ...] = ()
    fields: dict[str, JsonValue] = {}
    from_person: dict[str, JsonValue] = {}
    recorded_at: dict[str, JsonValue] = {"source": "request"}
    order_reference: str | None = None


@dataclass(frozen=True)
class Again:
    """A request for the same analysis, and the fields of its form as they were."""

    predecessor: StoredExamination
    requested: AnalysisRequest
    fields: Mapping[str, JsonValue]
    # What was known of the person then and stood in for fields that the request left out.
    from_person: Mapping[str, JsonValue]

    def filled[Fields: DataclassInstance](self, form: type[Fields]) -> Fields:
        """Fill the form as it was filled then.

        Raises
        ------
        FieldsChanged
        """
        gone = self.fields.keys() - {field.name for field in fields(form)}
        if gone:
            raise FieldsChanged(gone)
        return form(**self.fields)


async def analysis_again(
    caller: Caller,
    assessment_id: UUID,
    *,
    idempotency_key: str | None,
    respond_async: bool,
    is_input_given: bool = False,
) -> Again:
    """Ask for what an assessment was made of, in the caller's name.

    Where the caller has the recording itself (`is_input_given`), it need not be stored.

    Raises
    ------
    NotFound, Gone, Forbidden, AnalysisUnfinished, InputNotStored, Unavailable
    """
    predecessor = await _predecessor(caller, assessment_id)
    if predecessor.status in UNFINISHED:
        raise AnalysisUnfinished
    source = _Source.model_validate(predecessor.provenance)
    if not (source.upload_ids or is_input_given):
        raise InputNotStored
    requested = AnalysisRequest(
        predecessor.user_id,
        predecessor.session_id,
        predecessor.recorded_at,
        idempotency_key,
        upload_ids=() if is_input_given else source.upload_ids,
        respond_async=respond_async,
        predecessor_id=assessment_id,
        moment_of=source.recorded_at,
        order_reference=source.order_reference,
    )
    return Again(predecessor, requested, source.fields, source.from_person)


async def _predecessor(caller: Caller, assessment_id: UUID) -> StoredExamination:
    about = Resource("assessments", assessment_id)
    opened = transaction.begin(caller, Permission.CREATE_ASSESSMENT, about=about)
    async with opened as connection:
        return await get_readable(connection, assessment_id)
