"""Reads leave their trace in the statement that reads."""

from typing import Any

from sqlalchemy import (
    CTE,
    ColumnElement,
    CompoundSelect,
    Select,
    func,
    literal_column,
    select,
    true,
)


def audited(
    rows: Select[Any] | CompoundSelect[Any],
    resource_type: str,
    *,
    resource: str | None = None,
    records: str | None = None,
) -> Select[Any]:
    """Return `rows`, and write one audit row for each person whose records they are.

    `rows` has the column `user_id`. `resource` names the column of the record's id where a
    request reads a single one; a list keeps the ids it showed. `records` names a column that holds
    a JSON array of them, where a row is not a record. Reading nothing leaves no trace.
    """
    page = rows.cte("page")
    trace = _trace(page, resource_type, resource, records).cte("trace")
    return select(page).join_from(page, trace, true())


def _trace(page: CTE, resource_type: str, resource: str | None, records: str | None) -> Select[Any]:
    keys = [page.c.user_id, *([page.c[resource]] if resource else [])]
    number = func.sum(func.json_array_length(page.c[records])) if records else func.count()
    details: list[ColumnElement[Any]] = [literal_column("'rows'"), number]
    if resource is None and "id" in page.c:
        details += [literal_column("'ids'"), func.jsonb_agg(page.c.id)]
    people = (
        select(*keys, func.jsonb_build_object(*details).label("details"))
        .where(page.c[records].is_not(None) if records else true())
        .group_by(*keys)
        .subquery("people")
    )
    written = func.medilens.audit_read(
        literal_column(f"'{resource_type}'"),
        people.c[resource] if resource else literal_column("NULL::uuid"),
        people.c.user_id,
        people.c.details,
    )
    return select(func.count(written).label("written")).select_from(people)
