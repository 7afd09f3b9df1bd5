"""Whom break-glass reaches: that one person while it is open, and every answer says so

Revision ID: 0048
Revises: 0047
"""

from alembic import op

from migrations.released import again, edited, give, version

revision = "0048"
down_revision = "0047"
branch_labels = None
depends_on = None

IDENTITY, AUDIT = "medilens_identity", "medilens_audit"

# What the caller has open just now. It serves to see a person and to record them, to nothing else,
# and to nobody but the person who has shown who they are: no key, no one who acts for another.
BROKEN_GLASS = """
CREATE FUNCTION medilens.broken_glass() RETURNS TABLE (id uuid, person uuid, expires_at timestamptz)
LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 1 SET search_path = '' AS $$
#variable_conflict use_column
DECLARE
    told text[] := medilens.sealed_identity();
    asked text := current_setting('medilens.request', true);
BEGIN
    IF told[3] = 'care_team'
        AND told[4] IN ('view_patients', 'view_assessments', 'create_assessment')
        AND told[6] = encode(sha256(convert_to(asked, 'UTF8')), 'hex')
        AND coalesce(asked::jsonb ->> 'key_id', asked::jsonb ->> 'actor') IS NULL
    THEN
        RETURN QUERY SELECT g.id, g.user_id, g.expires_at FROM public.break_glass_grants g
        WHERE g.organization_id = told[1]::uuid AND g.opened_by = told[2]::uuid
        AND g.ended_at IS NULL AND g.expires_at > now();
    END IF;
END
$$
"""
CARED_FOR = (
    (
        "UNION SELECT person FROM identity",
        """UNION SELECT person FROM identity
    UNION SELECT g.person FROM medilens.broken_glass() g""",
    ),
)

# Whoever reaches people by assignment is told that the glass is broken, or that it may be.
TELL = """
CREATE FUNCTION medilens.tell_break_glass() RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    told text[] := medilens.sealed_identity();
    opened record;
BEGIN
    IF told[3] IS DISTINCT FROM 'care_team' THEN
        RETURN;
    END IF;
    SELECT * INTO opened FROM medilens.broken_glass();
    IF FOUND THEN
        RAISE NOTICE 'medilens.break_glass grant=%; until=%', opened.id,
            to_char(opened.expires_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"');
        RETURN;
    END IF;
    PERFORM FROM public.user_roles e JOIN public.roles r ON r.id = e.role_id
    WHERE e.organization_id = told[1]::uuid AND e.user_id = told[2]::uuid
    AND e.revoked_at IS NULL AND r.permissions ? 'break_glass';
    IF FOUND THEN
        RAISE NOTICE 'medilens.break_glass offered';
    END IF;
END
$$
"""
SEALED = "told ->> 'permission', held.name, request);\n"
ENTER = ((SEALED, f"{SEALED}    PERFORM medilens.tell_break_glass();\n"),)

# What was read or changed while the glass was broken says so, in the trail's own row.
RECORD = (
    (
        "    INSERT INTO public.audit_events (",
        """    IF told[3] = 'care_team' THEN
        details := coalesce((
            SELECT coalesce(details, '{}') || jsonb_build_object('break_glass', g.id)
            FROM medilens.broken_glass() g WHERE g.person = subject_id
        ), details);
    END IF;
    INSERT INTO public.audit_events (""",
    ),
)


def cared_for() -> str:
    return again(version("0030").CARED_FOR)


def enter() -> str:
    open_until_now = version("0034")
    holds = open_until_now.KEY_HOLDS + open_until_now.ROLE_KNOWN
    return edited(open_until_now.enter(), (open_until_now.ROLE_KNOWN, holds))


def record() -> str:
    provisioning = version("0026")
    return edited(version("0024").RECORD, (provisioning.TRAIL, provisioning.TRAIL_OF_BOTH))


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute(BROKEN_GLASS)
    give("broken_glass()", IDENTITY, AUDIT)
    op.execute(TELL)
    give("tell_break_glass()", IDENTITY)
    op.execute(edited(cared_for(), *CARED_FOR))
    op.execute(edited(enter(), *ENTER))
    op.execute(edited(record(), *RECORD))


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for function in (cared_for(), enter(), record()):
        op.execute(function)
    op.execute("DROP FUNCTION medilens.tell_break_glass()")
    op.execute("DROP FUNCTION medilens.broken_glass()")
