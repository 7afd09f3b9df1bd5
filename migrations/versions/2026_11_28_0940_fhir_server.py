"""Where an organization's FHIR server is and what is signed in with there, for the sender alone

Revision ID: 0062
Revises: 0061
"""

from alembic import op

from migrations.released import give
from migrations.schedule import forget_step, step

revision = "0062"
down_revision = "0061"
branch_labels = None
depends_on = None

UPKEEP = "medilens_upkeep"

# The newest secret that is no webhook's, plain or sealed; an empty one takes the one before back.
FHIR_SERVER = """
CREATE FUNCTION medilens.fhir_server(home uuid)
RETURNS TABLE (url text, secret_id uuid, secret text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
    SELECT o.settings #>> '{fhir_server,url}', s.id, s.secret
    FROM public.organizations o
    CROSS JOIN LATERAL (
        SELECT n.id, n.secret FROM public.outgoing_secrets n
        WHERE n.organization_id = o.id AND n.webhook_id IS NULL
        ORDER BY n.created_at DESC, n.id DESC LIMIT 1
    ) AS s
    WHERE o.id = home AND o.settings #>> '{fhir_server,url}' IS NOT NULL
$$
"""
CALL = "SELECT to_jsonb(f) FROM medilens.fhir_server(($1 ->> 'organization_id')::uuid) f"


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute(f"GRANT SELECT (id, settings) ON organizations TO {UPKEEP}")
    op.execute(f"CREATE POLICY upkeep_server ON organizations FOR SELECT TO {UPKEEP} USING (true)")
    op.execute(FHIR_SERVER)
    give("fhir_server(uuid)", UPKEEP)
    op.execute(step("fhir_server", CALL))


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute(forget_step("fhir_server"))
    op.execute("DROP FUNCTION medilens.fhir_server(uuid)")
    op.execute("DROP POLICY upkeep_server ON organizations")
    op.execute(f"REVOKE SELECT (id, settings) ON organizations FROM {UPKEEP}")
