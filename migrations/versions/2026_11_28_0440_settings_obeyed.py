"""Organizations' settings are obeyed: analyses a day, the operator's models, the time zone

Revision ID: 0046
Revises: 0045
"""

from alembic import op

from migrations.released import edited, give, version
from migrations.tenancy import unforced

revision = "0046"
down_revision = "0045"
branch_labels = None
depends_on = None

IDENTITY, APP = "medilens_identity", "medilens_app"

# A day begins and ends where the organization is. At most one analysis more than there may be is
# counted, and none where there is no quota; those that are stored at the same moment are not seen.
REQUIRE_QUOTA = """
CREATE FUNCTION medilens.require_quota(home uuid, settings jsonb, coming integer) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    most integer := (settings ->> 'analyses_per_day')::integer;
    zone text := coalesce(settings ->> 'time_zone', 'UTC');
    began timestamptz;
    stored integer;
BEGIN
    IF most IS NULL THEN
        RETURN;
    END IF;
    began := date_trunc('day', now(), zone);
    SELECT count(*) INTO stored FROM (
        SELECT FROM public.assessments a
        WHERE a.organization_id = home AND a.created_at >= began LIMIT most + 1
    ) AS of_today;
    IF stored + coming > most THEN
        RAISE EXCEPTION 'the quota is used up' USING ERRCODE = 'ML430', DETAIL = jsonb_build_object(
            'most', most, 'zone', zone, 'wait_s', ceil(extract(epoch FROM
                (began AT TIME ZONE zone + interval '1 day') AT TIME ZONE zone - now())));
    END IF;
END
$$
"""

# What an analysis has to know of the organization, and whether there may be another one today.
ANALYSIS_TERMS = """
CREATE FUNCTION medilens.analysis_terms(coming integer) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    home uuid := medilens.organization_for('create_assessment');
    told jsonb := (SELECT o.settings FROM public.organizations o WHERE o.id = home);
BEGIN
    IF coming > 0 THEN
        PERFORM medilens.require_quota(home, told, coming);
    END IF;
    RETURN jsonb_build_object('models_allowed', told -> 'models_allowed',
        'time_zone', coalesce(told ->> 'time_zone', 'UTC'));
END
$$
"""
CHECK_QUOTA = """
CREATE FUNCTION medilens.check_quota() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
BEGIN
    PERFORM medilens.require_quota(o.id, o.settings, 0)
    FROM public.organizations o WHERE o.id IN (SELECT n.organization_id FROM new_rows n);
    RETURN NULL;
END
$$
"""

# Whoever signs in is told where the organization is, and whom to call in an emergency.
OWN_ORGANIZATION = (
    (
        "'organization', jsonb_build_object('id', o.id, 'name', o.name, 'type', o.type)",
        """'organization', jsonb_build_object('id', o.id, 'name', o.name, 'type', o.type,
            'time_zone', coalesce(o.settings ->> 'time_zone', 'UTC'),
            'emergency_text', o.settings ->> 'emergency_text')""",
    ),
)

# Nothing was ever held to it: what explanations cost is limited where a model is paid for.
FORGET = "UPDATE organizations SET settings = settings - 'explanations_per_day'"


# When a recording was made is known once it is read, to a worker too.
KNOW_MOMENT = """
INSERT INTO medilens.needed_permissions
VALUES ('assessments', 'change', 'recorded_at', '{create_assessment}')
"""
FORGET_MOMENT = """
DELETE FROM medilens.needed_permissions
WHERE table_name = 'assessments' AND use = 'change' AND column_name = 'recorded_at'
"""


def myself() -> str:
    members = version("0022")
    told: str = members.myself(members.OWN_CONSENTS)
    return told


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for function, name, *callers in (
        (REQUIRE_QUOTA, "require_quota(uuid, jsonb, integer)"),
        (ANALYSIS_TERMS, "analysis_terms(integer)", APP),
        (CHECK_QUOTA, "check_quota()"),
    ):
        op.execute(function)
        give(name, IDENTITY, *callers)
    op.execute(f"GRANT SELECT (organization_id, created_at) ON assessments TO {IDENTITY}")
    op.execute(f"CREATE POLICY counted ON assessments FOR SELECT TO {IDENTITY} USING (true)")
    op.execute(
        "CREATE TRIGGER check_quota AFTER INSERT ON assessments REFERENCING NEW TABLE AS new_rows"
        " FOR EACH STATEMENT EXECUTE FUNCTION medilens.check_quota()"
    )
    op.execute(KNOW_MOMENT)
    op.execute(f"GRANT UPDATE (recorded_at) ON assessments TO {APP}")
    op.execute(edited(myself(), *OWN_ORGANIZATION))
    with unforced("organizations"):
        op.execute(FORGET)


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute(myself())
    op.execute(f"REVOKE UPDATE (recorded_at) ON assessments FROM {APP}")
    op.execute(FORGET_MOMENT)
    op.execute("DROP TRIGGER check_quota ON assessments")
    op.execute("DROP POLICY counted ON assessments")
    op.execute(f"REVOKE SELECT (organization_id, created_at) ON assessments FROM {IDENTITY}")
    for name in (
        "check_quota()",
        "analysis_terms(integer)",
        "require_quota(uuid, jsonb, integer)",
    ):
        op.execute(f"DROP FUNCTION medilens.{name}")
