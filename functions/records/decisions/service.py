"""Deciding about an assessment: it is signed off, deleted or restored."""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from functions.records.decisions import queries
from functions.records.decisions.queries import State
from shared.errors import AnalysisUnfinished
from shared.examination.readable import get_readable, gone, not_found
from shared.http.preconditions import Precondition, PreconditionFailed, PreconditionRequired
from shared.schemas import AssessmentRead

SIGNED_BEFORE = "The assessment was signed off before. Read it, and send its ETag as If-Match."


async def review(
    connection: AsyncConnection,
    assessment_id: UUID,
    note: str | None,
    precondition: Precondition | None,
) -> AssessmentRead:
    """Sign an assessment off, beside whatever sign-offs it has.

    Raises
    ------
    NotFound, Gone, AnalysisUnfinished, PreconditionRequired, PreconditionFailed
    """
    state = await _state(connection, assessment_id)
    if state.is_deleted:
        raise gone(assessment_id)
    if not state.is_finished:
        raise AnalysisUnfinished
    if precondition is None and state.is_signed:
        raise PreconditionRequired(SIGNED_BEFORE)
    _check(state, precondition)
    if not await queries.sign_off_assessment(
        connection, assessment_id, note=note, revision=state.revision
    ):
        raise PreconditionFailed  # somebody was faster
    return await _read(connection, assessment_id)


async def delete(
    connection: AsyncConnection, assessment_id: UUID, precondition: Precondition | None
) -> None:
    """Hide an assessment everywhere, in the state that the caller has seen if one is named.

    Raises
    ------
    NotFound, Gone, PreconditionFailed
    """
    revision = await _seen_revision(connection, assessment_id, precondition)
    if not await queries.soft_delete_assessment(connection, assessment_id, revision=revision):
        await _read(connection, assessment_id)
        raise PreconditionFailed


async def restore(
    connection: AsyncConnection, assessment_id: UUID, precondition: Precondition | None
) -> AssessmentRead:
    """Bring a deleted assessment back; one that is not deleted stays as it is."""
    revision = await _seen_revision(connection, assessment_id, precondition)
    await queries.restore_assessment(connection, assessment_id, revision=revision)
    return await _read(connection, assessment_id)


async def _seen_revision(
    connection: AsyncConnection, assessment_id: UUID, precondition: Precondition | None
) -> int | None:
    """Return the revision that a change has to be made to, where the caller names any."""
    if precondition is None:
        return None
    state = await _state(connection, assessment_id)
    _check(state, precondition)
    return state.revision


async def _state(connection: AsyncConnection, assessment_id: UUID) -> State:
    state = await queries.get_state(connection, assessment_id)
    if state is None:
        raise not_found(assessment_id)
    return state


def _check(state: State, precondition: Precondition | None) -> None:
    if precondition is not None and not precondition.holds(state.revision):
        raise PreconditionFailed


async def _read(connection: AsyncConnection, assessment_id: UUID) -> AssessmentRead:
    return AssessmentRead.of(await get_readable(connection, assessment_id))
