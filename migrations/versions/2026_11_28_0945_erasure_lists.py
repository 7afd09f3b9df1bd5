"""Lists of erased people: which there are, who is on none yet, and who is erased again

Revision ID: 0063
Revises: 0062
"""

import sqlalchemy as sa
from alembic import op

from migrations.released import give
from migrations.schedule import forget_step, step

revision = "0063"
down_revision = "0062"
branch_labels = None
depends_on = None

KEEPER, UPKEEP = "medilens_keeper", "medilens_upkeep"
TABLE = """
CREATE TABLE medilens.erasure_lists (
    number bigint PRIMARY KEY CHECK (number >= 1),
    noted_at timestamptz NOT NULL DEFAULT now()
)
"""
LAST = """
CREATE FUNCTION medilens.last_erasure_list() RETURNS bigint
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
    SELECT coalesce(max(number), 0) FROM medilens.erasure_lists
$$
"""
UNLISTED = """
CREATE FUNCTION medilens.unlisted_erasures(most integer) RETURNS TABLE (person jsonb)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
    SELECT jsonb_build_array(k.organization_id, k.user_id) FROM public.person_keys k
    WHERE k.destroyed_at IS NOT NULL AND k.erasure_list IS NULL
    ORDER BY k.destroyed_at LIMIT most
$$
"""
# Whoever is erased already only gets the number; whoever this database does not know, nothing.
REPEAT = """
CREATE FUNCTION medilens.repeat_erasures(list bigint, people jsonb) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' SET row_security = on AS $$
DECLARE
    due record;
    again integer := 0;
BEGIN
    FOR due IN
        SELECT u.organization_id AS home, u.id FROM jsonb_array_elements(people) AS p
        JOIN public.users u ON u.organization_id = (p ->> 0)::uuid AND u.id = (p ->> 1)::uuid
        WHERE u.purged_at IS NULL FOR UPDATE OF u
    LOOP
        PERFORM medilens.shred(due.home, due.id);
        again := again + 1;
    END LOOP;
    UPDATE public.person_keys k SET erasure_list = list
    FROM jsonb_array_elements(people) AS p
    WHERE k.organization_id = (p ->> 0)::uuid AND k.user_id = (p ->> 1)::uuid
    AND k.erasure_list IS NULL;
    INSERT INTO medilens.erasure_lists (number) VALUES (list) ON CONFLICT DO NOTHING;
    RETURN again;
END
$$
"""
FUNCTIONS = {
    "last_erasure_list()": LAST,
    "unlisted_erasures(integer)": UNLISTED,
    "repeat_erasures(bigint, jsonb)": REPEAT,
}
STEPS = {
    "last_erasure_list": "SELECT to_jsonb(medilens.last_erasure_list())",
    "unlisted_erasures": "SELECT person FROM medilens.unlisted_erasures(($1 ->> 'most')::integer)",
    "repeat_erasures": (
        "SELECT to_jsonb(medilens.repeat_erasures(($1 ->> 'number')::bigint, $1 -> 'people'))"
    ),
}


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.add_column("person_keys", sa.Column("erasure_list", sa.BigInteger()))
    op.create_index(
        "ix_person_keys_unlisted", "person_keys", ["destroyed_at"],
        postgresql_where=sa.text("destroyed_at IS NOT NULL AND erasure_list IS NULL"),
    )  # fmt: skip
    op.execute(TABLE)
    op.execute(f"GRANT SELECT, INSERT ON medilens.erasure_lists TO {KEEPER}")
    op.execute("GRANT SELECT ON medilens.erasure_lists TO medilens_reader")
    op.execute(f"GRANT UPDATE (erasure_list) ON person_keys TO {KEEPER}")
    # Whoever is given a function has to be able to make one, at that moment.
    op.execute(f"GRANT CREATE ON SCHEMA medilens TO {KEEPER}")
    for name, function in FUNCTIONS.items():
        op.execute(function)
        give(name, KEEPER, UPKEEP)
    op.execute(f"REVOKE CREATE ON SCHEMA medilens FROM {KEEPER}")
    for name, call in STEPS.items():
        op.execute(step(name, call))


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for name in STEPS:
        op.execute(forget_step(name))
    for name in FUNCTIONS:
        op.execute(f"DROP FUNCTION medilens.{name}")
    op.execute(f"REVOKE UPDATE (erasure_list) ON person_keys FROM {KEEPER}")
    op.execute("DROP TABLE medilens.erasure_lists")
    op.drop_index("ix_person_keys_unlisted", table_name="person_keys")
    op.drop_column("person_keys", "erasure_list")
