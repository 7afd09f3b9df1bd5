"""What a language model may be asked for: allowed, consented to, within the month's budget

Revision ID: 0072
Revises: 0071
"""

from dataclasses import replace

import sqlalchemy as sa
from alembic import op

from migrations.released import give, version
from migrations.tenancy import Access, secure_by_permission

revision = "0072"
down_revision = "0071"
branch_labels = None
depends_on = None

IDENTITY, APP = "medilens_identity", "medilens_app"


# Free words are shown to the person whom they are about once a reviewer has released them; who
# reads them before is no patient.
def released() -> Access:
    return replace(
        former(),
        new="released_at IS NULL AND released_by IS NULL",
        change={"review_assessments": ("released_at", "released_by")},
        along=(),
    )


def former() -> Access:
    tables: dict[str, Access] = version("0020").TABLES
    return replace(tables["ai_explanations"], care_team=True)


# A row per organization and month, counted before a model is asked and corrected afterwards, so
# that requests in flight count too. Its owner alone reaches it.
USAGE = """
CREATE TABLE medilens.model_usage (
    organization_id uuid NOT NULL,
    month date NOT NULL,
    requests integer NOT NULL CHECK (requests >= 0),
    tokens bigint NOT NULL CHECK (tokens >= 0),
    PRIMARY KEY (organization_id, month)
)
"""
# The reason why no model is asked, or NULL: then a request and its tokens are reserved.
RESERVE = """
CREATE FUNCTION medilens.reserve_model(person uuid, most_tokens integer) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' SET timezone = 'UTC' AS $$
DECLARE
    home uuid := medilens.organization_for('chat');
    told jsonb := (SELECT o.settings FROM public.organizations o WHERE o.id = home);
BEGIN
    IF told IS NULL OR NOT coalesce((told ->> 'are_explanations_allowed')::boolean, false) THEN
        RETURN 'not-allowed';
    END IF;
    PERFORM FROM public.consents c WHERE c.organization_id = home AND c.user_id = person
        AND c.kind = 'explanations' AND c.withdrawn_at IS NULL;
    IF NOT FOUND THEN
        RETURN 'no-consent';
    END IF;
    INSERT INTO medilens.model_usage AS used
    SELECT home, date_trunc('month', now())::date, 1, most_tokens
    WHERE coalesce((told ->> 'explanations_per_month')::integer, 1000) >= 1
    AND coalesce((told ->> 'explanation_tokens_per_month')::bigint, 5000000) >= most_tokens
    ON CONFLICT (organization_id, month) DO UPDATE
    SET requests = used.requests + 1, tokens = used.tokens + most_tokens
    WHERE used.requests < coalesce((told ->> 'explanations_per_month')::integer, 1000)
    AND used.tokens + most_tokens
        <= coalesce((told ->> 'explanation_tokens_per_month')::bigint, 5000000);
    RETURN CASE WHEN NOT FOUND THEN 'budget-used-up' END;
END
$$
"""
SETTLE = """
CREATE FUNCTION medilens.settle_model(reserved integer, used_tokens integer) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = '' SET timezone = 'UTC' AS $$
    UPDATE medilens.model_usage
    SET tokens = greatest(tokens - greatest(reserved, 0) + greatest(used_tokens, 0), 0)
    WHERE organization_id = medilens.organization_for('chat')
    AND month = date_trunc('month', now())::date
$$
"""


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.add_column(
        "ai_explanations",
        sa.Column("is_free", sa.Boolean(), server_default=sa.text("false"), nullable=False),
    )
    op.add_column("ai_explanations", sa.Column("released_at", sa.DateTime(timezone=True)))
    op.add_column("ai_explanations", sa.Column("released_by", sa.Uuid()))
    op.create_foreign_key(
        op.f("fk_ai_explanations_organization_id_released_by"),
        "ai_explanations",
        "users",
        ["organization_id", "released_by"],
        ["organization_id", "id"],
        ondelete="RESTRICT",
    )
    op.create_check_constraint(
        op.f("ck_ai_explanations_released_by_somebody"),
        "ai_explanations",
        "(released_at IS NULL) = (released_by IS NULL)",
    )
    for statement in secure_by_permission("ai_explanations", released()):
        op.execute(statement)
    op.execute(USAGE)
    op.execute(f"GRANT SELECT, INSERT, UPDATE ON medilens.model_usage TO {IDENTITY}")
    op.execute("GRANT SELECT ON medilens.model_usage TO medilens_reader")
    op.execute(RESERVE)
    give("reserve_model(uuid, integer)", IDENTITY, APP)
    op.execute(SETTLE)
    give("settle_model(integer, integer)", IDENTITY, APP)


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("DROP FUNCTION medilens.settle_model(integer, integer)")
    op.execute("DROP FUNCTION medilens.reserve_model(uuid, integer)")
    op.execute("DROP TABLE medilens.model_usage")
    for statement in secure_by_permission("ai_explanations", former()):
        op.execute(statement)
    for name in ("released_by", "released_at", "is_free"):
        op.drop_column("ai_explanations", name)
