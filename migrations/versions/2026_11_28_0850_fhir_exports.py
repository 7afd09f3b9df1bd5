"""Bulk exports: what was asked for, how far it is, and the files that the schedule frees

Revision ID: 0057
Revises: 0056
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from migrations.released import give
from migrations.schedule import forget_step, step
from migrations.tenancy import Access, audit, forget_permissions, secure_by_permission

revision = "0057"
down_revision = "0056"
branch_labels = None
depends_on = None

UPKEEP = "medilens_upkeep"
EXPORTING = ("export_data",)

# Seen and moved on by whoever asked for it: the routes look for no other maker.
ACCESS = Access(
    view=EXPORTING,
    add=EXPORTING,
    author="created_by",
    new="completed_at IS NULL AND cancelled_at IS NULL AND freed_at IS NULL",
    change={
        "export_data": (
            *("place", "assessments", "files", "leased_until"),
            *("completed_at", "cancelled_at", "expires_at", "freed_at"),
        )
    },
    person="created_by",
    care_team=True,
    along=(),
)

EXPIRED = """
CREATE FUNCTION medilens.expired_exports(most integer)
RETURNS TABLE (id uuid, organization_id uuid, files integer)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
    SELECT e.id, e.organization_id, jsonb_array_length(e.files) FROM public.fhir_exports e
    WHERE e.freed_at IS NULL AND e.expires_at < now() ORDER BY e.expires_at LIMIT most
$$
"""
FREE = """
CREATE FUNCTION medilens.free_exports(ids uuid[]) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    freed integer;
BEGIN
    UPDATE public.fhir_exports SET freed_at = now()
    WHERE id = ANY (ids) AND freed_at IS NULL AND expires_at < now();
    GET DIAGNOSTICS freed = ROW_COUNT;
    RETURN freed;
END
$$
"""
FUNCTIONS = {"expired_exports(integer)": EXPIRED, "free_exports(uuid[])": FREE}
STEPS = {
    "expired_exports": (
        "SELECT to_jsonb(e) FROM medilens.expired_exports(($1 ->> 'most')::integer) e"
    ),
    "free_exports": (
        "SELECT to_jsonb(medilens.free_exports(ARRAY("
        "SELECT jsonb_array_elements_text($1 -> 'ids'))::uuid[]))"
    ),
}


# As Alembic generated it from the models; one line a column.
# fmt: off
def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table('fhir_exports',
        sa.Column('id', sa.Uuid(), nullable=False),
        sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
        sa.Column('organization_id', sa.Uuid(), nullable=False),
        sa.Column('created_by', sa.Uuid(), nullable=False),
        sa.Column('group_name', sa.Text(), nullable=True),
        sa.Column('types', JSONB(), nullable=False),
        sa.Column('since', sa.DateTime(timezone=True), nullable=True),
        sa.Column('request_url', sa.Text(), nullable=False),
        sa.Column('until', sa.DateTime(timezone=True), nullable=False),
        sa.Column('place', JSONB(), server_default=sa.text("'{}'"), nullable=False),
        sa.Column('assessments', sa.Integer(), server_default=sa.text('0'), nullable=False),
        sa.Column('files', JSONB(), server_default=sa.text("'[]'"), nullable=False),
        sa.Column('leased_until', sa.DateTime(timezone=True), nullable=True),
        sa.Column('completed_at', sa.DateTime(timezone=True), nullable=True),
        sa.Column('cancelled_at', sa.DateTime(timezone=True), nullable=True),
        sa.Column('expires_at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('freed_at', sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("group_name IN ('research', 'care-team')", name=op.f('ck_fhir_exports_group_name_known')),
        sa.CheckConstraint("jsonb_typeof(files) = 'array'", name=op.f('ck_fhir_exports_files_listed')),
        sa.CheckConstraint("jsonb_typeof(types) = 'array'", name=op.f('ck_fhir_exports_types_listed')),
        sa.CheckConstraint('assessments >= 0', name=op.f('ck_fhir_exports_assessments_range')),
        sa.CheckConstraint('completed_at IS NULL OR cancelled_at IS NULL', name=op.f('ck_fhir_exports_completed_at_not_cancelled')),
        sa.ForeignKeyConstraint(['organization_id', 'created_by'], ['users.organization_id', 'users.id'], name=op.f('fk_fhir_exports_organization_id_created_by'), ondelete='RESTRICT'),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_fhir_exports'))
    )
    op.create_index('ix_fhir_exports_expired', 'fhir_exports', ['expires_at'], postgresql_where=sa.text('freed_at IS NULL'))
    op.create_index('ix_fhir_exports_maker', 'fhir_exports', ['organization_id', 'created_by', 'created_at'])
# fmt: on
    for statement in (
        *secure_by_permission("fhir_exports", ACCESS),
        *audit("fhir_exports", subject=""),
        f"GRANT SELECT ON fhir_exports TO {UPKEEP}",
        f"GRANT UPDATE (freed_at) ON fhir_exports TO {UPKEEP}",
        f"CREATE POLICY upkeep_select ON fhir_exports FOR SELECT TO {UPKEEP} USING (true)",
        (
            f"CREATE POLICY upkeep_update ON fhir_exports FOR UPDATE TO {UPKEEP}"
            " USING (true) WITH CHECK (true)"
        ),
    ):
        op.execute(statement)
    for name, function in FUNCTIONS.items():
        op.execute(function)
        give(name, UPKEEP)
    for name, call in STEPS.items():
        op.execute(step(name, call))


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for name in STEPS:
        op.execute(forget_step(name))
    for name in FUNCTIONS:
        op.execute(f"DROP FUNCTION medilens.{name}")
    op.drop_table("fhir_exports")
    op.execute(forget_permissions("fhir_exports"))
