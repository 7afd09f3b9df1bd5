"""The same request sent again gives what the first one stored."""

from sqlalchemy.ext.asyncio import AsyncConnection

from shared.database.repositories import stored_assessments
from shared.errors import Conflict, Gone
from shared.examination.request import AnalysisRequest
from shared.record import Examination, StoredExamination
from shared.schemas import AssessmentRead


class IdempotencyKeyReused(Conflict):
    """The key was used before, for another request."""

    code = "idempotency-key-reused"

    def __init__(self) -> None:
        super().__init__(
            "This Idempotency-Key was used for another recording, person, visit, pipeline or field."
            " Use a new key for a new request."
        )


async def replay(
    connection: AsyncConnection, requested: AnalysisRequest, examination: Examination
) -> AssessmentRead:
    """Give what the key stored the first time, as long as `examination` would be stored alike.

    Raises
    ------
    IdempotencyKeyReused, Gone
    """
    assert requested.idempotency_key is not None
    stored = await stored_assessments.get_by_idempotency_key(connection, requested.idempotency_key)
    if stored is None or not _is_same_request(stored, requested, examination):
        raise IdempotencyKeyReused
    if stored.deleted_at is not None:
        raise Gone(
            "The assessment was deleted.", resource_type="assessments", resource_id=stored.id
        )
    return AssessmentRead.of(stored)


def _is_same_request(
    stored: StoredExamination, requested: AnalysisRequest, examination: Examination
) -> bool:
    """Compare all but the time, which is now where the caller left it out."""
    asked, known = examination.provenance, stored.provenance
    return (
        stored.pipeline == examination.pipeline
        and stored.user_id == (requested.subject_id or stored.created_by)
        and requested.session_id in {None, stored.session_id}
        and requested.order_reference == known.get("order_reference")
        and all(known.get(name) == asked[name] for name in ("input_sha256", "fields"))
    )
