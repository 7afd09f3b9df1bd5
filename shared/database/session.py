"""What a session of the functions' role is held to, and whether the server still says so.

The role has these settings, so that they hold behind any pooler; but a role may change its own, and
a session what it likes, for whoever gets its connection next. So each transaction sets them again.
"""

from collections.abc import Sequence

from shared.database.identity import SHOWN_BYTES

ROLE = "medilens_app"

SETTINGS = {
    "search_path": "public",
    "TimeZone": "UTC",  # as the server spells it
    "jit": "off",
    "statement_timeout": "30s",
    "idle_in_transaction_session_timeout": "60s",
    "lock_timeout": "5s",
    # What was answered is on disk, reads' audit rows included.
    "synchronous_commit": "on",
    "bytea_output": "hex",
    "row_security": "on",  # off, nobody would be let in
}

# The isolation is named too, for it is a session's to change like the rest.
BEGIN = "BEGIN ISOLATION LEVEL READ COMMITTED, READ WRITE; SELECT " + ", ".join(
    f"pg_catalog.set_config('{name}', '{value}', true)" for name, value in SETTINGS.items()
)

# Everything of the role that a migration made and somebody may have changed since.
STATE = """
    SELECT r.rolsuper, r.rolbypassrls, r.rolcreaterole, r.rolcreatedb,
        pg_catalog.has_database_privilege(r.oid, d.oid, 'TEMPORARY') AS temporary,
        pg_catalog.pg_size_bytes(pg_catalog.current_setting('track_activity_query_size')) AS shown,
        coalesce((
            SELECT pg_catalog.array_agg(told) FROM pg_catalog.pg_db_role_setting s,
                pg_catalog.unnest(s.setconfig) AS told
            WHERE s.setrole = r.oid AND s.setdatabase IN (0, d.oid)
        ), '{}') AS told
    FROM pg_catalog.pg_roles r, pg_catalog.pg_database d
    WHERE r.rolname = current_user AND d.datname = pg_catalog.current_database()
"""
RIGHTS = {
    "rolsuper": "is a superuser",
    "rolbypassrls": "passes by row-level security",
    "rolcreaterole": "may create roles",
    "rolcreatedb": "may create databases",
    "temporary": "may create temporary tables",
}


def drift(state: dict[str, object], told: Sequence[str]) -> list[str]:
    """Say in which respects the role is not as the migrations left it."""
    expected = {f"{name}={value}" for name, value in SETTINGS.items()}
    shown = state["shown"]
    assert isinstance(shown, int)
    missing = sorted(expected - set(told))
    added = sorted(name.partition("=")[0] for name in set(told) - expected)
    return [
        *(f"the role {words}" for right, words in RIGHTS.items() if state[right]),
        *(
            [f"statements are shown to other sessions up to {shown} bytes"]
            if shown > SHOWN_BYTES
            else []
        ),
        *(f"the role's setting {setting} is missing" for setting in missing),
        *(f"the role has another setting of {name}" for name in added),
    ]
