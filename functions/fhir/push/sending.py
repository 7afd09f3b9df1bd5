"""What sends an assessment: a transaction made of it now, in the name of whoever asked for it."""

import asyncio
import json
import re
import time
from collections.abc import Mapping, Sequence
from datetime import timedelta
from functools import partial
from uuid import UUID

from functions.fhir import bundles
from functions.fhir.bulk.queries import is_researcher
from functions.fhir.examinations import service
from functions.fhir.outcome import FHIR_JSON
from functions.fhir.push import queries
from functions.fhir.push.queries import FhirServer, ToSend, get_fhir_server
from functions.fhir.resources.elements import Resource
from functions.fhir.resources.patient import patient
from shared import rates
from shared.caller import Caller
from shared.caller import Resource as Record
from shared.database import transaction
from shared.database.repositories import keys, schedule
from shared.errors import Denied, Forbidden
from shared.http.jobs import JobReport
from shared.identifiers import uuid7
from shared.outgoing.attempts import AT_ONCE_S, BY_SCHEDULE_S, Outcome, attempt
from shared.outgoing.post import posted
from shared.permissions import Permission
from shared.runtime.observability import FailuresLogged

PRINTABLE = re.compile(r"[!-~]*")
# Each is read, built and sent: a batch holds no more bundles in memory than this.
SENT_AT_ONCE = 10
# A run goes on while something is due, and well within a minute, after which the next one begins.
SEND_FOR_S = 15.0
KEPT = timedelta(days=90)
FORGOTTEN_AT_ONCE = 1_000


async def send_at_once(push_id: UUID) -> None:
    """Try once what a request has just asked for; what fails is left to the schedule."""
    # What was asked for is written down: whatever goes wrong now is tried again.
    with FailuresLogged():
        async with transaction.unattended() as connection:
            written = await queries.get_just_written(connection, push_id)
        await _send_all(written, within_s=AT_ONCE_S)


async def run_job(job: str) -> JobReport:
    """Send what is due, and forget what is old.

    Raises
    ------
    Unavailable
    """
    rates.nobody_waits()  # whoever asked has paid when they asked
    began, tried = time.monotonic(), 0
    while batch := await _send_due():
        tried += batch
        if time.monotonic() - began > SEND_FOR_S:
            break
    async with transaction.unattended() as connection:
        forgotten = await queries.forget(connection, older_than=KEPT, most=FORGOTTEN_AT_ONCE)
        await schedule.finish_job(connection, job)
    told = {"pushes tried": tried, "pushes forgotten": forgotten}
    return JobReport(
        job=job, changed=[f"{number} {what}" for what, number in told.items() if number]
    )


async def _send_due() -> int:
    async with transaction.unattended() as connection:
        leased = await queries.lease(connection, SENT_AT_ONCE)
    await _send_all(leased, within_s=BY_SCHEDULE_S)
    return len(leased)


async def _send_all(pushes: Sequence[ToSend], *, within_s: float) -> None:
    if not pushes:
        return
    attempts = await asyncio.gather(
        *(attempt(push.id, push.attempts, partial(_send, push, within_s)) for push in pushes)
    )
    async with transaction.unattended() as connection:
        await queries.settle(connection, attempts)


async def _send(push: ToSend, within_s: float) -> Outcome:
    message = await _read_or_outcome(push)
    if isinstance(message, Outcome):
        return message
    server, bundle = message
    if server is None:
        return Outcome("no-fhir-server")
    if not PRINTABLE.fullmatch(server.secret):
        return Outcome("secret-not-printable")
    return await _post(server, bundle, within_s)


async def _read_or_outcome(push: ToSend) -> tuple[FhirServer | None, Resource] | Outcome:
    with FailuresLogged():  # a record that cannot be read never keeps the others of its batch
        try:
            return await _read(push)
        except Denied:
            # Whoever asked has left, lost the role or the key, or does not reach the record now.
            return Outcome("not-permitted", is_last=True)
    return Outcome("not-read")


async def _read(push: ToSend) -> tuple[FhirServer | None, Resource]:
    """Return the server, and the transaction, read in the name of whoever asked.

    Raises
    ------
    Forbidden, NotFound
    """
    if push.subject is None:
        raise Forbidden("Whoever asked for it is nobody here any more.")
    caller = Caller(push.subject, push.organization, request_id=str(uuid7()))
    about = Record("assessments", push.assessment_id)
    async with transaction.begin(
        caller, Permission.EXPORT_DATA, read_only=True, about=about
    ) as connection:
        if await is_researcher(connection):
            raise Forbidden("Research takes cohorts.")
        dossier = await service.get_dossier(connection, push.base, push.assessment_id, deleted=True)
        texts = (await keys.get_organization_keys(connection)).texts
    async with transaction.unattended() as connection:
        server = await get_fhir_server(connection, dossier.issuer.id, texts)
    person = patient(dossier.person, dossier.issuer)
    return server, bundles.transaction(person, list(service.everything(dossier)))


async def _post(server: FhirServer, bundle: Resource, within_s: float) -> Outcome:
    body = json.dumps(bundle).encode()
    return await posted(server.url, _headers(server), body, within_s=within_s)


def _headers(server: FhirServer) -> Mapping[str, str]:
    secret = {"Authorization": f"Bearer {server.secret}"} if server.secret else {}
    return {"Content-Type": FHIR_JSON, **secret}
