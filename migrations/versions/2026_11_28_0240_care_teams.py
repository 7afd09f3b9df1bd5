"""Care teams: where an organization says so, a clinician reaches only who is assigned to them

Revision ID: 0030
Revises: 0029
"""

import json
from collections.abc import Mapping
from dataclasses import replace

import sqlalchemy as sa
from alembic import op

from migrations.released import edited, give, version
from migrations.tenancy import Access, audit, forget_permissions, secure_by_permission

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None

IDENTITY = "medilens_identity"
ADDED = json.dumps(["manage_care_teams"])
ROLES = "('clinician', 'admin')"
SCOPES = ("own", "organization", "research")

# Whom the caller cares for just now, themselves too. Few people, the planner is told.
CARED_FOR = """
CREATE FUNCTION medilens.cared_for() RETURNS SETOF uuid
LANGUAGE sql STABLE SECURITY DEFINER ROWS 20 SET search_path = '' AS $$
    WITH identity AS (
        SELECT told[1]::uuid AS organization_id, told[2]::uuid AS person
        FROM (SELECT medilens.sealed_identity() AS told) AS sealed WHERE told[3] = 'care_team'
    )
    SELECT a.user_id FROM public.care_assignments a JOIN identity i
    ON a.organization_id = i.organization_id AND a.clinician_id = i.person
    WHERE a.valid_from <= now() AND coalesce(a.valid_until > now(), true)
    UNION SELECT person FROM identity
$$
"""

# How far a role reaches in an organization; an admin reaches everybody, to assign them.
REACH = """
CREATE FUNCTION medilens.reach(home uuid, role text, scope text) RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
    SELECT CASE WHEN scope = 'organization' AND role <> 'admin'
        AND o.settings ->> 'visibility' = 'care_team' THEN 'care_team' ELSE scope END
    FROM public.organizations o WHERE o.id = home
$$
"""
ENTER = (
    ("r.scope) LIMIT 1", "r.scope), r.name = 'admin' DESC LIMIT 1"),
    (
        "person.user_id, held.scope,",
        "person.user_id,\n        medilens.reach(person.organization_id, held.name, held.scope),",
    ),
)

# Whoever adds a person cares for them, else they could not see whom they have added.
ASSIGN_NEW = """
CREATE FUNCTION medilens.assign_new() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
BEGIN
    IF medilens.scope_is('care_team') THEN
        INSERT INTO public.care_assignments
            (id, organization_id, user_id, clinician_id, assigned_by)
        SELECT gen_random_uuid(), n.organization_id, n.id, medilens.sealed_person(),
            medilens.sealed_person()
        FROM new_rows n;
    END IF;
    RETURN NULL;
END
$$
"""

# Seen by whoever examines the person, given by admins and by who cares for them already.
ASSIGNMENTS = Access(
    view=("manage_care_teams",),
    add=("manage_care_teams",),
    author="assigned_by",
    change={"manage_care_teams": ("valid_until",)},
    along=(),
    care_team=True,
)
# Of these, whole organizations are shown or nothing.
WITHOUT_PEOPLE = {"organizations", "site_norms", "invitations", "service_keys"}


def tables_before() -> Mapping[str, Access]:
    """How the versions before describe the tables."""
    tables: dict[str, Access] = dict(version("0020").TABLES)
    for number in ("0021", "0022"):
        tables |= version(number).tables()
    roles = tables["user_roles"]
    return tables | {"user_roles": replace(roles, view=(*roles.view, "manage_keys"))}


def tables() -> Mapping[str, Access]:
    """How the tables are described from now on."""
    now = {
        name: replace(access, care_team=True)
        for name, access in tables_before().items()
        if name not in WITHOUT_PEOPLE
    }
    for name in ("users", "user_roles"):
        now[name] = replace(now[name], view=(*now[name].view, "manage_care_teams"))
    now["users"] = replace(now["users"], team_adds=True)
    return now | {"care_assignments": ASSIGNMENTS}


