"""Members, invitations and consents: who holds a role and why, who is awaited, who agreed to what

Revision ID: 0022
Revises: 0021
"""

from collections.abc import Mapping
from dataclasses import replace
from types import ModuleType

import sqlalchemy as sa
from alembic import context, op

from migrations.tenancy import (
    Access,
    audit,
    forget_permissions,
    secure_by_permission,
    unforced,
)

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

# People who agree at this statement that researchers may use their records.
CONSENTED = """
CREATE OR REPLACE FUNCTION medilens.consented() RETURNS SETOF uuid
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
    SELECT user_id FROM public.consents
    WHERE kind = 'research' AND withdrawn_at IS NULL
    AND organization_id = nullif(current_setting('medilens.organization_id', true), '')::uuid
$$
"""
CONSENTED_BEFORE = """
CREATE OR REPLACE FUNCTION medilens.consented() RETURNS SETOF uuid
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
    SELECT user_id FROM public.user_profiles
    WHERE consent_research
    AND organization_id = nullif(current_setting('medilens.organization_id', true), '')::uuid
$$
"""

# What was agreed to before texts had versions was said by the person's own profile.
KEEP_CONSENTS = """
INSERT INTO consents (id, organization_id, user_id, kind, text_version, given_by)
SELECT gen_random_uuid(), p.organization_id, p.user_id, agreed.kind, 'unknown', p.user_id
FROM user_profiles p CROSS JOIN LATERAL (
    VALUES ('research', p.consent_research), ('sharing', p.consent_data_sharing)
) AS agreed (kind, is_given)
WHERE agreed.is_given
"""
KEEP_FLAGS = """
UPDATE user_profiles p SET
    consent_research = EXISTS (SELECT FROM consents c WHERE c.user_id = p.user_id
        AND c.kind = 'research' AND c.withdrawn_at IS NULL),
    consent_data_sharing = EXISTS (SELECT FROM consents c WHERE c.user_id = p.user_id
        AND c.kind = 'sharing' AND c.withdrawn_at IS NULL)
"""
# What one's own account tells beside what 0021 made it tell.
OWN_CONSENTS = """'consents', (
            SELECT coalesce(jsonb_agg(jsonb_build_object('kind', c.kind, 'text_version',
                c.text_version, 'given_at', c.created_at, 'given_by', c.given_by,
                'withdrawn_at', NULL, 'withdrawn_by', NULL) ORDER BY c.kind), '[]')
            FROM public.consents c
            WHERE c.organization_id = u.organization_id AND c.user_id = u.id
            AND c.withdrawn_at IS NULL
        ),
        """
FLAGS = ("consent_research", "consent_data_sharing")
CHANGED = ("user_profiles", "user_roles")


def version(number: str) -> ModuleType:
    """Return a version that was released, whose statements are put in place again."""
    script = context.script.get_revision(number)
    assert script is not None
    return script.module


def myself(more: str = "") -> str:
    """Return the function of 0021, with more to tell."""
    told: str = version("0021").MYSELF
    place = "'other_organizations', ("
    assert place in told
    return told.replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION").replace(
        place, more + place
    )


def tables_before() -> Mapping[str, Access]:
    """How the version before describes the tables."""
    tables: dict[str, Access] = version("0021").tables()
    return tables


def tables() -> Mapping[str, Access]:
    """How the tables are described from now on, as far as that is new."""
    before = tables_before()
    profiles, roles = before["user_profiles"], before["user_roles"]
    return {
        "user_profiles": replace(
            profiles,
            change={
                permission: [name for name in columns if name not in FLAGS]
                for permission, columns in profiles.change.items()
            },
        ),
        "user_roles": replace(
            roles,
            add=("manage_roles",),
            author="granted_by",
            new="revoked_at IS NULL",
            change={"manage_roles": ("revoked_at", "revoked_by", "revocation_reason")},
            along=(),
        ),
        "consents": Access(
            view=("manage_consents",),
            add=("manage_consents",),
            author="given_by",
            new="withdrawn_at IS NULL",
            own_add=True,
            change={"manage_consents": ("withdrawn_at", "withdrawn_by")},
            own_change="true",
            along=(),
        ),
        "invitations": Access(
            view=("manage_users", "manage_roles"),
            add=("manage_roles",),
            author="invited_by",
            new="accepted_at IS NULL",
            delete=("manage_roles",),
            person=None,
            along=(),
        ),
    }


