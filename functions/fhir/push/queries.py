"""Where an organization's FHIR server is, which no request of its members' may read."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from shared.database.encryption.texts import Texts
from shared.database.repositories import schedule


@dataclass(frozen=True)
class FhirServer:
    """An address, and what is signed in with there; an empty secret is none."""

    url: str
    secret: str


async def get_fhir_server(
    connection: AsyncConnection, organization_id: UUID, texts: Texts
) -> FhirServer | None:
    """Return the server of an organization, in a transaction of `transaction.unattended`.

    `texts` opens what is encrypted with the organization's key.
    """
    rows = await schedule.work(connection, "fhir_server", organization_id=str(organization_id))
    for row in rows:
        key = UUID(row["secret_id"])
        secret = texts.opened("outgoing_secrets", "secret", key, row["secret"])
        return FhirServer(row["url"], secret or "")
    return None
