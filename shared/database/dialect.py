"""How SQLAlchemy speaks with Postgres, without asking each server first what we know of all."""

from typing import Any

from sqlalchemy.dialects.postgresql.asyncpg import PGDialect_asyncpg


class Dialect(PGDialect_asyncpg):
    """Postgres by asyncpg.

    SQLAlchemy asks the server of a new engine four questions: four round trips of the first request
    of every sandbox, at which it waits for as long as a statement may take where a pooler has no
    free connection. The answers are the same for every server that the migrations run on.
    """

    supports_statement_cache = True
    server_version_info = (14,)
    default_schema_name = "public"
    default_isolation_level = "READ COMMITTED"

    def initialize(self, _connection: Any) -> None:
        """Ask nothing."""
