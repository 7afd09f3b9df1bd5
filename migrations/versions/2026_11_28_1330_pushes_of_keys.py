"""What a service key asked to be sent is sent while the key holds

Revision ID: 0071
Revises: 0070
"""

import sqlalchemy as sa
from alembic import op

from migrations.released import again, edited, version

revision = "0071"
down_revision = "0070"
branch_labels = None
depends_on = None

UPKEEP = "medilens_upkeep"
COLUMNS = "id, organization_id, revoked_at, expires_at"
# Nobody asks for it any more where the key was revoked or has expired in the meantime.
WHILE_THE_KEY_HOLDS = (
    "u.identity_subject,",
    """CASE WHEN p.key_id IS NULL OR EXISTS (
        SELECT FROM public.service_keys k
        WHERE k.organization_id = p.organization_id AND k.id = p.key_id
        AND k.revoked_at IS NULL AND coalesce(k.expires_at > clock_timestamp(), true)
    ) THEN u.identity_subject END,""",
)


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.add_column("fhir_pushes", sa.Column("key_id", sa.Uuid(), nullable=True))
    op.execute(f"GRANT SELECT ({COLUMNS}) ON service_keys TO {UPKEEP}")
    op.execute(
        f"CREATE POLICY upkeep_select ON service_keys FOR SELECT TO {UPKEEP}"
        f" USING (current_user = '{UPKEEP}')"
    )
    op.execute(again(edited(version("0070").ADDRESSED, WHILE_THE_KEY_HOLDS)))


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute(again(version("0070").ADDRESSED))
    op.execute("DROP POLICY upkeep_select ON service_keys")
    op.execute(f"REVOKE SELECT ({COLUMNS}) ON service_keys FROM {UPKEEP}")
    op.drop_column("fhir_pushes", "key_id")
