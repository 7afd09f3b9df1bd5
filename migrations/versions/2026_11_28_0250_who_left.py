"""What the clinic took from somebody no provider and no invitation gives back

Revision ID: 0031
Revises: 0030
"""

from alembic import op

from migrations.released import again, edited, give, version

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None

# Invitations are for whoever can accept them; one for a person who can sign in already would be in
# the way of all that come after it. Only the letters of ASCII have a case in addresses of mail.
INVITED = (
    (
        "lower(i.email) = lower(told ->> 'email'))",
        """lower(i.email COLLATE "C") = lower((told ->> 'email') COLLATE "C"))
    AND (i.person_id IS NULL OR known.id IS NULL AND EXISTS (
        SELECT FROM public.users p WHERE p.organization_id = home AND p.id = i.person_id
        AND p.identity_subject IS NULL AND p.deleted_at IS NULL
    ))""",
    ),
)
# Two first requests at once are one person's.
SAME_PERSON = (
    (
        "        ON CONFLICT DO NOTHING;\n    END IF;",
        """        ON CONFLICT DO NOTHING;
        IF NOT FOUND THEN
            SELECT u.id INTO person FROM public.users u
            WHERE u.organization_id = home AND u.identity_subject = told ->> 'subject';
        END IF;
    END IF;""",
    ),
    ("told ->> 'email', told ? 'email',", "told ->> 'email', told ->> 'email' IS NOT NULL,"),
)
# The organization's own role is for newcomers, one that the provider names for whoever never held
# it: what an admin revoked does not come back by itself.
NEW_TO_THEM = (
    (
        "r.name = fallback ELSE",
        """r.name = fallback AND NOT EXISTS (
            SELECT FROM public.user_roles e WHERE e.organization_id = home AND e.user_id = person
            AND (e.role_id = r.id OR told ->> 'role' IS NULL)
        ) ELSE""",
    ),
)

# Of two words of one time the end counts.
TIED = (
    (
        "WHERE s.changed_at < excluded.changed_at AND",
        """WHERE (s.changed_at < excluded.changed_at
        OR s.changed_at = excluded.changed_at AND excluded.is_deleted) AND""",
    ),
)
# Who comes back to an organization was deactivated by having left it, not by one of its admins.
OF_MEMBERSHIP = "s.kind = 'membership' AND s.key = told ->> 'key'"
COME_BACK = (
    (
        """UPDATE public.users u SET updated_at = now(), is_active = false
        WHERE u.organization_id = home AND u.identity_subject = told ->> 'subject';""",
        f"""UPDATE public.users u SET updated_at = now(), is_active = false
        WHERE u.organization_id = home AND u.identity_subject = told ->> 'subject'
        AND u.is_active;
        UPDATE medilens.identity_states s SET has_ended = s.has_ended OR FOUND
        WHERE {OF_MEMBERSHIP};""",
    ),
    (
        "AND NOT u.is_active AND (told ->> 'is_new')::boolean;",
        f"""AND NOT u.is_active AND EXISTS (
            SELECT FROM medilens.identity_states s WHERE {OF_MEMBERSHIP} AND s.has_ended
        );
        UPDATE medilens.identity_states s SET has_ended = false WHERE {OF_MEMBERSHIP};""",
    ),
)

# Whoever manages patients would else change, and deactivate, those who work here.
WORKS_HERE = """
CREATE FUNCTION medilens.works_here(home uuid, person uuid) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
    SELECT EXISTS (
        SELECT FROM public.user_roles e JOIN public.roles r ON r.id = e.role_id
        WHERE e.organization_id = home AND e.user_id = person AND e.revoked_at IS NULL
        AND r.name <> 'patient'
    )
$$
"""
PATIENTS_ONLY = (
    (
        "    SELECT n.key INTO refused",
        """    IF changed_table = 'users' AND let_in = 'manage_patients' AND medilens.works_here(
        (before ->> 'organization_id')::uuid, (before ->> 'id')::uuid
    ) THEN
        RAISE EXCEPTION 'manage_patients changes nobody who works here' USING ERRCODE = '42501';
    END IF;
    SELECT n.key INTO refused""",
    ),
)


def check_change() -> str:
    trail = version("0024")
    return edited(again(version("0020").CHECK_CHANGE), *trail.CHECK_CHANGE)


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute(
        "ALTER TABLE medilens.identity_states ADD COLUMN has_ended boolean NOT NULL DEFAULT false"
    )
    provisioning = version("0026")
    op.execute(edited(again(provisioning.ADMIT), *INVITED, *SAME_PERSON, *NEW_TO_THEM))
    op.execute(edited(again(provisioning.TAKE_STATE), *TIED))
    op.execute(edited(again(provisioning.TAKE_EVENT), *COME_BACK))
    op.execute(WORKS_HERE)
    give("works_here(uuid, uuid)", "medilens_identity", "medilens_audit")
    op.execute(edited(check_change(), *PATIENTS_ONLY))


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute(check_change())
    op.execute("DROP FUNCTION medilens.works_here(uuid, uuid)")
    provisioning = version("0026")
    for function in (provisioning.ADMIT, provisioning.TAKE_STATE, provisioning.TAKE_EVENT):
        op.execute(again(function))
    op.execute("ALTER TABLE medilens.identity_states DROP COLUMN has_ended")
