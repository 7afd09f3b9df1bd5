"""Assessments on their way to an organization's FHIR server, and the job that sends them

Revision ID: 0070
Revises: 0069
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from migrations.released import edited, give, version
from migrations.schedule import forget_job, forget_step, job, step
from migrations.tenancy import Access, audit, forget_permissions, secure_by_permission

revision = "0070"
down_revision = "0069"
branch_labels = None
depends_on = None

UPKEEP = "medilens_upkeep"
EXPORTING = ("export_data",)

# Whoever reaches the organization sees all; whoever reaches people one by one, what they asked for.
ACCESS = Access(
    view=EXPORTING,
    add=EXPORTING,
    author="created_by",
    new="attempts = 0 AND history = '[]' AND delivered_at IS NULL AND dead_at IS NULL",
    person="created_by",
    care_team=True,
    along=(),
)
OF_UPKEEP = ("SELECT", "UPDATE", "DELETE")
# Who asked, as they are let in: by what the row says of them, never by what it was given.
ASKERS = {
    "users": ("organization_id", "id", "identity_subject"),
    "organizations": ("identity_organization",),
}

TO_SEND = (
    "id uuid, assessment_id uuid, base text, attempts integer, subject text, organization text"
)
ADDRESSED = f"""
CREATE FUNCTION medilens.addressed_pushes(pushes uuid[]) RETURNS TABLE ({TO_SEND})
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
    SELECT p.id, p.assessment_id, p.base, p.attempts, u.identity_subject, o.identity_organization
    FROM public.fhir_pushes p
    JOIN public.users u ON u.organization_id = p.organization_id AND u.id = p.created_by
    JOIN public.organizations o ON o.id = p.organization_id
    WHERE p.id = ANY (pushes)
$$
"""
# What a request has just written. Where the last attempt at the same server failed, whoever waits
# for the request does not wait for another.
JUST_WRITTEN = f"""
CREATE FUNCTION medilens.just_written_pushes(pushes uuid[]) RETURNS TABLE ({TO_SEND})
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
    SELECT a.* FROM medilens.addressed_pushes(ARRAY(
        SELECT p.id FROM public.fhir_pushes p
        WHERE p.id = ANY (pushes) AND p.attempts = 0 AND p.delivered_at IS NULL
        AND p.dead_at IS NULL AND NOT EXISTS (
            SELECT FROM public.fhir_pushes f WHERE f.organization_id = p.organization_id
            AND f.delivered_at IS NULL AND f.dead_at IS NULL AND f.attempts > 0
        )
    )) a
$$
"""
# A few of each organization, so that none keeps the others waiting; without a server they wait.
LEASE = f"""
CREATE FUNCTION medilens.lease_pushes(most integer) RETURNS TABLE ({TO_SEND})
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
#variable_conflict use_column
DECLARE
    leased uuid[];
BEGIN
    WITH due AS (
        SELECT d.id FROM public.organizations o CROSS JOIN LATERAL (
            SELECT p.id, p.next_at FROM public.fhir_pushes p
            WHERE p.organization_id = o.id AND p.delivered_at IS NULL AND p.dead_at IS NULL
            AND p.next_at <= clock_timestamp()
            ORDER BY p.next_at LIMIT 5 FOR UPDATE SKIP LOCKED
        ) d
        WHERE o.settings #>> '{{fhir_server,url}}' IS NOT NULL ORDER BY d.next_at LIMIT most
    ), taken AS (
        UPDATE public.fhir_pushes p SET next_at = clock_timestamp() + interval '2 minutes'
        FROM due WHERE p.id = due.id RETURNING p.id
    )
    SELECT array_agg(t.id) INTO leased FROM taken t;
    RETURN QUERY SELECT a.* FROM medilens.addressed_pushes(leased) a;
