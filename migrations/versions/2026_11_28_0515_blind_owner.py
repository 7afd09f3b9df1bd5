"""The owner sees neither the trail, nor messages, nor emergencies: it only belongs to who does

Revision ID: 0051
Revises: 0050
"""

from alembic import op

revision = "0051"
down_revision = "0050"
branch_labels = None
depends_on = None

IDENTITY, AUDIT, UPKEEP = "medilens_identity", "medilens_audit", "medilens_upkeep"
# A policy for a role is one for its members too; inside of the role's functions it is itself.
POLICIES = (
    ("sealed", "audit_events", AUDIT, "USING"),
    ("upkeep_select", "webhooks", UPKEEP, "USING"),
    ("upkeep_select", "outgoing_secrets", UPKEEP, "USING"),
    ("upkeep_select", "outbox_messages", UPKEEP, "USING"),
    ("upkeep_insert", "outbox_messages", UPKEEP, "WITH CHECK"),
    ("upkeep_update", "outbox_messages", UPKEEP, "USING"),
    ("upkeep_delete", "outbox_messages", UPKEEP, "USING"),
    *(
        (f"{role}_select", "break_glass_grants", role, "USING")
        for role in (IDENTITY, AUDIT, UPKEEP)
    ),
    *((f"{role}_update", "break_glass_grants", role, "USING") for role in (IDENTITY, UPKEEP)),
)


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for name, table, role, clause in POLICIES:
        op.execute(f"ALTER POLICY {name} ON {table} {clause} (current_user = '{role}')")


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for name, table, _, clause in POLICIES:
        op.execute(f"ALTER POLICY {name} ON {table} {clause} (true)")
