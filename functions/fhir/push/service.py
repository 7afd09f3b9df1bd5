"""A transaction sent to the organization's own FHIR server, while whoever asks for it waits.

Nothing of a person is kept for a later attempt: what was not taken is sent again by whoever asked.
A transaction updates what was sent before, so sending it twice does no harm.
"""

import json
import re
from collections.abc import Mapping
from http import HTTPStatus
from uuid import UUID

from functions.fhir import bundles
from functions.fhir.bulk.queries import is_researcher
from functions.fhir.bulk.service import CohortsOnly
from functions.fhir.examinations import service
from functions.fhir.outcome import FHIR_JSON
from functions.fhir.push.queries import FhirServer, get_fhir_server
from functions.fhir.resources.elements import Resource
from functions.fhir.resources.patient import patient
from shared.caller import Caller
from shared.caller import Resource as Record
from shared.database import transaction
from shared.database.repositories import keys
from shared.errors import Conflict, MediLensError
from shared.permissions import Permission

# Less than a gateway waits for us.
PATIENCE_S = 20.0
PRINTABLE = re.compile(r"[!-~]*")


class NoFhirServer(Conflict):
    """The organization has named no FHIR server, or none that can be signed in to."""

    code = "no-fhir-server"

    def __init__(self, why: str) -> None:
        super().__init__(f"{why} An admin sets it with PUT /api/accounts/organization/fhir-server.")


class NotTaken(MediLensError):
    """The organization's FHIR server did not take what was sent."""

    status = HTTPStatus.BAD_GATEWAY
    code = "fhir-server-failed"
    title = "The FHIR server did not take it"

    def __init__(self, why: str) -> None:
        super().__init__(f"The organization's FHIR server did not take it ({why}). Send it again.")


async def push(caller: Caller, assessment_id: UUID, base: str) -> int:
    """Send an assessment, deleted ones as withdrawn, and return the status that was answered.

    Raises
    ------
    NotFound, CohortsOnly, NoFhirServer, NotTaken
    """
    about = Record("assessments", assessment_id)
    async with transaction.begin(
        caller, Permission.EXPORT_DATA, read_only=True, about=about
    ) as connection:
        dossier = await service.get_dossier(connection, base, assessment_id, deleted=True)
        if await is_researcher(connection):
            raise CohortsOnly
        texts = (await keys.get_organization_keys(connection)).texts
    async with transaction.unattended() as connection:
        server = await get_fhir_server(connection, dossier.issuer.id, texts)
    if server is None:
        raise NoFhirServer("The organization has no FHIR server.")
    person = patient(dossier.person, dossier.issuer)
    bundle = bundles.transaction(person, list(service.everything(dossier)))
    return await _send(server, bundle)


async def _send(server: FhirServer, bundle: Resource) -> int:
    """Post a bundle to where its name leads, if that is on a public network.

    Raises
    ------
    NoFhirServer, NotTaken
    """
    from shared.outgoing.addresses import parse_target  # not at every start
    from shared.outgoing.post import NotAnswered, is_delivered, post

    if not PRINTABLE.fullmatch(server.secret):
        raise NoFhirServer("The secret of the FHIR server has characters that no header takes.")
    try:
        target = parse_target(server.url)
        body = json.dumps(bundle).encode()
        status = await post(target, _headers(server), body, within_s=PATIENCE_S)
    except NotAnswered as failure:
        raise NotTaken(failure.code) from None
    except ValueError:
        # Callable when it was taken, by the settings of then.
        raise NotTaken("no-public-address") from None
    if not is_delivered(status):
        raise NotTaken(f"it answered {status}")
    return status


def _headers(server: FhirServer) -> Mapping[str, str]:
    secret = {"Authorization": f"Bearer {server.secret}"} if server.secret else {}
    return {"Content-Type": FHIR_JSON, **secret}
