"""An invitation from before addresses were encrypted admits whom it is for, as long as it is plain

Revision ID: 0069
Revises: 0068
"""

from alembic import op

from migrations.released import again, edited, give, version

revision = "0069"
down_revision = "0068"
branch_labels = None
depends_on = None

IDENTITY, APP = "medilens_identity", "medilens_app"
SIGNATURE = "keys_for(bytea, bytea)"

# Plain addresses have no token: the functions compare them, so that no request tells one.
WITH_INVITATIONS = (
    (
        "is_new boolean)",
        "is_new boolean, invitations jsonb)",
    ),
    (
        "p.id IS NULL\n",
        """p.id IS NULL, (
        SELECT coalesce(jsonb_object_agg(i.id, i.email), '{}') FROM public.invitations i
        WHERE i.organization_id = o.id AND i.email IS NOT NULL AND i.email_token IS NULL
        AND i.accepted_at IS NULL AND i.deleted_at IS NULL AND i.expires_at > clock_timestamp()
    )
""",
    ),
)
ADMITTED = (
    (
        "i.email_token = decode(told #>> '{newcomer,email_token}', 'hex'))",
        """i.email_token = decode(told #>> '{newcomer,email_token}', 'hex')
        OR i.email_token IS NULL AND told #> '{newcomer,invitations}' ? i.id::text)""",
    ),
)


def admit() -> str:
    newcomers = version("0053")
    return edited(newcomers.admit(), *newcomers.ADMITTED)


def replace_keys_for(function: str) -> None:
    op.execute(f"DROP FUNCTION medilens.{SIGNATURE}")
    op.execute(function)
    give(SIGNATURE, IDENTITY, APP)


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    replace_keys_for(edited(version("0053").KEYS_FOR, *WITH_INVITATIONS))
    op.execute(again(edited(admit(), *ADMITTED)))


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute(again(admit()))
    replace_keys_for(version("0053").KEYS_FOR)
