"""Patients without a login: sex at birth, contact, the clinic's identifiers, a revision

Revision ID: 0021
Revises: 0020
"""

import json
from collections.abc import Mapping
from dataclasses import replace

import sqlalchemy as sa
from alembic import context, op

from migrations.tenancy import Access, audit, forget_permissions, secure_by_permission

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

ADDED_PERMISSIONS = {
    "patient": ["view_profile", "manage_profile", "manage_consents"],
    "clinician": [
        *("view_profile", "manage_profile", "manage_consents"),
        *("view_patients", "manage_patients"),
    ],
    "admin": [
        *("view_profile", "manage_profile", "manage_consents"),
        *("view_patients", "manage_patients"),
    ],
    "researcher": ["view_profile"],
}

# What anybody may know of themselves, whatever their role reaches; other organizations by name.
MYSELF = """
CREATE FUNCTION medilens.myself() RETURNS jsonb
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
    SELECT jsonb_build_object(
        'id', u.id, 'email', u.email, 'first_name', u.first_name, 'last_name', u.last_name,
        'date_of_birth', u.date_of_birth, 'sex_at_birth', u.sex_at_birth, 'gender', u.gender,
        'phone', u.phone, 'created_at', u.created_at,
        'organization', jsonb_build_object('id', o.id, 'name', o.name, 'type', o.type),
        'roles', (
            SELECT coalesce(jsonb_agg(r.name ORDER BY r.id), '[]')
            FROM public.user_roles ur JOIN public.roles r ON r.id = ur.role_id
            WHERE ur.organization_id = u.organization_id AND ur.user_id = u.id
            AND ur.revoked_at IS NULL
        ),
        'permissions', (
            SELECT coalesce(jsonb_agg(DISTINCT held.permission ORDER BY held.permission), '[]')
            FROM public.user_roles ur JOIN public.roles r ON r.id = ur.role_id,
                jsonb_array_elements_text(r.permissions) AS held (permission)
            WHERE ur.organization_id = u.organization_id AND ur.user_id = u.id
            AND ur.revoked_at IS NULL
        ),
        'profile', (
            SELECT jsonb_build_object('language', p.language, 'timezone', p.timezone,
                'fitzpatrick_type', p.fitzpatrick_type, 'ethnicity', p.ethnicity)
            FROM public.user_profiles p
            WHERE p.organization_id = u.organization_id AND p.user_id = u.id
        ),
        'other_organizations', (
            SELECT coalesce(jsonb_agg(jsonb_build_object(
                'name', other.name, 'identity_organization', other.identity_organization
            ) ORDER BY other.name), '[]')
            FROM public.users elsewhere
            JOIN public.organizations other ON other.id = elsewhere.organization_id
            WHERE elsewhere.identity_subject = u.identity_subject AND other.id <> o.id
            AND elsewhere.is_active AND elsewhere.deleted_at IS NULL
            AND other.is_active AND other.deleted_at IS NULL
        )
    )
    FROM public.users u JOIN public.organizations o ON o.id = u.organization_id
    WHERE u.organization_id = (SELECT medilens.organization_for('view_profile', 'manage_profile'))
    AND u.id = (SELECT medilens.sealed_person())
$$
"""

# Whoever is asked about people reads the tables that say who they are.
PEOPLE = ("view_patients", "manage_patients", "manage_consents", "view_profile", "manage_profile")
MANAGING = ("manage_users", "manage_patients")
KNOWN = (
    *("email", "first_name", "last_name", "date_of_birth", "sex_at_birth", "gender", "phone"),
    *("address", "is_active"),
)
OWN = ("language", "timezone", "fitzpatrick_type", "ethnicity")


def tables_before() -> Mapping[str, Access]:
    """How the version before describes the tables."""
    released = context.script.get_revision("0020")
    assert released is not None
    tables: dict[str, Access] = released.module.TABLES
    return tables


