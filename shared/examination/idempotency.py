"""The same request sent again gives what the first one stored."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from shared.database.repositories import assessments
from shared.errors import Conflict, Gone
from shared.examination.request import Order
from shared.schemas import AssessmentRead


class IdempotencyKeyReused(Conflict):
    """The key was used before, for another request."""

    code = "idempotency-key-reused"

    def __init__(self) -> None:
        super().__init__(
            "This Idempotency-Key was used for another recording, person, visit, pipeline or field."
        )


async def replay(
    connection: AsyncConnection, order: Order, row: Mapping[str, Any]
) -> AssessmentRead:
    """Give what the key stored the first time, as long as `row` would store the same.

    Raises
    ------
    IdempotencyKeyReused, Gone
    """
    assert order.idempotency_key is not None
    kept = await assessments.get_by_idempotency_key(connection, order.idempotency_key)
    if kept is None or not _is_same_request(kept, order, row):
        raise IdempotencyKeyReused
    if kept["deleted_at"] is not None:
        raise Gone(
            "The assessment was deleted.", resource_type="assessments", resource_id=kept["id"]
        )
    return AssessmentRead.from_row(dict(kept))


def _is_same_request(kept: Mapping[Any, Any], order: Order, row: Mapping[str, Any]) -> bool:
    """Compare all but the time, which is now where the caller left it out."""
    asked, known = row["provenance"], kept["provenance"]
    return (
        kept["pipeline"] == row["pipeline"]
        and kept["user_id"] == (order.subject_id or kept["created_by"])
        and order.session_id in {None, kept["session_id"]}
        and all(known.get(name) == asked[name] for name in ("input_sha256", "fields"))
    )
