"""Names that a function of the database gives to whoever reaches a record, and not the people."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import FunctionElement, LargeBinary, Text, Uuid, column, select
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.database.repositories import keys


async def get_names(
    connection: AsyncConnection, people: FunctionElement[Any], parameters: Mapping[str, Any]
) -> Mapping[UUID, str]:
    """Return the first and last names of the rows of a function; who has none is left out.

    Raises
    ------
    MasterKeyMissing, SettingsMissing, Unavailable
    """
    named = people.table_valued(
        column("user_id", Uuid),
        column("organization_id", Uuid),
        column("first_name", Text),
        column("last_name", Text),
        column(keys.WRAPPED_KEY, LargeBinary),
    )
    rows = (await connection.execute(select(named), parameters)).mappings().all()
    reader = await keys.reader(connection, rows)
    told = {
        row["user_id"]: reader.texts(row).opened_columns("users", row["user_id"], row)
        for row in rows
    }
    names = {key: (row["first_name"], row["last_name"]) for key, row in told.items()}
    return {key: " ".join(filter(None, parts)) for key, parts in names.items() if any(parts)}
