"""How many requests a person may send: looked at in the opening message, paid in the last one

Revision ID: 0025
Revises: 0024
"""

from alembic import op

from migrations.released import again, edited, give, version

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

IDENTITY, AUDIT, APP = "medilens_identity", "medilens_audit", "medilens_app"

# A server that was killed forgets who had asked how often, which nobody is harmed by. Half of each
# page stays free, so that a new count is written beside the old one and no index is touched.
BUCKETS = """
CREATE UNLOGGED TABLE medilens.rate_buckets (
    key text PRIMARY KEY,
    tokens float8 NOT NULL,
    counted_at timestamptz NOT NULL
) WITH (fillfactor = 50)
"""

# What is left of a bucket that fills up by `per_s` to `burst`; a full one, where nobody has paid.
LOOK = """
CREATE FUNCTION medilens.look(bucket text, rate jsonb) RETURNS void
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    burst float8 := (rate ->> 'burst')::float8;
    per_s float8 := (rate ->> 'per_s')::float8;
    left_over float8 := coalesce((
        SELECT least(burst, b.tokens + per_s * extract(epoch FROM clock_timestamp() - b.counted_at))
        FROM medilens.rate_buckets b WHERE b.key = bucket
    ), burst);
BEGIN
    IF left_over < 1 THEN
        RAISE EXCEPTION 'too many requests' USING ERRCODE = 'ML429',
            DETAIL = ceil((1 - left_over) / per_s);
    END IF;
    RAISE NOTICE 'medilens.rate %', floor(left_over - 1);
END
$$
"""

# Requests in flight at once may overdraw it, by no more than another burst.
PAY = """
CREATE FUNCTION medilens.pay(bucket text, rate jsonb) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    burst float8 := (rate ->> 'burst')::float8;
    per_s float8 := (rate ->> 'per_s')::float8;
BEGIN
    INSERT INTO medilens.rate_buckets AS b (key, tokens, counted_at)
    VALUES (bucket, burst - 1, clock_timestamp())
    ON CONFLICT (key) DO UPDATE SET counted_at = clock_timestamp(), tokens = greatest(-burst,
        least(burst, b.tokens + per_s * extract(epoch FROM clock_timestamp() - b.counted_at)) - 1);
END
$$
"""

# In the name that the transaction was begun in, by the limit that its request was sealed with.
SPEND = """
CREATE FUNCTION medilens.spend() RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    told text[] := medilens.sealed_identity();
    request text := current_setting('medilens.request', true);
BEGIN
    IF told[6] = encode(sha256(convert_to(request, 'UTF8')), 'hex') THEN
        PERFORM medilens.pay('person|' || told[2], request::jsonb -> 'rate');
    END IF;
END
$$
"""

# Whoever has used up theirs is told so before a role is looked for.
MEMBER_KNOWN = """    SELECT r.name, r.scope INTO held"""
LOOK_FIRST = """    IF told ? 'rate' THEN
        PERFORM medilens.look('person|' || person.user_id, told -> 'rate');
    END IF;
"""
# A refusal was rolled back with its transaction, so the row that tells of it pays: at once, for a
# person, or for everybody whom an organization does not know.
DENIED = """    PERFORM medilens.seal("""
PAY_DENIAL = """    IF told ? 'rate' THEN
        PERFORM medilens.look(bucket, told -> 'rate'), medilens.pay(bucket, told -> 'rate')
        FROM coalesce('person|' || person.user_id, 'strangers|' || person.organization_id) bucket;
    END IF;
"""


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute(BUCKETS)
    op.execute("ALTER TABLE medilens.rate_buckets ENABLE ROW LEVEL SECURITY")
    op.execute(f"ALTER TABLE medilens.rate_buckets OWNER TO {IDENTITY}")
    op.execute("GRANT SELECT ON medilens.rate_buckets TO medilens_reader")
    for function, name, caller in (
        (LOOK, "look(text, jsonb)", AUDIT),
        (PAY, "pay(text, jsonb)", AUDIT),
        (SPEND, "spend()", APP),
    ):
        op.execute(function)
        give(name, IDENTITY, caller)
    op.execute(edited(enter(), (MEMBER_KNOWN, LOOK_FIRST + MEMBER_KNOWN)))
    op.execute(edited(denial(), (DENIED, PAY_DENIAL + DENIED)))


def enter() -> str:
    return again(version("0023").ENTER)


def denial() -> str:
    return again(version("0024").denial())


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute(enter())
    op.execute(denial())
    for name in ("spend()", "pay(text, jsonb)", "look(text, jsonb)"):
        op.execute(f"DROP FUNCTION medilens.{name}")
    op.execute("DROP TABLE medilens.rate_buckets")
