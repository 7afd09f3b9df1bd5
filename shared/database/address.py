"""The database address as it was pasted, split into what SQLAlchemy and asyncpg take."""

import ssl
from collections.abc import Mapping
from functools import cache
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from sqlalchemy import URL, make_url

from shared.setting_forms import LOOPBACK_NAMES

# Right behind any pooler: nothing outlives its statement.
UNNAMED_STATEMENTS: Mapping[str, Any] = {
    "statement_cache_size": 0,
    "prepared_statement_cache_size": 0,
    "prepared_statement_name_func": lambda: "",
}


class UnknownDatabaseParameter(ValueError):
    """The database address carries a parameter that would be lost in silence."""


def connect_options(url: str) -> tuple[URL, dict[str, Any]]:
    """Split an address as it was pasted into what SQLAlchemy and asyncpg take.

    `postgres://` and `postgresql://` are the same. `sslmode` becomes a verifying context, except
    on the loopback interface or where it is `disable`. `channel_binding` is dropped: asyncpg has
    none, and a verified certificate protects as well.

    Raises
    ------
    UnknownDatabaseParameter
    """
    parts = urlsplit(url)
    query = dict(parse_qsl(parts.query))
    address = make_url(parts._replace(scheme="postgresql+asyncpg", query="").geturl())
    mode = query.pop("sslmode", None)
    query.pop("channel_binding", None)
    root_certificate = query.pop("sslrootcert", None)
    if query:
        raise UnknownDatabaseParameter(
            f"The database address carries {', '.join(sorted(query))}, which MediLens does not pass"
            " on. Remove it; set server settings with ALTER ROLE instead."
        )
    plain = mode == "disable" or (mode is None and address.host in LOOPBACK_NAMES)
    return address, {
        "ssl": False if plain else _tls_context(root_certificate),
        **UNNAMED_STATEMENTS,
    }


@cache
def _tls_context(root_certificate: str | None) -> ssl.SSLContext:
    """Building a context costs 25 ms of CPU, so there is one a process."""
    return ssl.create_default_context(cafile=root_certificate)
