"""Two records of one person: the duplicate points at whom it was merged into

Revision ID: 0036
Revises: 0035
"""

from dataclasses import replace

import sqlalchemy as sa
from alembic import op

from migrations.released import version
from migrations.tenancy import Access, audit, forget_permissions, secure_by_permission

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None

MERGES = Access(
    view=("manage_patients",),
    add=("manage_patients",),
    author="merged_by",
    new="undone_at IS NULL AND undone_by IS NULL",
    change={"manage_patients": ("undone_at", "undone_by")},
    along=(),
    care_team=True,
)


def users_before() -> Access:
    access: Access = version("0030").tables()["users"]
    return access


def users() -> Access:
    before = users_before()
    managed = (*before.change["manage_patients"], "merged_into")
    return replace(before, change={**before.change, "manage_patients": managed})


# As Alembic generated it from the models; one line a column.
# fmt: off
def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table('merges',
        sa.Column('id', sa.Uuid(), nullable=False),
        sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
        sa.Column('organization_id', sa.Uuid(), nullable=False),
        sa.Column('user_id', sa.Uuid(), nullable=False),
        sa.Column('merged_person_id', sa.Uuid(), nullable=False),
        sa.Column('merged_by', sa.Uuid(), nullable=False),
        sa.Column('reason', sa.Text(), nullable=False),
        sa.Column('undone_at', sa.DateTime(timezone=True), nullable=True),
        sa.Column('undone_by', sa.Uuid(), nullable=True),
        sa.CheckConstraint('(undone_at IS NULL) = (undone_by IS NULL)', name=op.f('ck_merges_undone_by_someone')),
        sa.CheckConstraint('length(reason) BETWEEN 3 AND 500', name=op.f('ck_merges_reason_length')),
        sa.CheckConstraint('merged_person_id <> user_id', name=op.f('ck_merges_merged_person_id_other')),
        sa.ForeignKeyConstraint(['organization_id', 'merged_by'], ['users.organization_id', 'users.id'], name=op.f('fk_merges_organization_id_merged_by'), ondelete='RESTRICT'),
        sa.ForeignKeyConstraint(['organization_id', 'merged_person_id'], ['users.organization_id', 'users.id'], name=op.f('fk_merges_organization_id_merged_person_id'), ondelete='RESTRICT'),
        sa.ForeignKeyConstraint(['organization_id', 'undone_by'], ['users.organization_id', 'users.id'], name=op.f('fk_merges_organization_id_undone_by'), ondelete='RESTRICT'),
        sa.ForeignKeyConstraint(['organization_id', 'user_id'], ['users.organization_id', 'users.id'], name=op.f('fk_merges_organization_id_user_id'), ondelete='RESTRICT'),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_merges')),
        sa.UniqueConstraint('organization_id', 'id', name=op.f('uq_merges_organization_id_id'))
    )
    op.create_index('uq_merges_standing', 'merges', ['organization_id', 'merged_person_id'], unique=True, postgresql_where=sa.text('undone_at IS NULL'))
    op.add_column('moves', sa.Column('merge_id', sa.Uuid(), nullable=True))
    op.create_foreign_key(op.f('fk_moves_organization_id_merge_id'), 'moves', 'merges', ['organization_id', 'merge_id'], ['organization_id', 'id'], ondelete='RESTRICT')
    op.create_index('ix_moves_merge', 'moves', ['organization_id', 'merge_id'], postgresql_where=sa.text('merge_id IS NOT NULL'))
    op.add_column('users', sa.Column('merged_into', sa.Uuid(), nullable=True))
    op.create_foreign_key(op.f('fk_users_organization_id_merged_into'), 'users', 'users', ['organization_id', 'merged_into'], ['organization_id', 'id'], ondelete='RESTRICT')
    op.create_check_constraint(op.f('ck_users_merged_into_other'), 'users', 'merged_into <> id')
    op.create_index('ix_users_merged', 'users', ['organization_id', 'merged_into'], postgresql_where=sa.text('merged_into IS NOT NULL'))
# fmt: on
    for table, access in (("merges", MERGES), ("users", users())):
        for statement in secure_by_permission(table, access):
            op.execute(statement)
    for statement in audit("merges"):
        op.execute(statement)


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for statement in secure_by_permission("users", users_before()):
        op.execute(statement)
    op.drop_column("users", "merged_into")
    op.drop_column("moves", "merge_id")
    op.drop_table("merges")
    op.execute(forget_permissions("merges"))
