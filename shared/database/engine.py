"""The engine: no connection outlives its request, or one is kept by each warm sandbox."""

import asyncio
from collections.abc import Mapping
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import URL, event
from sqlalchemy.dialects import registry
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import AsyncAdaptedQueuePool, NullPool

from shared.aws import secrets
from shared.database.address import UNNAMED_STATEMENTS, connect_options
from shared.database.encryption import memory
from shared.database.retry import RETRY_WITHIN_S
from shared.settings import DatabasePool, DatabaseSettings

# A kept connection that is older is replaced when it is next asked for, so that it does not outlive
# a move of the server or a changed password by much. One that the server closed is never used.
SANDBOX_MAX_AGE_S = 30 * 60
# Loaded with the first engine, not with the start.
DIALECT = "medilens"
registry.register(f"postgresql.{DIALECT}", "shared.database.dialect", "Dialect")


def current() -> AsyncEngine:
    """The one engine of the running loop: a kept connection belongs to the loop that made it."""
    loop = asyncio.get_running_loop()
    if loop not in _engines:
        _engines[loop] = _configured_engine()
    return _engines[loop]


_engines: WeakKeyDictionary[asyncio.AbstractEventLoop, AsyncEngine] = WeakKeyDictionary()


def forget_connections() -> None:
    """Leave connections to whom they belong: the sandbox of which this one is a copy.

    Opened keys go where connections go.
    """
    _engines.clear()
    memory.ORGANIZATIONS.forget()


async def renew() -> bool:
    """Take up an address that has changed in the secret; tell whether it has.

    Requests that have a connection with the old one finish on it.

    Raises
    ------
    SettingsMissing, Unavailable
    """
    changed = await asyncio.to_thread(secrets.renew)
    if changed:
        await _engines.pop(asyncio.get_running_loop()).dispose()
    return changed


def _configured_engine() -> AsyncEngine:
    """A connection a request, or one kept warm by the sandbox."""
    settings = secrets.load(DatabaseSettings)
    address, options = connect_options(settings.database_url.get_secret_value())
    options |= {
        "timeout": settings.database_connect_timeout_s,
        "command_timeout": settings.database_command_timeout_s,
        "server_settings": {"application_name": "medilens"},
    }
    if settings.database_prepared_statements:
        for option in UNNAMED_STATEMENTS:
            del options[option]
    if settings.database_pool is DatabasePool.NONE:
        return _engine(address, options, poolclass=NullPool)
    return _engine(
        address,
        options,
        poolclass=AsyncAdaptedQueuePool,
        pool_size=1,
        max_overflow=9,  # a sandbox that serves several requests at once (Vercel)
        pool_timeout=RETRY_WITHIN_S,
        pool_recycle=SANDBOX_MAX_AGE_S,
    )


def _engine(address: URL, options: Mapping[str, Any], **pool: Any) -> AsyncEngine:
    made = create_async_engine(
        address.set(drivername=f"postgresql+{DIALECT}"),
        connect_args=dict(options),
        isolation_level="AUTOCOMMIT",
        hide_parameters=True,  # what a row holds is never part of a message
        **pool,
    )
    event.listen(made.sync_engine, "checkout", _replace_if_closed)
    return made


def _replace_if_closed(dbapi_connection: Any, _record: object, _proxy: object) -> None:
    """A warm connection that the server closed meanwhile is known without asking it."""
    if dbapi_connection.driver_connection.is_closed():
        raise DisconnectionError
