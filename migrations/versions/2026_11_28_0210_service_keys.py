"""Service keys: programs sign in as whoever made the key, with a part of what they may

Revision ID: 0027
Revises: 0026
"""

import json
from dataclasses import replace

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from migrations.released import give, version
from migrations.tenancy import Access, audit, forget_permissions, secure_by_permission

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

IDENTITY = "medilens_identity"
PERMISSIONS = json.dumps(["manage_keys"])

# Who a key stands for, while it holds; that it was used is written once an hour at most.
SERVICE_KEY = """
CREATE FUNCTION medilens.service_key(request bytea, mac bytea)
RETURNS TABLE (id uuid, subject text, organization text, scopes jsonb, networks jsonb)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' SET row_security = on AS $$
#variable_conflict use_column
DECLARE
    told jsonb := medilens.unsealed(request, mac, 'key');
    held record;
BEGIN
    SELECT k.id, k.organization_id, k.created_by, k.scopes, k.networks, k.last_used_at,
        u.identity_subject, o.identity_organization INTO held
    FROM public.service_keys k
    JOIN public.users u ON u.organization_id = k.organization_id AND u.id = k.created_by
    JOIN public.organizations o ON o.id = k.organization_id
    WHERE k.key_hash = decode(told ->> 'hash', 'hex') AND k.revoked_at IS NULL
    AND (k.expires_at IS NULL OR k.expires_at > clock_timestamp());
    IF NOT FOUND THEN
        RETURN;
    END IF;
    IF coalesce(held.last_used_at < clock_timestamp() - interval '1 hour', true) THEN
        PERFORM medilens.seal(held.organization_id, held.created_by, 'system', 'key', NULL, request);
        UPDATE public.service_keys k SET last_used_at = clock_timestamp() WHERE k.id = held.id;
    END IF;
    RETURN QUERY SELECT held.id, held.identity_subject, held.identity_organization, held.scopes,
        held.networks;
END
$$
"""
KEYS = Access(
    view=("manage_keys",),
    add=("manage_keys",),
    author="created_by",
    new="revoked_at IS NULL AND last_used_at IS NULL",
    change={"manage_keys": ("revoked_at", "revoked_by")},
    person=None,
    along=(),
)


def roles_before() -> Access:
    access: Access = version("0022").tables()["user_roles"]
    return access


# As Alembic generated it from the models; one line a column.
# fmt: off
def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table('service_keys',
        sa.Column('id', sa.Uuid(), nullable=False),
        sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
        sa.Column('organization_id', sa.Uuid(), nullable=False),
        sa.Column('created_by', sa.Uuid(), nullable=False),
        sa.Column('name', sa.Text(), nullable=False),
        sa.Column('key_hash', sa.LargeBinary(), nullable=False),
        sa.Column('scopes', JSONB(), nullable=False),
        sa.Column('networks', JSONB(), nullable=False),
        sa.Column('expires_at', sa.DateTime(timezone=True), nullable=True),
        sa.Column('last_used_at', sa.DateTime(timezone=True), nullable=True),
        sa.Column('revoked_at', sa.DateTime(timezone=True), nullable=True),
        sa.Column('revoked_by', sa.Uuid(), nullable=True),
        sa.CheckConstraint('octet_length(key_hash) = 32', name=op.f('ck_service_keys_key_hash_length')),
        sa.ForeignKeyConstraint(['organization_id', 'created_by'], ['users.organization_id', 'users.id'], name=op.f('fk_service_keys_organization_id_created_by'), ondelete='RESTRICT'),
        sa.ForeignKeyConstraint(['organization_id', 'revoked_by'], ['users.organization_id', 'users.id'], name=op.f('fk_service_keys_organization_id_revoked_by'), ondelete='RESTRICT'),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_service_keys')),
        sa.UniqueConstraint('key_hash', name=op.f('uq_service_keys_key_hash'))
    )
    op.create_index('ix_service_keys_organization', 'service_keys', ['organization_id', 'id'])
# fmt: on
    roles = roles_before()
    for table, access in {
        "service_keys": KEYS,
        "user_roles": replace(roles, view=(*roles.view, "manage_keys")),
    }.items():
        for statement in secure_by_permission(table, access):
            op.execute(statement)
    for statement in audit("service_keys", subject="created_by"):
        op.execute(statement)
    for command in ("SELECT", "UPDATE"):
        op.execute(
            f"CREATE POLICY identified_{command.lower()} ON service_keys FOR {command}"
            f" TO {IDENTITY} USING (true)"
        )
    op.execute(f"GRANT SELECT, UPDATE (last_used_at) ON service_keys TO {IDENTITY}")
    op.execute(SERVICE_KEY)
    give("service_key(bytea, bytea)", IDENTITY, "medilens_app")
    op.execute(
        f"UPDATE roles SET permissions = permissions || '{PERMISSIONS}'::jsonb"
        " WHERE name = 'admin'"
    )


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("UPDATE roles SET permissions = permissions - 'manage_keys' WHERE name = 'admin'")
    op.execute("DROP FUNCTION medilens.service_key(bytea, bytea)")
    op.drop_table("service_keys")
    op.execute(forget_permissions("service_keys"))
    for statement in secure_by_permission("user_roles", roles_before()):
        op.execute(statement)
