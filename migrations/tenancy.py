"""The SQL that makes a table a tenant's table: row-level security and audit triggers.

Versions already released call this, so it only ever grows: a change of meaning is a new
function and a new version.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from alembic import op

ORGANIZATION = "(SELECT nullif(current_setting('medilens.organization_id', true), '')::uuid)"
PERSON = "(SELECT nullif(current_setting('medilens.user_id', true), '')::uuid)"


def scope_is(scope: str) -> str:
    """A condition that the planner takes for a coin toss.

    Compared outside the sub-select it would be taken for rarely true, and a list of the newest 20
    would sort a whole organization instead of walking its index.
    """
    return f"(SELECT current_setting('medilens.scope', true) = '{scope}')"


def secure(  # every option is one line of a table's policy
    table: str,
    *,
    tenant: str = "organization_id",
    person: str | None = "user_id",
    own_insert: bool = True,
    own_update: bool = False,
    research: bool = False,
) -> list[str]:
    """Return the statements that let each scope reach exactly its rows of `table`.

    The wrapped sub-selects are evaluated once a statement, and read as nothing, hence no rows,
    where no identity was set.
    """
    here = f"{tenant} = {ORGANIZATION}"
    own = f"({scope_is('own')} AND {person} = {PERSON})" if person else "false"
    consented = f"({scope_is('research')} AND {person} IN (SELECT medilens.consented()))"
    sees = f"{scope_is('organization')} OR {own}" + (f" OR {consented}" if research else "")
    adds = f"{scope_is('organization')} OR {own if own_insert else 'false'}"
    changes = f"{scope_is('organization')} OR {own if own_update else 'false'}"
    return [
        f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY",
        f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY",
        f"CREATE POLICY seen ON {table} FOR SELECT TO medilens_app USING ({here} AND ({sees}))",
        (
            f"CREATE POLICY added ON {table} FOR INSERT TO medilens_app"
            f" WITH CHECK ({here} AND ({adds}))"
        ),
        (
            f"CREATE POLICY changed ON {table} FOR UPDATE TO medilens_app"
            f" USING ({here} AND ({changes})) WITH CHECK ({here} AND ({changes}))"
        ),
    ]


def audit(
    table: str, *, resource: str = "id", subject: str = "user_id", updates: bool = True
) -> list[str]:
    """Return the statements that write an audit row for each change of a resource of `table`.

    `resource` and `subject` name the columns that hold the record's and the person's id. Without
    `updates` a row is what it was when it was added, for good.
    """
    call = f"EXECUTE FUNCTION medilens.audit_change('{resource}', '{subject}')"
    update = (
        f"CREATE TRIGGER audit_update AFTER UPDATE ON {table}"
        f" REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT {call}"
    )
    return [
        (
            f"CREATE TRIGGER audit_insert AFTER INSERT ON {table}"
            f" REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT {call}"
        ),
        update if updates else keep(table, "UPDATE"),
        (
            f"CREATE TRIGGER audit_delete AFTER DELETE ON {table}"
            f" REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT {call}"
        ),
    ]


@contextmanager
def unforced(*tables: str) -> Iterator[None]:
    """Let the owner change every tenant's rows of `tables`, within the migration's transaction.

    Row-level security is forced on the owner too, who has no identity: without this a data
    migration touches no row and says nothing.
    """
    for table in tables:
        op.execute(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY")
    yield
    for table in tables:
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")


def keep(table: str, *operations: str) -> str:
    """Return the statement that refuses `operations` on `table` to everybody, its owner too."""
    return (
        f"CREATE TRIGGER keep BEFORE {' OR '.join(operations)} ON {table}"
        " FOR EACH STATEMENT EXECUTE FUNCTION medilens.keep()"
    )