def tables() -> Mapping[str, Access]:
    """How the tables are described from now on, as far as that is new."""
    before = tables_before()
    users, profiles = before["users"], before["user_profiles"]
    return {
        **{
            name: replace(before[name], view=(*before[name].view, *PEOPLE))
            for name in ("organizations", "user_roles")
        },
        "users": replace(
            users,
            view=(*users.view, *PEOPLE),
            # Whoever examines people adds no one who could sign in.
            add=("manage_patients",),
            new="identity_subject IS NULL",
            change={
                "manage_users": (*users.change["manage_users"], "sex_at_birth", "phone", "address"),
                "manage_patients": KNOWN,
            },
        ),
        "user_profiles": replace(
            profiles,
            view=(*profiles.view, *PEOPLE),
            add=("manage_profile",),
            own_add=True,
            change={**profiles.change, "manage_profile": OWN},
            own_change="true",
        ),
        "person_identifiers": Access(
            view=("create_assessment", "view_patients", "manage_patients"),
            add=("manage_patients",),
            delete=("manage_patients",),
            along=(),
        ),
    }


# As Alembic generated it from the models; one line a column.
# fmt: off
def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table('person_identifiers',
        sa.Column('id', sa.Uuid(), nullable=False),
        sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
        sa.Column('organization_id', sa.Uuid(), nullable=False),
        sa.Column('user_id', sa.Uuid(), nullable=False),
        sa.Column('system', sa.Text(), nullable=False),
        sa.Column('value', sa.Text(), nullable=False),
        sa.Column('deleted_at', sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(['organization_id', 'user_id'], ['users.organization_id', 'users.id'], name=op.f('fk_person_identifiers_organization_id_user_id'), ondelete='RESTRICT'),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_person_identifiers'))
    )
    op.create_index('uq_person_identifiers_in_use', 'person_identifiers', ['organization_id', 'system', 'value'], unique=True, postgresql_where=sa.text('deleted_at IS NULL'))
    op.create_index('ix_person_identifiers_person', 'person_identifiers', ['organization_id', 'user_id'])
    op.add_column('users', sa.Column('sex_at_birth', sa.Text(), nullable=True))
    op.add_column('users', sa.Column('phone', sa.Text(), nullable=True))
    op.add_column('users', sa.Column('address', sa.dialects.postgresql.JSONB(), nullable=True))
    op.add_column('users', sa.Column('revision', sa.Integer(), server_default='1', nullable=False))
    op.create_check_constraint(op.f('ck_users_sex_at_birth_known'), 'users', "sex_at_birth IN ('female', 'male', 'intersex', 'unknown')")
    op.create_check_constraint(op.f('ck_users_revision_range'), 'users', 'revision >= 1')
    op.create_index('ix_users_date_of_birth', 'users', ['organization_id', 'date_of_birth'])
# fmt: on
    op.execute(
        "CREATE TRIGGER next_revision BEFORE UPDATE ON users"
        " FOR EACH ROW EXECUTE FUNCTION medilens.next_revision()"
    )
    for table, access in tables().items():
        for statement in secure_by_permission(table, access):
            op.execute(statement)
    for statement in audit("person_identifiers"):
        op.execute(statement)
    op.execute(MYSELF)
    op.execute("REVOKE ALL ON FUNCTION medilens.myself() FROM PUBLIC")
    op.execute("GRANT EXECUTE ON FUNCTION medilens.myself() TO medilens_app")
    op.execute("ALTER FUNCTION medilens.myself() OWNER TO medilens_identity")
    for role, permissions in ADDED_PERMISSIONS.items():
        change_permissions(role, "permissions || cast(:permissions AS jsonb)", permissions)


def change_permissions(role: str, expression: str, permissions: list[str]) -> None:
    op.execute(
        sa.text(f"UPDATE roles SET permissions = {expression} WHERE name = :role").bindparams(
            role=role, permissions=json.dumps(permissions)
        )
    )


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for role, permissions in ADDED_PERMISSIONS.items():
        change_permissions(
            role,
            "permissions - ARRAY(SELECT jsonb_array_elements_text(cast(:permissions AS jsonb)))",
            permissions,
        )
    op.execute("DROP FUNCTION medilens.myself()")
    op.execute("DROP TRIGGER next_revision ON users")
    op.drop_table("person_identifiers")
    op.execute(forget_permissions("person_identifiers"))
    for table in ("organizations", "user_roles", "users", "user_profiles"):
        for statement in secure_by_permission(table, tables_before()[table]):
            op.execute(statement)
    op.drop_index("ix_users_date_of_birth", table_name="users")
    for column in ("revision", "address", "phone", "sex_at_birth"):
        op.drop_column("users", column)
