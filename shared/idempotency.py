"""The same request sent again gives what the first one stored."""

from sqlalchemy.ext.asyncio import AsyncConnection

from shared.errors import Conflict
from shared.intake import Order
from shared.repositories import assessments
from shared.schemas import AssessmentRead


class IdempotencyKeyReused(Conflict):
    """The key was used before, for another recording."""

    code = "idempotency-key-reused"


async def replay(connection: AsyncConnection, order: Order, sha256: str) -> AssessmentRead:
    """Give what the key stored the first time, as long as it is the same recording.

    Raises
    ------
    IdempotencyKeyReused
    """
    assert order.idempotency_key is not None
    row = await assessments.get_by_idempotency_key(connection, order.idempotency_key)
    if row is None or row["provenance"]["input_sha256"] != sha256:
        raise IdempotencyKeyReused("This Idempotency-Key was used for another recording.")
    return AssessmentRead.from_row(dict(row))
