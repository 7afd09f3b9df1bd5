"""Explanations: written of what the caller may read, and stored as they were given."""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from functions.assistant.explanations import queries
from functions.assistant.explanations.drafts import (
    Draft,
    document,
    draft_of,
    draft_of_history,
)
from functions.assistant.explanations.queries import Made, Stored
from functions.assistant.explanations.schemas import (
    DAYS,
    Document,
    ExplanationCreate,
    ExplanationList,
    ExplanationRead,
    Status,
)
from functions.assistant.facts import Known
from functions.assistant.histories.service import get_history
from functions.assistant.language import Voice
from functions.assistant.model.writing import Written
from shared.errors import Conflict, Forbidden, Gone, NotFound
from shared.examination.changes import changes_of
from shared.examination.readable import get_ended
from shared.record import StoredExamination


class NothingToRelease(Conflict):
    """The explanation is made of sentences of the catalog, which everybody may read."""

    code = "nothing-to-release"

    def __init__(self) -> None:
        super().__init__(
            "The explanation holds no words of a model: the person may read it without a release."
        )


class NotReleased(Forbidden):
    """A model's own words are about the person who asks, and nobody has released them."""

    code = "not-released"

    def __init__(self) -> None:
        super().__init__("A clinician has to release these words first. Ask for an explanation.")


async def get_explanation(connection: AsyncConnection, explanation_id: UUID) -> ExplanationRead:
    """Return an explanation as it was given.

    Raises
    ------
    NotFound, Gone, NotReleased
    """
    read = await _read(connection, explanation_id)
    is_own = await queries.get_caller(connection) == read.subject_id
    if is_own and read.is_free and read.released_at is None:
        raise NotReleased
    return read.model_copy(update={"refused": []}) if is_own else read


async def get_finished(connection: AsyncConnection, explanation_id: UUID) -> ExplanationRead | None:
    """Return an explanation, or None while a model's words may still come: that is no reading.

    Raises
    ------
    NotFound, Gone, NotReleased
    """
    if await queries.is_pending(connection, explanation_id):
        return None
    return await get_explanation(connection, explanation_id)


async def list_waiting(connection: AsyncConnection, limit: int) -> ExplanationList:
    waiting = await queries.get_waiting(connection, limit)
    return ExplanationList(
        items=[_as_read(stored, stored.document) for stored in waiting if stored.document]
    )


async def release(connection: AsyncConnection, explanation_id: UUID) -> ExplanationRead:
    """Let the person read free words; a second time changes nothing.

    Raises
    ------
    NotFound, Gone, NothingToRelease
    """
    read = await _read(connection, explanation_id)
    if not read.is_free:
        raise NothingToRelease
    await queries.release(connection, explanation_id)
    return await _read(connection, explanation_id)


async def get_draft(connection: AsyncConnection, wanted: ExplanationCreate) -> Draft:
    """Return what is to be told of the record as it is now.

    Raises
    ------
    NotFound, Gone, AnalysisUnfinished, NothingMeasured
    """
    if wanted.assessment_id:
        return await _draft_of_assessment(connection, wanted, wanted.assessment_id)
    assert wanted.subject_id is not None
    days = wanted.days or DAYS
    history = await get_history(connection, wanted.subject_id, wanted.biomarkers, days=days)
    own = await queries.get_caller(connection) == history.person_id
    return draft_of_history(history, wanted, voice=_voice(wanted, own=own))


def _voice(wanted: ExplanationCreate, *, own: bool) -> Voice:
    return wanted.voice or (Voice.PATIENT if own else Voice.CLINICIAN)


async def _draft_of_assessment(
    connection: AsyncConnection, wanted: ExplanationCreate, assessment_id: UUID
) -> Draft:
    examination = await get_ended(connection, assessment_id)
    known = await known_of(connection, examination)
    own = await queries.get_caller(connection) == examination.user_id
    voice = _voice(wanted, own=own)
    wording = wanted.wording or ("catalog" if voice is Voice.PATIENT else "free")
    is_free = wording == "free" and not own
    return draft_of(examination, known, wanted, voice=voice, is_free=is_free)


async def keep(
    connection: AsyncConnection,
    draft: Draft,
    written: Written,
    why_template: str | None,
    reserved_tokens: int | None = None,
) -> ExplanationRead:
    """Store what was written; with `reserved_tokens` it waits for a model's words.

    Raises
    ------
    PersonErased
    """
    told = document(draft, written, why_template)
    await queries.add(connection, draft, told, Made.of(written), reserved_tokens)
    return await get_explanation(connection, draft.id)


async def known_of(connection: AsyncConnection, examination: StoredExamination) -> Known:
    """Return what is known beside the record."""
    return Known(
        descriptions=await queries.get_descriptions(connection),
        changes=await changes_of(connection, examination),
    )


async def _read(connection: AsyncConnection, explanation_id: UUID) -> ExplanationRead:
    stored = await queries.get(connection, explanation_id)
    if stored is None:
        raise NotFound(
            "There is no such explanation.",
            resource_type=queries.TABLE,
            resource_id=explanation_id,
        )
    if stored.document is None:
        raise Gone(
            "The record behind the explanation was deleted, or is another person's now."
            " Ask for a new one.",
            resource_type=queries.TABLE,
            resource_id=explanation_id,
        )
    return _as_read(stored, stored.document)


def _as_read(stored: Stored, told: Document) -> ExplanationRead:
    return ExplanationRead(
        **told.model_dump(),
        id=stored.id,
        assessment_id=stored.assessment_id,
        subject_id=stored.user_id,
        created_at=stored.created_at,
        status=Status.PENDING if stored.is_pending else Status.COMPLETE,
        generation_time_ms=stored.generation_time_ms,
        tokens_used=stored.tokens_used,
        is_free=stored.is_free,
        released_at=stored.released_at,
    )
