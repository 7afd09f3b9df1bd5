"""What no test may leave behind: a row whose foreign key names nothing.

Tests reach behind the triggers as a database's owner could. A row that is left pointing at nothing
breaks a later test, of another file, that copies the whole database.
"""

import asyncpg

FOREIGN_KEYS = """
    SELECT conname, conrelid::regclass::text AS child, confrelid::regclass::text AS parent,
        (SELECT string_agg(format('c.%I IS NOT NULL', a.attname), ' AND ')
         FROM pg_attribute a WHERE attrelid = conrelid AND attnum = ANY (conkey)) AS is_set,
        (SELECT string_agg(format('p.%I = c.%I', theirs.attname, ours.attname), ' AND ')
         FROM unnest(conkey, confkey) AS pair (our_number, their_number)
         JOIN pg_attribute ours ON ours.attrelid = conrelid AND ours.attnum = our_number
         JOIN pg_attribute theirs ON theirs.attrelid = confrelid AND theirs.attnum = their_number
        ) AS is_same
    FROM pg_constraint WHERE contype = 'f' AND conparentid = 0
"""


async def dangling(address: str) -> list[str]:
    """Name each foreign key of which a row names nothing."""
    connection = await asyncpg.connect(address)
    try:
        return [
            f"{key['child']}.{key['conname']}"
            for key in await connection.fetch(FOREIGN_KEYS)
            if await connection.fetchval(
                f"SELECT EXISTS (SELECT FROM {key['child']} c WHERE {key['is_set']}"
                f" AND NOT EXISTS (SELECT FROM {key['parent']} p WHERE {key['is_same']}))"
            )
        ]
    finally:
        await connection.close()
