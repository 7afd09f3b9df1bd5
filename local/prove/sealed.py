"""Encrypted columns: nonces that come twice, and names that stand in plain."""

from base64 import b64decode
from uuid import UUID

from local.prove.attacks import Finding, Needs, attack
from local.prove.inside import SEES_RECORDS, as_owner, changed
from local.prove.stand import Stand, had
from shared.database.encryption.envelope import HEAD_BYTES, NONCE_AT, PREFIX
from shared.permissions import RoleName

# The same name for so many people: with a nonce of its own, none of them looks like another.
PEOPLE = 4
NAMES = "SELECT last_name FROM users WHERE id = ANY ($1::uuid[])"


@attack(
    63,
    expected="ciphertext, each with a nonce of its own",
    rules=("164.312(a)(2)(iv)", "ASVS 11.3.4", "API8:2023"),
    needs=Needs.STACK,
)
async def names_at_rest(stand: Stand) -> Finding:
    """Names in the database: in plain, or encrypted with a nonce that comes twice."""
    admin = stand.ours.client(RoleName.ADMIN)
    named = {"last_name": "Canary-of-many"}
    people = [
        UUID(had(await admin.post("/api/accounts/patients", json=named))["id"])
        for _ in range(PEOPLE)
    ]
    async with as_owner(stand) as owner, changed(owner, role=SEES_RECORDS):
        names = [row["last_name"] for row in await owner.fetch(NAMES, people)]
    plain = [name for name in names if not name.startswith(PREFIX)]
    envelopes = [name.removeprefix(PREFIX) for name in names if name not in plain]
    nonces = [b64decode(text)[NONCE_AT:HEAD_BYTES] for text in envelopes]
    repeated = len(nonces) - len(set(nonces))
    return Finding(
        len(nonces) == PEOPLE and not plain and not repeated,
        f"{len(names)} names of people",
        f"{len(plain)} in plain, {repeated} nonces twice",
    )
