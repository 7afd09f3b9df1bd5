"""What a pipeline's table of results takes once it is created, and what goes with it.

Versions already released call this, so it only ever grows, as `tenancy` does.
"""

from collections.abc import Iterator

from migrations.released import version
from migrations.tenancy import audit, forget_permissions, secure_by_permission

AUDIT, KEEPER = "medilens_audit", "medilens_keeper"


def secure_results(table: str) -> Iterator[str]:
    """Yield the statements that make `table` one of results, such as `motor_results`.

    Who sees and adds its rows, and their audit; that they leave with their assessment; and the form
    by which the trail's hash is compared with them. A column that is added later belongs to a form
    of its own.
    """
    yield from secure_by_permission(table, version("0030").tables()["retinal_results"])
    yield from audit(table, resource="assessment_id")
    for use in ("SELECT", "DELETE"):
        yield f"GRANT {use} ON {table} TO {KEEPER}"
        yield (
            f"CREATE POLICY kept_{use.lower()} ON {table} FOR {use} TO {KEEPER}"
            f" USING (current_user = '{KEEPER}')"
        )
    yield f"GRANT SELECT ON {table} TO {AUDIT}"
    yield (
        f"CREATE POLICY compared ON {table} FOR SELECT TO {AUDIT} USING (current_user = '{AUDIT}')"
    )
    contents = version("0065")
    yield contents.EXISTING.format(tables=table, left_out=",".join(contents.LEFT_OUT))


def forget_results(table: str) -> Iterator[str]:
    """Yield the statements for a version's way down, where the table is dropped."""
    yield f"DELETE FROM medilens.content_forms WHERE table_name = '{table}'"
    yield forget_permissions(table)
