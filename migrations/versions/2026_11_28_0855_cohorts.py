"""Who is in a research cohort, as age bands and sexes: nobody's date of birth leaves the database

Revision ID: 0058
Revises: 0057
"""

from alembic import op

from migrations.released import give

revision = "0058"
down_revision = "0057"
branch_labels = None
depends_on = None

IDENTITY, APP = "medilens_identity", "medilens_app"

# Whoever agreed to research and is within the caller's reach, by bands of ten years; whoever is
# ninety or older is in one band with everybody who is.
PEOPLE = """
CREATE FUNCTION medilens.research_people(as_of timestamptz)
RETURNS TABLE (user_id uuid, age_band text, sex text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
    SELECT u.id,
        CASE WHEN u.date_of_birth IS NULL THEN 'unknown'
        WHEN a.decade >= 9 THEN '90+'
        ELSE 10 * a.decade || '-' || 10 * a.decade + 9 END,
        coalesce(u.sex_at_birth, 'unknown')
    FROM public.users u
    CROSS JOIN LATERAL (
        SELECT greatest(0, extract(year FROM age(as_of, u.date_of_birth)))::integer / 10 AS decade
    ) AS a
    WHERE u.organization_id = (SELECT medilens.organization_for('export_data'))
    AND u.deleted_at IS NULL AND u.merged_into IS NULL
    AND ((SELECT medilens.scope_is('organization')) OR (SELECT medilens.scope_is('research'))
        OR (SELECT medilens.scope_is('care_team')) AND u.id IN (SELECT medilens.cared_for()))
    AND EXISTS (
        SELECT FROM public.consents c WHERE c.organization_id = u.organization_id
        AND c.user_id = u.id AND c.kind = 'research' AND c.withdrawn_at IS NULL
    )
$$
"""


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute(PEOPLE)
    give("research_people(timestamptz)", IDENTITY, APP)


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("DROP FUNCTION medilens.research_people(timestamptz)")
