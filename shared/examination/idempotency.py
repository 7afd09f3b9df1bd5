"""The same request sent again gives what the first one stored."""

from sqlalchemy.ext.asyncio import AsyncConnection

from shared.database.repositories import assessments
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
    kept = await assessments.get_by_idempotency_key(connection, requested.idempotency_key)
    if kept is None or not _is_same_request(kept, requested, examination):
        raise IdempotencyKeyReused
    if kept.deleted_at is not None:
        raise Gone("The assessment was deleted.", resource_type="assessments", resource_id=kept.id)
    return AssessmentRead.of(kept)


def _is_same_request(
    kept: StoredExamination, requested: AnalysisRequest, examination: Examination
) -> bool:
    """Compare all but the time, which is now where the caller left it out."""
    asked, known = examination.provenance, kept.provenance
    return (
        kept.pipeline == examination.pipeline
        and kept.user_id == (requested.subject_id or kept.created_by)
        and requested.session_id in {None, kept.session_id}
        and all(known.get(name) == asked[name] for name in ("input_sha256", "fields"))
    )
