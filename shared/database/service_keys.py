"""For whom a service key stands: asked before anybody is known, by the key's hash alone."""

from shared.caller import KeyHolder
from shared.database import identity, transaction


async def find_holder(key_hash: bytes) -> KeyHolder | None:
    """Return for whom a key stands; None for an unknown, revoked or expired key.

    Raises
    ------
    Unavailable
    """
    asked = identity.asking("service_key", "key", hash=key_hash.hex())
    async with transaction.nobody() as connection:
        rows = await connection.exec_driver_sql(asked)
        row = next(iter(rows.mappings()), None)
    return (
        KeyHolder(
            row["id"],
            row["subject"],
            row["organization"],
            tuple(row["scopes"]),
            tuple(row["networks"]),
        )
        if row
        else None
    )
