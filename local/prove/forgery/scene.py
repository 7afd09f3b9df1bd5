"""What may be seen from a transaction in which an attacker runs statements."""

from collections.abc import Mapping, Sequence

import asyncpg


class Scene:
    """A transaction of one organization's person, and what must not be seen from it."""

    def __init__(
        self, driver: asyncpg.Connection, words: Mapping[str, str], tables: Sequence[str]
    ) -> None:
        self.driver = driver
        self.words = words
        looks = [_look(table) for table in tables]
        self.looks = " UNION ALL ".join(looks)

    async def attack(self, statement: str) -> str:
        """Run one statement, keep what it answers, and leave the transaction usable."""
        await self.driver.execute("SAVEPOINT attack")
        told = statement.format(**self.words)
        try:
            *first, last = told.split(";; ")
            for part in first:
                await self.driver.execute(part)
            return str([tuple(row) for row in await self.driver.fetch(last)])
        except asyncpg.PostgresError as refusal:
            await self.driver.execute("ROLLBACK TO attack")
            return str(refusal.as_dict())

    async def touched(self, statement: str) -> int:
        """Run a statement that changes rows, take it back, and return how many it changed."""
        await self.driver.execute("SAVEPOINT attack")
        try:
            told = await self.driver.execute(statement.format(**self.words))
        except asyncpg.PostgresError:
            told = "0"
        await self.driver.execute("ROLLBACK TO attack")
        last = told.split()[-1]
        # What has no number, such as TRUNCATE TABLE, has changed whatever there was.
        return int(last) if last.isdecimal() else 1

    async def strangers(self) -> list[str]:
        """The tables in which rows of another organization are seen."""
        rows = await self.driver.fetch(self.looks, self.words["ours"])
        return [row["name"] for row in rows if row["is_seen"]]

    async def others(self) -> int:
        """How many assessments of other people than the caller are seen."""
        query = "SELECT count(*) FROM assessments WHERE user_id <> $1::uuid"
        count: int = await self.driver.fetchval(query, self.words["me"])
        return count


def _look(table: str) -> str:
    column = "id" if table == "organizations" else "organization_id"
    return (
        f"SELECT '{table}' AS name, EXISTS (SELECT FROM {table}"  # noqa: S608  # of the catalog
        f" WHERE {column} IS DISTINCT FROM $1::uuid) AS is_seen"
    )
