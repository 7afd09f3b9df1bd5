"""The SQL that makes a table a tenant's table: row-level security and audit triggers.

Versions already released call this, so it only ever grows: a change of meaning is a new
function and a new version.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

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


@dataclass(frozen=True, kw_only=True)
class Access:
    """Which permission each use of a table asks for, and whose rows it reaches.

    Several permissions are alternatives. A use without any is nobody's: the functions' role gets
    neither the right nor a policy for it.
    """

    # What nobody views is added and left alone.
    view: Sequence[str]
    add: Sequence[str] = ()
    # permission: the columns that it may change
    change: Mapping[str, Sequence[str]] = field(default_factory=dict)
    # Who sets the columns of a deletion that keeps the row, and who empties them.
    delete: Sequence[str] = ()
    restore: Sequence[str] = ()

    tenant: str = "organization_id"
    person: str | None = "user_id"
    # The column that says who added the row: the caller, whatever the statement says.
    author: str | None = None
    # What else a new row has to be.
    new: str = "true"
    # Of those who reach their own records only: whether they add, and which rows they change.
    own_add: bool = False
    own_change: str = "false"
    # What else a row of their own has to be for them to see it, or to add it.
    own: str = "true"
    # Researchers see the rows of people who consented.
    research: bool = False
    # Everybody of the organization sees every row.
    shared: bool = False
    # Columns that go along with whatever else is changed.
    along: Sequence[str] = ("updated_at",)
    # The columns of a deletion that keeps the row.
    deletion: Sequence[str] = ("deleted_at",)
    # Whoever reaches only those assigned to them (`medilens.cared_for()`) sees, adds and changes.
    care_team: bool = False
    # They add rows of anybody too: who is new is assigned to nobody.
    team_adds: bool = False


def secure_by_permission(table: str, access: Access) -> list[str]:
    """Return the statements that let each permission reach exactly its rows of `table`.

    They replace what the table had: policies, rights of the functions' role, and its rows of
    `medilens.needed_permissions`, by which the audit trigger judges which columns were changed.
    """
    return [
        f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY",
        f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY",
        *(f"DROP POLICY IF EXISTS {policy} ON {table}" for policy in POLICIES),
        f"REVOKE ALL ON {table} FROM medilens_app",
        forget_permissions(table),
        *_rows(table, access),
        *_policies(table, access),
        *_grants(table, access),
    ]


def forget_permissions(table: str) -> str:
    """Return the statement for a version's way down, where the table is dropped."""
    return f"DELETE FROM medilens.needed_permissions WHERE table_name = '{table}'"


POLICIES = ("seen", "added", "changed", "finished", "shared")
CALLER = "(SELECT medilens.sealed_person())"


def _reach(scope: str) -> str:
    """A condition that the planner takes for a coin toss, as it took the setting."""
    return f"(SELECT medilens.scope_is('{scope}'))"


def _of_organization(tenant: str, permissions: Iterable[str]) -> str:
    """One look at the seal answers both: whose rows, and whether the permission is among these."""
    listed = ", ".join(f"'{permission}'" for permission in permissions)
    return f"{tenant} = (SELECT medilens.organization_for({listed}))"


def _changing(access: Access) -> list[str]:
    return list(dict.fromkeys((*access.change, *access.delete, *access.restore)))


def _own(access: Access) -> str:
    if access.person is None:
        return "false"
    also = "" if access.own == "true" else f" AND {access.own}"
    return f"{_reach('own')} AND {access.person} = {CALLER}{also}"


def _policies(table: str, access: Access) -> Iterator[str]:
    everybody = _reach("organization")
    own = _own(access)
    assigned = f"{_reach('care_team')} AND {access.person} IN (SELECT medilens.cared_for())"
    team = f" OR ({assigned})" if access.care_team else ""
    yield from _reading(table, access, f"{everybody} OR ({own}){team}")
    if access.add:
        newly = f" OR {_reach('care_team')}" if access.team_adds else team
        adds = f"{everybody} OR ({own}){newly}" if access.own_add else f"{everybody}{newly}"
        yield _adding(table, access, adds)
    if permissions := _changing(access):
        here = _of_organization(access.tenant, permissions)
        changes = f"{everybody} OR ({own} AND {access.own_change}){team}"
        remains = f"{everybody} OR ({own}){team}"
        yield (
            f"CREATE POLICY changed ON {table} FOR UPDATE TO medilens_app"
            f" USING ({here} AND ({changes})) WITH CHECK ({here} AND ({remains}))"
        )


def _reading(table: str, access: Access, reached: str) -> Iterator[str]:
    """Who reads a table: whoever reaches the person, research, everybody of the tenant, nobody."""
    if not access.view:
        return
    consented = f"{_reach('research')} AND {access.person} IN (SELECT medilens.consented())"
    sees = reached + (f" OR ({consented})" if access.research else "")
    here = _of_organization(access.tenant, access.view)
    yield (
        f"CREATE POLICY seen ON {table} FOR SELECT TO medilens_app"
        f" USING ({here}{'' if access.shared else f' AND ({sees})'})"
    )


def _adding(table: str, access: Access, reached: str) -> str:
    """Who adds rows, of whom and in whose name."""
    here = _of_organization(access.tenant, access.add)
    author = f" AND {access.author} = {CALLER}" if access.author else ""
    return (
        f"CREATE POLICY added ON {table} FOR INSERT TO medilens_app"
        f" WITH CHECK ({here} AND ({reached}){author} AND {access.new})"
    )


def _columns(access: Access) -> Mapping[str, list[str]]:
    """Return which permissions change each column, deletion apart."""
    columns: dict[str, list[str]] = {}
    for permission, names in access.change.items():
        for name in names:
            columns.setdefault(name, []).append(permission)
    return columns


def _rows(table: str, access: Access) -> Iterator[str]:
    uses = {
        ("view", ""): access.view,
        ("add", ""): access.add,
        **{("change", column): permissions for column, permissions in _columns(access).items()},
        ("delete", ""): access.delete,
        ("restore", ""): access.restore,
    }
    for (use, column), permissions in uses.items():
        if permissions:
            listed = ", ".join(permissions)
            yield (
                "INSERT INTO medilens.needed_permissions VALUES"
                f" ('{table}', '{use}', '{column}', '{{{listed}}}')"
            )


def _grants(table: str, access: Access) -> Iterator[str]:
    rights = [*(["SELECT"] if access.view else ()), *(["INSERT"] if access.add else ())]
    if rights:
        yield f"GRANT {', '.join(rights)} ON {table} TO medilens_app"
    deleted = access.deletion if access.delete or access.restore else ()
    columns = [*_columns(access), *access.along, *deleted]
    if _changing(access):
        yield f"GRANT UPDATE ({', '.join(columns)}) ON {table} TO medilens_app"
