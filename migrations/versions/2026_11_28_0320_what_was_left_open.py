"""What the database did not decide yet: keys' scopes, care that is widened, consents of before

Revision ID: 0034
Revises: 0033
"""

from alembic import op

from migrations.released import again, edited, give, version

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None

IDENTITY, APP = "medilens_identity", "medilens_app"

# A key's row says what it may, and whether it still holds, when the transaction begins.
ROLE_KNOWN = """    PERFORM medilens.seal(person.organization_id"""
KEY_HOLDS = """    IF told ->> 'key_id' IS NOT NULL AND NOT EXISTS (
        SELECT FROM public.service_keys k WHERE k.id = (told ->> 'key_id')::uuid
        AND k.organization_id = person.organization_id AND k.created_by = person.user_id
        AND k.revoked_at IS NULL AND coalesce(k.expires_at > clock_timestamp(), true)
        AND k.scopes ? (told ->> 'permission')
    ) THEN
        RAISE EXCEPTION 'not in the scopes of the key' USING ERRCODE = 'ML405';
    END IF;
"""

# What was rolled back for another reason than a denial pays when it is: its own payment is gone.
CHARGE = """
CREATE FUNCTION medilens.charge(request bytea, mac bytea) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' SET row_security = on AS $$
DECLARE
    told jsonb := medilens.unsealed(request, mac, 'charge');
BEGIN
    PERFORM medilens.pay('person|' || m.user_id, told -> 'rate') FROM medilens.member(told) m;
END
$$
"""

# Whoever reaches people by assignment prolongs none of their own, and only those care who examine.
CHECK_ASSIGNMENT = """
CREATE FUNCTION medilens.check_assignment() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    is_own boolean := medilens.scope_is('care_team')
        AND NEW.clinician_id = medilens.sealed_person();
    ends timestamptz;
BEGIN
    IF TG_OP = 'UPDATE' THEN
        ends := coalesce(OLD.valid_until, 'infinity');
    ELSE
        PERFORM FROM public.user_roles e JOIN public.roles r ON r.id = e.role_id
        WHERE e.organization_id = NEW.organization_id AND e.user_id = NEW.clinician_id
        AND e.revoked_at IS NULL AND r.scope = 'organization'
        AND r.permissions ? 'view_assessments';
        IF NOT FOUND THEN
            RAISE EXCEPTION 'holds no clinical role' USING ERRCODE = '23514',
                CONSTRAINT = 'ck_care_assignments_clinician';
        END IF;
        SELECT max(coalesce(a.valid_until, 'infinity')) INTO ends
        FROM public.care_assignments a
        WHERE a.organization_id = NEW.organization_id AND a.user_id = NEW.user_id
        AND a.clinician_id = NEW.clinician_id AND coalesce(a.valid_until > now(), true);
    END IF;
    IF is_own AND coalesce(NEW.valid_until, 'infinity') > ends THEN
        RAISE EXCEPTION 'nobody prolongs their own care' USING ERRCODE = '42501';
    END IF;
    RETURN NEW;
END
$$
"""

# What somebody agreed to, and until when, stays as it was said at the time.
CHECK_CONSENT = """
CREATE FUNCTION medilens.check_consent() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF medilens.sealed_person() IS NOT NULL AND NEW.created_at <> now() THEN
            RAISE EXCEPTION 'a consent is given now' USING ERRCODE = '42501';
        END IF;
    ELSIF (OLD.withdrawn_at, OLD.withdrawn_by) IS DISTINCT FROM (NEW.withdrawn_at, NEW.withdrawn_by)
    THEN
        IF OLD.withdrawn_at IS NOT NULL THEN
            RAISE EXCEPTION 'a consent that was withdrawn stays so' USING ERRCODE = '42501';
        ELSIF medilens.sealed_person() IS NOT NULL AND NEW.withdrawn_at <> now() THEN
            RAISE EXCEPTION 'a consent is withdrawn now' USING ERRCODE = '42501';
        END IF;
    END IF;
    RETURN NEW;
END
$$
"""
CHECKS = {
    "care_assignments": ("check_assignment", CHECK_ASSIGNMENT),
    "consents": ("check_consent", CHECK_CONSENT),
}

# An invitation is as good as the right of whoever made it, when it is accepted.
INVITED = (
    (
        "AND i.expires_at > clock_timestamp()\n",
        """AND i.expires_at > clock_timestamp() AND EXISTS (
        SELECT FROM public.users u
        JOIN public.user_roles e ON e.organization_id = home AND e.user_id = u.id
        JOIN public.roles r ON r.id = e.role_id
        WHERE u.organization_id = home AND u.id = i.invited_by AND u.is_active
        AND u.deleted_at IS NULL AND e.revoked_at IS NULL AND r.permissions ? 'manage_roles'
    )
""",
    ),
)


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute(edited(enter(), (ROLE_KNOWN, KEY_HOLDS + ROLE_KNOWN)))
    op.execute(CHARGE)
    give("charge(bytea, bytea)", IDENTITY, APP)
    for table, (name, function) in CHECKS.items():
        op.execute(function)
        give(f"{name}()", IDENTITY)
        op.execute(
            f"CREATE TRIGGER {name} BEFORE INSERT OR UPDATE ON {table}"
            f" FOR EACH ROW EXECUTE FUNCTION medilens.{name}()"
        )
    op.execute(edited(admit(), *INVITED))


def enter() -> str:
    care = version("0030")
    return edited(care.enter_before(), *care.ENTER)


def admit() -> str:
    left = version("0031")
    admitted = again(version("0026").ADMIT)
    return edited(admitted, *left.INVITED, *left.SAME_PERSON, *left.NEW_TO_THEM)


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute(enter())
    op.execute(admit())
    for table, (name, _) in CHECKS.items():
        op.execute(f"DROP TRIGGER {name} ON {table}")
        op.execute(f"DROP FUNCTION medilens.{name}()")
    op.execute("DROP FUNCTION medilens.charge(bytea, bytea)")
