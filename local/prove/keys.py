"""Service keys: what is stored of them, and what they open."""

from local.prove.attacks import Finding, Needs, attack
from local.prove.inside import SEES_IDENTITIES, as_owner, changed
from local.prove.stand import Stand, had
from shared.permissions import Permission, RoleName


async def service_key(stand: Stand, *scopes: Permission) -> str:
    """Return a new key of our admin's."""
    client = stand.ours.client(RoleName.ADMIN)
    answer = await client.post("/api/accounts/keys", json={"name": "prove", "scopes": scopes})
    key = str(had(answer)["key"])
    stand.secrets.add(key)
    return key


@attack(
    19,
    "a service key is looked for in the database",
    expected="its hash alone",
    rules=("164.312(d)", "ASVS 9.1.1", "API2:2023"),
    needs=Needs.STACK,
)
async def key_in_the_database(stand: Stand) -> Finding:
    """Make a key and look for it, as it is and as bytes, in what is stored."""
    key = await service_key(stand, Permission.VIEW_ASSESSMENTS)
    async with as_owner(stand) as owner, changed(owner, role=SEES_IDENTITIES) as driver:
        rows = [row[0] for row in await driver.fetch("SELECT k::text FROM service_keys k")]
    plain = (key, key.removeprefix("mlk_"), key.encode().hex()[:64])
    shown = [row for row in rows if any(part in row for part in plain)]
    return Finding(
        bool(rows) and not shown,
        "SELECT FROM service_keys, for a key just made",
        f"{len(rows)} rows, {len(shown)} with the key in plain",
    )
