"""Secrets of webhooks are encrypted, and what a paused webhook is told of waits for it

Revision ID: 0064
Revises: 0063
"""

from alembic import op

from migrations.released import again, edited, give, version
from migrations.tenancy import keep

revision = "0064"
down_revision = "0063"
branch_labels = None
depends_on = None

UPKEEP, KEEPER = "medilens_upkeep", "medilens_keeper"

# The sender opens the secrets with the organization's keys, which come wrapped.
TOLD = "secrets text[]"
SEALED = f"{TOLD}, secret_ids uuid[], organization_id uuid, keys jsonb"
ADDRESSED = f"""
CREATE FUNCTION medilens.addressed(messages uuid[])
RETURNS TABLE (id uuid, url text, body text, attempts integer, {SEALED})
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
    SELECT m.id, w.url, m.body, m.attempts, good.secrets, good.ids, m.organization_id, (
        SELECT jsonb_agg(jsonb_build_object('number', k.number, 'master', k.master,
            'wrapped', encode(k.wrapped, 'base64')) ORDER BY k.number)
        FROM public.organization_keys k WHERE k.organization_id = m.organization_id
    )
    FROM public.outbox_messages m
    JOIN public.webhooks w ON w.organization_id = m.organization_id AND w.id = m.webhook_id
    CROSS JOIN LATERAL (
        SELECT array_agg(s.secret ORDER BY s.place) AS secrets,
            array_agg(s.id ORDER BY s.place) AS ids
        FROM (
            SELECT n.id, n.secret,
                lead(n.overlap_until, -1) OVER (ORDER BY n.created_at DESC) AS until,
                row_number() OVER (ORDER BY n.created_at DESC) AS place
            FROM public.outgoing_secrets n
            WHERE n.organization_id = w.organization_id AND n.webhook_id = w.id
        ) s
        WHERE s.place = 1 OR s.place = 2 AND s.until > clock_timestamp()
    ) AS good
    WHERE m.id = ANY (messages)
$$
"""
# A request sends nothing to a webhook that is paused.
JUST_WRITTEN = (
    (TOLD, SEALED),
    (
        "SELECT m.id FROM public.outbox_messages m\n        WHERE m.id = ANY (messages)",
        """SELECT m.id FROM public.outbox_messages m
        JOIN public.webhooks w ON w.organization_id = m.organization_id AND w.id = m.webhook_id
        WHERE w.is_active AND m.id = ANY (messages)""",
    ),
)
LEASE = ((TOLD, SEALED),)
# What waits is given up when its time is over, as if it had been tried.
FORGET = (
    (
        "BEGIN\n    DELETE",
        """BEGIN
    UPDATE public.outbox_messages m SET dead_at = clock_timestamp()
    FROM public.webhooks w WHERE w.organization_id = m.organization_id AND w.id = m.webhook_id
    AND NOT w.is_active AND m.delivered_at IS NULL AND m.dead_at IS NULL
    AND m.give_up_at < clock_timestamp();
    DELETE""",
    ),
)
ANNOUNCE = ((" AND w.deleted_at IS NULL AND w.is_active\n", " AND w.deleted_at IS NULL\n"),)

# A secret is added and never changed, but that a plain one is sealed.
SEAL_ALONE = """
CREATE FUNCTION medilens.seal_alone() RETURNS trigger
LANGUAGE plpgsql SET search_path = '' AS $$
BEGIN
    IF to_jsonb(NEW) - 'secret' IS DISTINCT FROM to_jsonb(OLD) - 'secret'
    OR OLD.secret LIKE 'mle:%' OR NEW.secret NOT LIKE 'mle:%' THEN
        RAISE EXCEPTION '% is never changed that way: % refused', TG_TABLE_NAME, TG_OP;
    END IF;
    RETURN NEW;
END
$$
"""
SENDING = ("addressed(uuid[])", "just_written(uuid[])", "lease_messages(integer)")


def send(*functions: str) -> None:
    """Make the functions anew: what a message is addressed with has another shape."""
    for name in reversed(SENDING):
        op.execute(f"DROP FUNCTION medilens.{name}")
    for name, function in zip(SENDING, functions, strict=True):
        op.execute(function)
        give(name, UPKEEP)


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    released = version("0041")
    send(ADDRESSED, edited(released.JUST_WRITTEN, *JUST_WRITTEN), edited(released.LEASE, *LEASE))
    op.execute(edited(again(version("0041").FORGET), *FORGET))
    op.execute(edited(again(version("0040").ANNOUNCE), *ANNOUNCE))
    op.execute(f"GRANT SELECT ON organization_keys TO {UPKEEP}")
    op.execute(
        f"CREATE POLICY upkeep_select ON organization_keys FOR SELECT TO {UPKEEP}"
        f" USING (current_user = '{UPKEEP}')"
    )
    encryption = version("0052")
    for command, condition in (
        ("SELECT", f"USING ({encryption.AS_KEEPER})"),
        ("UPDATE", f"USING ({encryption.AS_KEEPER}) WITH CHECK ({encryption.AS_KEEPER})"),
    ):
        encryption.keep("outgoing_secrets", command, condition)
    op.execute(f"GRANT SELECT, UPDATE (secret) ON outgoing_secrets TO {KEEPER}")
    op.execute("DROP TRIGGER keep ON outgoing_secrets")
    op.execute(SEAL_ALONE)
    give("seal_alone()", None)
    op.execute(
        "CREATE TRIGGER keep BEFORE UPDATE ON outgoing_secrets"
        " FOR EACH ROW EXECUTE FUNCTION medilens.seal_alone()"
    )


def downgrade() -> None:
    """What is encrypted stays so: the release before signs with what it does not read."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("DROP TRIGGER keep ON outgoing_secrets")
    op.execute(keep("outgoing_secrets", "UPDATE"))
    op.execute("DROP FUNCTION medilens.seal_alone()")
    op.execute(f"REVOKE SELECT, UPDATE (secret) ON outgoing_secrets FROM {KEEPER}")
    for command in ("select", "update"):
        op.execute(f"DROP POLICY kept_{command} ON outgoing_secrets")
    op.execute("DROP POLICY upkeep_select ON organization_keys")
    op.execute(f"REVOKE SELECT ON organization_keys FROM {UPKEEP}")
    op.execute(again(version("0040").ANNOUNCE))
    op.execute(again(version("0041").FORGET))
    released = version("0041")
    send(released.ADDRESSED, released.JUST_WRITTEN, released.LEASE)
