"""The owner's connection: organizations and their first people come before anybody can sign in."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine
from sqlalchemy.pool import NullPool

from shared.database.address import connect_options


@asynccontextmanager
async def as_owner(direct_url: str) -> AsyncIterator[AsyncConnection]:
    """Run the body in a transaction of the owner, as the system, and commit."""
    address, options = connect_options(direct_url)
    engine = create_async_engine(address, connect_args=options, poolclass=NullPool)
    try:
        async with engine.begin() as connection:
            yield connection
    finally:
        await engine.dispose()
