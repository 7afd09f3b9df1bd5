"""The names in a person's access log, for whoever reads that log

Revision ID: 0061
Revises: 0060
"""

from alembic import op

from migrations.released import give

revision = "0061"
down_revision = "0060"
branch_labels = None
depends_on = None

AUDIT, APP = "medilens_audit", "medilens_app"
NAMED = ("first_name", "last_name")

# A patient learns who looked at their record, by name, and nobody's name beside.
LOG_NAMES = """
CREATE FUNCTION medilens.log_names(person uuid, people uuid[])
RETURNS TABLE (
    user_id uuid, organization_id uuid, first_name text, last_name text, wrapped_key bytea
)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    ours uuid := (medilens.sealed_identity())[1]::uuid;
    whose uuid[] := ARRAY(SELECT u.id FROM public.users u WHERE u.organization_id = ours
        AND medilens.log_person(person) IN (u.id, u.merged_into));
BEGIN
    RETURN QUERY SELECT u.id, u.organization_id, u.first_name, u.last_name, k.wrapped
    FROM public.users u LEFT JOIN public.person_keys k
    ON k.organization_id = u.organization_id AND k.user_id = u.id
    WHERE u.organization_id = ours AND u.id = ANY (people) AND EXISTS (
        SELECT FROM public.audit_events e WHERE e.organization_id = ours
        AND e.subject_id = ANY (whose) AND e.user_id = u.id
    );
END
$$
"""


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute(f"GRANT SELECT ({', '.join(NAMED)}) ON users TO {AUDIT}")
    op.execute(f"GRANT SELECT (organization_id, user_id, wrapped) ON person_keys TO {AUDIT}")
    op.execute(
        f"CREATE POLICY logged ON person_keys FOR SELECT TO {AUDIT}"
        f" USING (current_user = '{AUDIT}')"
    )
    op.execute(LOG_NAMES)
    give("log_names(uuid, uuid[])", AUDIT, APP)


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("DROP FUNCTION medilens.log_names(uuid, uuid[])")
    op.execute("DROP POLICY logged ON person_keys")
    op.execute(f"REVOKE SELECT (organization_id, user_id, wrapped) ON person_keys FROM {AUDIT}")
    op.execute(f"REVOKE SELECT ({', '.join(NAMED)}) ON users FROM {AUDIT}")
