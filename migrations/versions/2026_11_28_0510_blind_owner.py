"""The owner of the tables, who may act as the roles it made, does not read the trail by them

Revision ID: 0051
Revises: 0050
"""

from alembic import op

revision = "0051"
down_revision = "0050"
branch_labels = None
depends_on = None

# Within the functions of medilens_audit the current user is that role; the owner is its member, and
# a policy for a role holds for its members.
ITSELF = "(SELECT current_user) = 'medilens_audit'"
POLICIES = (("sealed", "audit_events"), ("logged", "users"))


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for policy, table in POLICIES:
        op.execute(f"ALTER POLICY {policy} ON {table} USING ({ITSELF})")


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for policy, table in POLICIES:
        op.execute(f"ALTER POLICY {policy} ON {table} USING (true)")