# As Alembic generated it from the models; one line a column.
# fmt: off
def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table('consents',
        sa.Column('id', sa.Uuid(), nullable=False),
        sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
        sa.Column('organization_id', sa.Uuid(), nullable=False),
        sa.Column('user_id', sa.Uuid(), nullable=False),
        sa.Column('kind', sa.Text(), nullable=False),
        sa.Column('text_version', sa.Text(), nullable=False),
        sa.Column('given_by', sa.Uuid(), nullable=False),
        sa.Column('withdrawn_at', sa.DateTime(timezone=True), nullable=True),
        sa.Column('withdrawn_by', sa.Uuid(), nullable=True),
        sa.CheckConstraint("kind IN ('treatment', 'research', 'sharing', 'explanations')", name=op.f('ck_consents_kind_known')),
        sa.ForeignKeyConstraint(['organization_id', 'given_by'], ['users.organization_id', 'users.id'], name=op.f('fk_consents_organization_id_given_by'), ondelete='RESTRICT'),
        sa.ForeignKeyConstraint(['organization_id', 'user_id'], ['users.organization_id', 'users.id'], name=op.f('fk_consents_organization_id_user_id'), ondelete='RESTRICT'),
        sa.ForeignKeyConstraint(['organization_id', 'withdrawn_by'], ['users.organization_id', 'users.id'], name=op.f('fk_consents_organization_id_withdrawn_by'), ondelete='RESTRICT'),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_consents'))
    )
    op.create_index('uq_consents_in_force', 'consents', ['organization_id', 'kind', 'user_id'], unique=True, postgresql_where=sa.text('withdrawn_at IS NULL'))
    op.create_index('ix_consents_person', 'consents', ['organization_id', 'user_id'])
    op.create_table('invitations',
        sa.Column('id', sa.Uuid(), nullable=False),
        sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
        sa.Column('organization_id', sa.Uuid(), nullable=False),
        sa.Column('email', sa.Text(), nullable=True),
        sa.Column('identity_subject', sa.Text(), nullable=True),
        sa.Column('person_id', sa.Uuid(), nullable=True),
        sa.Column('role_id', sa.SmallInteger(), nullable=False),
        sa.Column('invited_by', sa.Uuid(), nullable=False),
        sa.Column('expires_at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('accepted_at', sa.DateTime(timezone=True), nullable=True),
        sa.Column('accepted_by', sa.Uuid(), nullable=True),
        sa.Column('deleted_at', sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint('num_nonnulls(email, identity_subject) = 1', name=op.f('ck_invitations_addressee')),
        sa.ForeignKeyConstraint(['organization_id', 'accepted_by'], ['users.organization_id', 'users.id'], name=op.f('fk_invitations_organization_id_accepted_by'), ondelete='RESTRICT'),
        sa.ForeignKeyConstraint(['organization_id', 'invited_by'], ['users.organization_id', 'users.id'], name=op.f('fk_invitations_organization_id_invited_by'), ondelete='RESTRICT'),
        sa.ForeignKeyConstraint(['organization_id', 'person_id'], ['users.organization_id', 'users.id'], name=op.f('fk_invitations_organization_id_person_id'), ondelete='RESTRICT'),
        sa.ForeignKeyConstraint(['organization_id'], ['organizations.id'], name=op.f('fk_invitations_organization_id'), ondelete='RESTRICT'),
        sa.ForeignKeyConstraint(['role_id'], ['roles.id'], name=op.f('fk_invitations_role_id'), ondelete='RESTRICT'),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_invitations'))
    )
    op.create_index('ix_invitations_organization', 'invitations', ['organization_id', 'id'])
    op.add_column('user_roles', sa.Column('reason', sa.Text(), nullable=True))
    op.add_column('user_roles', sa.Column('revoked_by', sa.Uuid(), nullable=True))
    op.add_column('user_roles', sa.Column('revocation_reason', sa.Text(), nullable=True))
    op.create_foreign_key(op.f('fk_user_roles_organization_id_revoked_by'), 'user_roles', 'users', ['organization_id', 'revoked_by'], ['organization_id', 'id'], ondelete='RESTRICT')
    op.drop_constraint('uq_user_roles_organization_id_user_id_role_id', 'user_roles', type_='unique')
    op.create_index('uq_user_roles_in_force', 'user_roles', ['organization_id', 'user_id', 'role_id'], unique=True, postgresql_where=sa.text('revoked_at IS NULL'))
# fmt: on
    with unforced("user_profiles"):
        op.execute(KEEP_CONSENTS)
    op.execute("GRANT SELECT, INSERT ON consents TO medilens_identity")
    for table, access in tables().items():
        for statement in secure_by_permission(table, access):
            op.execute(statement)
    op.execute(
        "CREATE POLICY identified ON consents FOR SELECT TO medilens_identity USING (true)"
    )
    op.execute(
        "CREATE POLICY founded ON consents FOR INSERT TO medilens_identity WITH CHECK (true)"
    )
    op.execute(CONSENTED)
    op.execute(myself(OWN_CONSENTS))
    for flag in FLAGS:
        op.drop_column("user_profiles", flag)
    for statement in (*audit("consents"), *audit("invitations", subject="person_id")):
        op.execute(statement)


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for flag in FLAGS:
        op.add_column("user_profiles", flag_column(flag))
    with unforced("user_profiles", "consents"):
        op.execute(KEEP_FLAGS)
    op.execute(CONSENTED_BEFORE)
    op.execute(myself())
    for table in ("consents", "invitations"):
        op.drop_table(table)
        op.execute(forget_permissions(table))
    drop_history_of_roles()
    for table in CHANGED:
        for statement in secure_by_permission(table, tables_before()[table]):
            op.execute(statement)


def flag_column(name: str) -> sa.Column[bool]:
    return sa.Column(name, sa.Boolean(), server_default=sa.text("false"), nullable=False)


def drop_history_of_roles() -> None:
    """Of a role that was granted several times, only the last time is kept."""
    op.drop_index("uq_user_roles_in_force", table_name="user_roles")
    with unforced("user_roles"):
        op.execute(
            "DELETE FROM user_roles e USING user_roles l WHERE e.user_id = l.user_id"
            " AND e.role_id = l.role_id AND (e.created_at, e.id) < (l.created_at, l.id)"
        )
    op.create_unique_constraint(
        "uq_user_roles_organization_id_user_id_role_id",
        "user_roles",
        ["organization_id", "user_id", "role_id"],
    )
    for column in ("revocation_reason", "revoked_by", "reason"):
        op.drop_column("user_roles", column)
