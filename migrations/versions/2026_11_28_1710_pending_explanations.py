"""An explanation may wait for a model's words, and changes only while it does

Revision ID: 0079
Revises: 0078
"""

from dataclasses import replace

import sqlalchemy as sa
from alembic import op

from migrations.released import give, version
from migrations.tenancy import Access, secure_by_permission

revision = "0079"
down_revision = "0078"
branch_labels = None
depends_on = None

IDENTITY, APP = "medilens_identity", "medilens_app"

# Who chats replaces the template's words by a model's. The rows of a patient's own are theirs.
WRITTEN = (
    *("explanation_text", "model_used", "tokens_used", "generation_time_ms", "is_free"),
    *("pending_until", "reserved_tokens"),
)


def former() -> Access:
    access: Access = version("0072").released()
    return access


def pending() -> Access:
    access = former()
    return replace(
        access,
        change={**access.change, "chat": WRITTEN},
        own_change="pending_until IS NOT NULL",
    )


# What was said stays as it was said, whatever a function does.
KEEP = f"""
CREATE TRIGGER keep_words BEFORE UPDATE OF {", ".join(WRITTEN)} ON ai_explanations
FOR EACH ROW WHEN (
    current_user = '{APP}' AND (OLD.pending_until IS NULL OR OLD.pending_until <= now())
) EXECUTE FUNCTION medilens.keep()
"""
# A request and its tokens that were reserved, and that nobody was asked for.
UNRESERVE = """
CREATE FUNCTION medilens.unreserve_model(reserved integer) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = '' SET timezone = 'UTC' AS $$
    UPDATE medilens.model_usage
    SET requests = greatest(requests - 1, 0), tokens = greatest(tokens - greatest(reserved, 0), 0)
    WHERE organization_id = medilens.organization_for('chat')
    AND month = date_trunc('month', now())::date
$$
"""


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.add_column("ai_explanations", sa.Column("pending_until", sa.DateTime(timezone=True)))
    op.add_column("ai_explanations", sa.Column("reserved_tokens", sa.Integer()))
    op.create_check_constraint(
        op.f("ck_ai_explanations_reserved_tokens_range"),
        "ai_explanations",
        "reserved_tokens >= 0 AND pending_until IS NOT NULL OR reserved_tokens IS NULL",
    )
    for statement in secure_by_permission("ai_explanations", pending()):
        op.execute(statement)
    op.execute(KEEP)
    op.execute(UNRESERVE)
    give("unreserve_model(integer)", IDENTITY, APP)


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("DROP FUNCTION medilens.unreserve_model(integer)")
    op.execute("DROP TRIGGER keep_words ON ai_explanations")
    for statement in secure_by_permission("ai_explanations", former()):
        op.execute(statement)
    for name in ("reserved_tokens", "pending_until"):
        op.drop_column("ai_explanations", name)
