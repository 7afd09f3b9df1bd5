"""An organization's own norms of cognitive scores

Revision ID: 0009
Revises: 0008
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from migrations.tenancy import ORGANIZATION, audit, secure

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


# As Alembic generated it from the models; one line a column.
# fmt: off
def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table('site_norms',
        sa.Column('id', sa.Uuid(), nullable=False),
        sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
        sa.Column('organization_id', sa.Uuid(), nullable=False),
        sa.Column('created_by', sa.Uuid(), nullable=False),
        sa.Column('biomarker', sa.Text(), nullable=False),
        sa.Column('task_version', sa.Text(), nullable=True),
        sa.Column('mode', sa.Text(), nullable=False),
        sa.Column('pipeline_version', sa.Text(), nullable=False),
        sa.Column('sample_size', sa.Integer(), nullable=False),
        sa.Column('coefficients', JSONB(), nullable=False),
        sa.Column('inverse', JSONB(), nullable=False),
        sa.Column('residual_sd', sa.Float(), nullable=False),
        sa.Column('age_min_years', sa.Float(), nullable=False),
        sa.Column('age_max_years', sa.Float(), nullable=False),
        sa.Column('age_center_years', sa.Float(), nullable=False),
        sa.Column('education_center_years', sa.Float(), nullable=False),
        sa.CheckConstraint("mode IN ('web', 'computer', 'paper')", name=op.f('ck_site_norms_mode_known')),
        sa.CheckConstraint("residual_sd > 0 AND residual_sd < 'Infinity'::float8", name=op.f('ck_site_norms_residual_sd_positive')),
        sa.CheckConstraint('age_center_years BETWEEN 0 AND 130', name=op.f('ck_site_norms_age_center_years_range')),
        sa.CheckConstraint('age_max_years BETWEEN 0 AND 130', name=op.f('ck_site_norms_age_max_years_range')),
        sa.CheckConstraint('age_min_years <= age_max_years', name=op.f('ck_site_norms_ages_ordered')),
        sa.CheckConstraint('age_min_years BETWEEN 0 AND 130', name=op.f('ck_site_norms_age_min_years_range')),
        sa.CheckConstraint('education_center_years BETWEEN 0 AND 40', name=op.f('ck_site_norms_education_center_years_range')),
        sa.CheckConstraint('length(task_version) BETWEEN 1 AND 32', name=op.f('ck_site_norms_task_version_length')),
        sa.CheckConstraint('sample_size >= 50', name=op.f('ck_site_norms_sample_size_range')),
        sa.ForeignKeyConstraint(['biomarker'], ['biomarkers.name'], name=op.f('fk_site_norms_biomarker'), ondelete='RESTRICT'),
        sa.ForeignKeyConstraint(['organization_id', 'created_by'], ['users.organization_id', 'users.id'], name=op.f('fk_site_norms_organization_id_created_by'), ondelete='RESTRICT'),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_site_norms'))
    )
    op.create_index('ix_site_norms_biomarker', 'site_norms', ['organization_id', 'biomarker', 'created_at'], unique=False)
# fmt: on
    # Nobody's in particular: only who reaches the whole organization adds one ...
    for statement in secure("site_norms", person=None):
        op.execute(statement)
    # ... and everybody of the organization is judged by it, so everybody may read it.
    op.execute(
        "CREATE POLICY shared ON site_norms FOR SELECT TO medilens_app"
        f" USING (organization_id = {ORGANIZATION})"
    )
    op.execute("GRANT SELECT, INSERT ON site_norms TO medilens_app")
    for statement in audit("site_norms", subject="", updates=False):
        op.execute(statement)


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.drop_table("site_norms")
