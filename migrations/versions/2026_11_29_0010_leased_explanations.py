"""One worker at a time asks for an explanation; what was reserved is settled in its own month

Revision ID: 0082
Revises: 0081
"""

from collections.abc import Iterator
from dataclasses import replace

import sqlalchemy as sa
from alembic import op

from migrations.released import edited, give, version
from migrations.schedule import forget_step, step
from migrations.tenancy import Access, secure_by_permission

revision = "0082"
down_revision = "0081"
branch_labels = None
depends_on = None

IDENTITY, UPKEEP, APP = "medilens_identity", "medilens_upkeep", "medilens_app"

# Both act on the month of the reservation, or on this one where the release before calls them. No
# reservation is older than a month: what was settled before stays as it is.
OF_A_MONTH = (
    ("integer) RETURNS", "integer, reserved_at timestamptz DEFAULT now()) RETURNS"),
    (
        "date_trunc('month', now())",
        "date_trunc('month', least(greatest(reserved_at, now() - interval '1 month'), now()))",
    ),
)
# What no worker ever took: nobody was told of it, or its message never ended. The words are the
# template's from `pending_until` on; what the month's budget lacks is given back here.
END_EXPLANATIONS = """
CREATE FUNCTION medilens.end_explanations() RETURNS integer
LANGUAGE sql SECURITY DEFINER SET search_path = '' SET timezone = 'UTC' AS $$
    WITH due AS (
        SELECT e.id, e.organization_id, e.reserved_tokens,
            date_trunc('month', e.created_at)::date AS month
        FROM public.ai_explanations e
        WHERE e.reserved_tokens IS NOT NULL AND e.pending_until <= now()
        ORDER BY e.id LIMIT 1000 FOR UPDATE
    ), ended AS (
        UPDATE public.ai_explanations e SET reserved_tokens = NULL
        FROM due WHERE e.organization_id = due.organization_id AND e.id = due.id
    ), given_back AS (
        UPDATE medilens.model_usage u
        SET requests = greatest(u.requests - lacking.requests, 0),
            tokens = greatest(u.tokens - lacking.tokens, 0)
        FROM (
            SELECT organization_id, month, count(*) AS requests, sum(reserved_tokens) AS tokens
            FROM due GROUP BY organization_id, month
        ) lacking
        WHERE u.organization_id = lacking.organization_id AND u.month = lacking.month
    )
    SELECT count(*)::integer FROM due
$$
"""
IS_OVER = f"current_user = '{UPKEEP}' AND pending_until <= now()"
POLICIES = (
    f"upkeep_select ON ai_explanations FOR SELECT TO {UPKEEP} USING ({IS_OVER})",
    (
        f"upkeep_update ON ai_explanations FOR UPDATE TO {UPKEEP} USING ({IS_OVER})"
        f" WITH CHECK ({IS_OVER} AND reserved_tokens IS NULL)"
    ),
)
READ = "id, organization_id, created_at, pending_until, reserved_tokens"


def former() -> Access:
    access: Access = version("0079").pending()
    return access


def leased() -> Access:
    access = former()
    return replace(
        access, change={**access.change, "chat": (*version("0079").WRITTEN, "leased_until")}
    )


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.add_column("ai_explanations", sa.Column("leased_until", sa.DateTime(timezone=True)))
    op.create_index(
        "ix_ai_explanations_reserved",
        "ai_explanations",
        ["pending_until"],
        postgresql_where=sa.text("reserved_tokens IS NOT NULL"),
    )
    for statement in secure_by_permission("ai_explanations", leased()):
        op.execute(statement)
    for name, told, statement in of_this_month():
        replace_function(name, told, f"{told}, timestamptz", edited(statement, *OF_A_MONTH))
    op.execute(f"GRANT SELECT ({READ}), UPDATE (reserved_tokens) ON ai_explanations TO {UPKEEP}")
    op.execute(f"GRANT SELECT, UPDATE (requests, tokens) ON medilens.model_usage TO {UPKEEP}")
    for policy in POLICIES:
        op.execute(f"CREATE POLICY {policy}")
    op.execute(END_EXPLANATIONS)
    give("end_explanations()", UPKEEP)
    op.execute(step("end_explanations", "SELECT to_jsonb(medilens.end_explanations())"))


def of_this_month() -> Iterator[tuple[str, str, str]]:
    yield "settle_model", "integer, integer", version("0072").SETTLE
    yield "unreserve_model", "integer", version("0079").UNRESERVE


def replace_function(name: str, former: str, latter: str, statement: str) -> None:
    """A function that is told something else is another function."""
    op.execute(f"DROP FUNCTION medilens.{name}({former})")
    op.execute(statement)
    give(f"{name}({latter})", IDENTITY, APP)


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute(forget_step("end_explanations"))
    op.execute("DROP FUNCTION medilens.end_explanations()")
    for policy in POLICIES:
        op.execute(f"DROP POLICY {policy.split(' FOR ')[0]}")
    op.execute(f"REVOKE ALL ON medilens.model_usage FROM {UPKEEP}")
    op.execute(f"REVOKE ALL ON ai_explanations FROM {UPKEEP}")
    for name, told, statement in of_this_month():
        replace_function(name, f"{told}, timestamptz", told, statement)
    for statement in secure_by_permission("ai_explanations", former()):
        op.execute(statement)
    op.drop_index("ix_ai_explanations_reserved", "ai_explanations")
    op.drop_column("ai_explanations", "leased_until")
