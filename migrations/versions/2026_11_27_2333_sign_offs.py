"""Sign-offs as rows of their own; the revision of an assessment, for ETag and If-Match

Revision ID: 0019
Revises: 0018
"""

import sqlalchemy as sa
from alembic import op

from migrations.tenancy import audit, secure

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

# Whoever changes an assessment, by whichever statement, makes another revision of it.
NEXT_REVISION = """
CREATE FUNCTION medilens.next_revision() RETURNS trigger
LANGUAGE plpgsql SET search_path = '' AS $$
BEGIN
    NEW.revision := OLD.revision + 1;
    RETURN NEW;
END
$$
"""

# What was signed before states had numbers was signed at the only state that is known.
KEEP_EARLIER = """
INSERT INTO sign_offs
    (id, created_at, organization_id, user_id, assessment_id, signed_by, status, revision, note)
SELECT gen_random_uuid(), reviewed_at, organization_id, user_id, id, reviewed_by, status, 1,
    left(review_note, 4000)
FROM assessments WHERE reviewed_at IS NOT NULL AND status IN ('completed', 'failed')
"""


# As Alembic generated it from the models; one line a column.
# fmt: off
def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.add_column('assessments', sa.Column('revision', sa.Integer(), server_default='1', nullable=False))
    op.create_check_constraint(op.f('ck_assessments_revision_range'), 'assessments', 'revision >= 1')
    op.create_table('sign_offs',
        sa.Column('id', sa.Uuid(), nullable=False),
        sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
        sa.Column('organization_id', sa.Uuid(), nullable=False),
        sa.Column('user_id', sa.Uuid(), nullable=False),
        sa.Column('assessment_id', sa.Uuid(), nullable=False),
        sa.Column('signed_by', sa.Uuid(), nullable=False),
        sa.Column('status', sa.Text(), nullable=False),
        sa.Column('revision', sa.Integer(), nullable=False),
        sa.Column('note', sa.Text(), nullable=True),
        sa.CheckConstraint('length(note) <= 4000', name=op.f('ck_sign_offs_note_length')),
        sa.CheckConstraint('revision >= 1', name=op.f('ck_sign_offs_revision_range')),
        sa.CheckConstraint("status IN ('completed', 'failed')", name=op.f('ck_sign_offs_status_known')),
        sa.ForeignKeyConstraint(['organization_id', 'signed_by'], ['users.organization_id', 'users.id'], name=op.f('fk_sign_offs_organization_id_signed_by'), ondelete='RESTRICT'),
        sa.ForeignKeyConstraint(['organization_id', 'user_id', 'assessment_id'], ['assessments.organization_id', 'assessments.user_id', 'assessments.id'], name=op.f('fk_sign_offs_organization_id_user_id_assessment_id'), ondelete='RESTRICT'),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_sign_offs')),
        sa.UniqueConstraint('organization_id', 'assessment_id', 'revision', name=op.f('uq_sign_offs_organization_id_assessment_id_revision'))
    )
# fmt: on
    # Row-level security would show the owner no row to keep.
    op.execute("ALTER TABLE assessments NO FORCE ROW LEVEL SECURITY")
    op.execute(KEEP_EARLIER)
    op.execute("ALTER TABLE assessments FORCE ROW LEVEL SECURITY")
    op.execute(NEXT_REVISION)
    op.execute(
        "CREATE TRIGGER next_revision BEFORE UPDATE ON assessments"
        " FOR EACH ROW EXECUTE FUNCTION medilens.next_revision()"
    )
    # Researchers see none: a note is free text.
    for statement in secure("sign_offs", own_insert=False):
        op.execute(statement)
    op.execute("GRANT SELECT, INSERT ON sign_offs TO medilens_app")
    for statement in audit("sign_offs", resource="assessment_id", updates=False):
        op.execute(statement)


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.drop_table("sign_offs")
    op.execute("DROP TRIGGER next_revision ON assessments")
    op.execute("DROP FUNCTION medilens.next_revision()")
    op.drop_column("assessments", "revision")