# As Alembic generated it from the models; one line a column.
# fmt: off
def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table('care_assignments',
        sa.Column('id', sa.Uuid(), nullable=False),
        sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
        sa.Column('organization_id', sa.Uuid(), nullable=False),
        sa.Column('user_id', sa.Uuid(), nullable=False),
        sa.Column('clinician_id', sa.Uuid(), nullable=False),
        sa.Column('assigned_by', sa.Uuid(), nullable=False),
        sa.Column('valid_from', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
        sa.Column('valid_until', sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint('valid_until >= valid_from', name=op.f('ck_care_assignments_valid_until_range')),
        sa.ForeignKeyConstraint(['organization_id', 'assigned_by'], ['users.organization_id', 'users.id'], name=op.f('fk_care_assignments_organization_id_assigned_by'), ondelete='RESTRICT'),
        sa.ForeignKeyConstraint(['organization_id', 'clinician_id'], ['users.organization_id', 'users.id'], name=op.f('fk_care_assignments_organization_id_clinician_id'), ondelete='RESTRICT'),
        sa.ForeignKeyConstraint(['organization_id', 'user_id'], ['users.organization_id', 'users.id'], name=op.f('fk_care_assignments_organization_id_user_id'), ondelete='RESTRICT'),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_care_assignments'))
    )
    op.create_index('ix_care_assignments_clinician', 'care_assignments', ['organization_id', 'clinician_id', 'user_id'])
    op.create_index('ix_care_assignments_person', 'care_assignments', ['organization_id', 'user_id'])
# fmt: on
    know_scopes((*SCOPES, "care_team"))
    for command, check in (("SELECT", "USING (true)"), ("INSERT", "WITH CHECK (true)")):
        op.execute(
            f"CREATE POLICY identified_{command.lower()} ON care_assignments FOR {command}"
            f" TO {IDENTITY} {check}"
        )
    op.execute(f"GRANT SELECT, INSERT ON care_assignments TO {IDENTITY}")
    for function in (CARED_FOR, REACH, ASSIGN_NEW):
        op.execute(function)
    give("cared_for()", IDENTITY, "medilens_app")
    give("reach(uuid, text, text)", IDENTITY)
    give("assign_new()", IDENTITY)
    op.execute(edited(enter_before(), *ENTER))
    for table, access in tables().items():
        for statement in secure_by_permission(table, access):
            op.execute(statement)
    for statement in audit("care_assignments"):
        op.execute(statement)
    op.execute(
        "CREATE TRIGGER assign_new AFTER INSERT ON users REFERENCING NEW TABLE AS new_rows"
        " FOR EACH STATEMENT EXECUTE FUNCTION medilens.assign_new()"
    )
    op.execute(
        f"UPDATE roles SET permissions = permissions || '{ADDED}'::jsonb WHERE name IN {ROLES}"
    )


def enter_before() -> str:
    """Return the way in as 0025 left it."""
    rates = version("0025")
    known = rates.MEMBER_KNOWN
    return edited(rates.enter(), (known, rates.LOOK_FIRST + known))


def know_scopes(scopes: tuple[str, ...]) -> None:
    listed = ", ".join(f"'{scope}'" for scope in scopes)
    op.drop_constraint(op.f("ck_roles_scope_known"), "roles", type_="check")
    op.create_check_constraint(op.f("ck_roles_scope_known"), "roles", f"scope IN ({listed})")


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute(
        f"UPDATE roles SET permissions = permissions - 'manage_care_teams' WHERE name IN {ROLES}"
    )
    op.execute("DROP TRIGGER assign_new ON users")
    op.execute(enter_before())
    for table, access in tables_before().items():
        for statement in secure_by_permission(table, access):
            op.execute(statement)
    op.drop_table("care_assignments")
    op.execute(forget_permissions("care_assignments"))
    for function in ("assign_new()", "reach(uuid, text, text)", "cared_for()"):
        op.execute(f"DROP FUNCTION medilens.{function}")
    know_scopes(SCOPES)
