"""The names under the reviews of a record, for whoever reaches the record

Revision ID: 0059
Revises: 0058
"""

from alembic import op

from migrations.released import give

revision = "0059"
down_revision = "0058"
branch_labels = None
depends_on = None

IDENTITY, APP = "medilens_identity", "medilens_app"

# A patient and a care team reach few of those who work here; whoever signed their record has a name
# there, as on paper. Research gets none.
SIGNERS = """
CREATE FUNCTION medilens.signers(people uuid[])
RETURNS TABLE (
    user_id uuid, organization_id uuid, first_name text, last_name text, wrapped_key bytea
)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
    SELECT u.id, u.organization_id, u.first_name, u.last_name, k.wrapped
    FROM public.users u
    LEFT JOIN public.person_keys k ON k.organization_id = u.organization_id AND k.user_id = u.id
    WHERE u.organization_id = (
        SELECT medilens.organization_for('view_assessments', 'export_data')
    )
    AND u.id = ANY (people) AND EXISTS (
        SELECT FROM public.sign_offs s
        WHERE s.organization_id = u.organization_id AND s.signed_by = u.id
        AND ((SELECT medilens.scope_is('organization'))
            OR (SELECT medilens.scope_is('own')) AND s.user_id = (SELECT medilens.sealed_person())
            OR (SELECT medilens.scope_is('care_team'))
                AND s.user_id IN (SELECT medilens.cared_for()))
    )
$$
"""


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute(f"GRANT SELECT ON sign_offs TO {IDENTITY}")
    op.execute(f"CREATE POLICY identified ON sign_offs FOR SELECT TO {IDENTITY} USING (true)")
    op.execute(SIGNERS)
    give("signers(uuid[])", IDENTITY, APP)


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("DROP FUNCTION medilens.signers(uuid[])")
    op.execute("DROP POLICY identified ON sign_offs")
    op.execute(f"REVOKE SELECT ON sign_offs FROM {IDENTITY}")
