"""Reports: read in the caller's name, laid out when no connection is held any more."""

from asyncio import to_thread
from collections.abc import Mapping
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncConnection

from functions.fhir.examinations.service import get_dossier
from functions.fhir.people import queries
from functions.fhir.people.queries import Issuer
from functions.fhir.reports import figures, record, typesetting
from functions.fhir.reports.content import Figure, Head, Report
from functions.fhir.reports.record import Setting
from functions.fhir.resources.dossier import Dossier
from shared.caller import Caller, Resource
from shared.database import transaction
from shared.database.repositories import pictures
from shared.examination.changes import changes_of
from shared.examination.readable import get_ended
from shared.permissions import Permission
from shared.record import StoredExamination

# Of all pictures of a report together: an answer of Lambda holds 4.4 MB.
MAX_PICTURE_BYTES = 3_500_000


async def assessment_report(caller: Caller, assessment_id: UUID, record_url: str) -> Report:
    """Return the report of one assessment.

    Raises
    ------
    NotFound, Gone, AnalysisUnfinished
    """
    about = Resource("assessments", assessment_id)
    async with transaction.begin(
        caller, Permission.VIEW_ASSESSMENTS, read_only=True, about=about
    ) as connection:
        examination = await get_ended(connection, assessment_id)
        issuer = await queries.get_issuer(connection)
        signers = [sign_off.signed_by for sign_off in examination.sign_offs]
        setting = Setting(
            person=await queries.get_person(connection, examination.user_id),
            head=head(issuer),
            zone=zone(issuer),
            record_url=record_url,
            signers=await queries.get_names(connection, signers),
            changes=await changes_of(connection, examination),
            **await _figures(connection, examination),
        )
    return record.report(examination, setting)


async def dossier_and_pdf(
    caller: Caller, assessment_id: UUID, base: str, record_url: str, *, deleted: bool = False
) -> tuple[Dossier, bytes | None]:
    """Return what a receiver is told of an assessment, and the printed report unless it is deleted.

    Raises
    ------
    NotFound, Gone, AnalysisUnfinished
    """
    about = Resource("assessments", assessment_id)
    async with transaction.begin(
        caller, Permission.VIEW_ASSESSMENTS, read_only=True, about=about
    ) as connection:
        dossier = await get_dossier(connection, base, assessment_id, deleted=deleted)
    if dossier.is_retracted:
        return dossier, None
    report = await assessment_report(caller, assessment_id, record_url)
    return dossier, await to_thread(typesetting.pdf, report, "a4")


def head(issuer: Issuer) -> Head:
    """Return what an organization wants at the head of its reports."""
    lines = (issuer.settings.get("report_head") or "").splitlines()
    return Head(issuer.name, tuple(filter(None, lines)), issuer.settings.get("report_logo"))


def zone(issuer: Issuer) -> ZoneInfo:
    return ZoneInfo(issuer.settings.get("time_zone") or "UTC")


async def _figures(
    connection: AsyncConnection, examination: StoredExamination
) -> Mapping[str, tuple[Figure, ...]]:
    """Return the pictures that a report shows, as many as an answer holds, and the others."""
    shown: list[Figure] = []
    left_out: list[Figure] = []
    size = 0
    for picture in figures.shown(examination.pipeline, examination.pictures):
        stored = await pictures.get_picture(connection, examination.id, picture.name)
        if stored is None:  # a researcher sees no picture
            continue
        size += len(stored.content)
        (shown if size <= MAX_PICTURE_BYTES else left_out).append(figures.figure(picture, stored))
    return {"figures": tuple(shown), "left_out": tuple(left_out)}