END
$$
"""
# As messages of webhooks are settled; and what no server was there for in time is given up.
OF_MESSAGES = (
    ("_messages(", "_pushes("),
    ("public.outbox_messages", "public.fhir_pushes"),
)
GIVE_UP = (
    "BEGIN\n    DELETE",
    """BEGIN
    UPDATE public.fhir_pushes p SET dead_at = clock_timestamp()
    WHERE p.delivered_at IS NULL AND p.dead_at IS NULL AND p.give_up_at < clock_timestamp()
    AND p.next_at < clock_timestamp();
    DELETE""",
)
STEPS = {
    "just_written_pushes": (
        "SELECT to_jsonb(p) FROM medilens.just_written_pushes(ARRAY("
        "SELECT jsonb_array_elements_text($1 -> 'pushes'))::uuid[]) p"
    ),
    "lease_pushes": "SELECT to_jsonb(p) FROM medilens.lease_pushes(($1 ->> 'most')::integer) p",
    "settle_pushes": "SELECT to_jsonb(medilens.settle_pushes($1 -> 'outcomes'))",
    "forget_pushes": (
        "SELECT to_jsonb(medilens.forget_pushes("
        "($1 ->> 'older_than')::interval, ($1 ->> 'most')::integer))"
    ),
}
FUNCTIONS = (
    "addressed_pushes(uuid[])",
    "just_written_pushes(uuid[])",
    "lease_pushes(integer)",
    "settle_pushes(jsonb)",
    "forget_pushes(interval, integer)",
)


# As Alembic generated it from the models; one line a column.
# fmt: off
def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table('fhir_pushes',
        sa.Column('id', sa.Uuid(), nullable=False),
        sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
        sa.Column('organization_id', sa.Uuid(), nullable=False),
        sa.Column('assessment_id', sa.Uuid(), nullable=False),
        sa.Column('created_by', sa.Uuid(), nullable=False),
        sa.Column('base', sa.Text(), nullable=False),
        sa.Column('attempts', sa.Integer(), server_default=sa.text('0'), nullable=False),
        sa.Column('history', JSONB(), server_default=sa.text("'[]'"), nullable=False),
        sa.Column('next_at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('give_up_at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('delivered_at', sa.DateTime(timezone=True), nullable=True),
        sa.Column('dead_at', sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint('attempts >= 0', name=op.f('ck_fhir_pushes_attempts_range')),
        sa.CheckConstraint('delivered_at IS NULL OR dead_at IS NULL', name=op.f('ck_fhir_pushes_dead_at_undelivered')),
        sa.ForeignKeyConstraint(['organization_id', 'assessment_id'], ['assessments.organization_id', 'assessments.id'], name=op.f('fk_fhir_pushes_organization_id_assessment_id'), ondelete='RESTRICT'),
        sa.ForeignKeyConstraint(['organization_id', 'created_by'], ['users.organization_id', 'users.id'], name=op.f('fk_fhir_pushes_organization_id_created_by'), ondelete='RESTRICT'),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_fhir_pushes'))
    )
    op.create_index('ix_fhir_pushes_assessment', 'fhir_pushes', ['organization_id', 'assessment_id'])
    op.create_index('ix_fhir_pushes_created', 'fhir_pushes', ['created_at'])
    op.create_index('ix_fhir_pushes_due', 'fhir_pushes', ['organization_id', 'next_at'], postgresql_where=sa.text('delivered_at IS NULL AND dead_at IS NULL'))
    op.create_index('ix_fhir_pushes_newest', 'fhir_pushes', ['organization_id', 'created_at'])
# fmt: on
    for statement in (
        *secure_by_permission("fhir_pushes", ACCESS),
        *audit("fhir_pushes", subject=""),
    ):
        op.execute(statement)
    as_upkeep = f"TO {UPKEEP} USING (current_user = '{UPKEEP}')"
    for command in OF_UPKEEP:
        op.execute(f"GRANT {command} ON fhir_pushes TO {UPKEEP}")
        op.execute(
            f"CREATE POLICY upkeep_{command.lower()} ON fhir_pushes FOR {command} {as_upkeep}"
        )
    for table, columns in ASKERS.items():
        op.execute(f"GRANT SELECT ({', '.join(columns)}) ON {table} TO {UPKEEP}")
    op.execute(f"CREATE POLICY upkeep_askers ON users FOR SELECT {as_upkeep}")
    released = version("0041")
    settle = edited(released.SETTLE, *OF_MESSAGES)
    forget = edited(released.FORGET, *OF_MESSAGES, GIVE_UP)
    for name, function in zip(
        FUNCTIONS, (ADDRESSED, JUST_WRITTEN, LEASE, settle, forget), strict=True
    ):
        op.execute(function)
        give(name, UPKEEP)
    for name, call in STEPS.items():
        op.execute(step(name, call))
    op.execute(job("pushes", "1 minute"))


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute(forget_job("pushes"))
    for name in STEPS:
        op.execute(forget_step(name))
    for name in reversed(FUNCTIONS):
        op.execute(f"DROP FUNCTION medilens.{name}")
    op.execute("DROP POLICY upkeep_askers ON users")
    for table, columns in ASKERS.items():
        op.execute(f"REVOKE SELECT ({', '.join(columns)}) ON {table} FROM {UPKEEP}")
    op.drop_table("fhir_pushes")
    op.execute(forget_permissions("fhir_pushes"))
