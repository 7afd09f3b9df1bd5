"""Months are added one table at a time, in the order in which requests lock

Revision ID: 0011
Revises: 0010
"""

from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

FIRST_MONTH = "2026-01-01"

# What each month of a table is, as 0005 made the first ones.
ADD_MONTH = """
        partition := format('%s_%s', parent, to_char(month, 'YYYY_MM'));
        CONTINUE WHEN to_regclass('public.' || partition) IS NOT NULL;
        {lock}
        EXECUTE format(
            'CREATE TABLE public.%I PARTITION OF public.%I FOR VALUES FROM (%L) TO (%L)',
            partition, parent, month::timestamp AT TIME ZONE 'UTC',
            (month + interval '1 month')::timestamp AT TIME ZONE 'UTC');
        EXECUTE format('ALTER TABLE public.%I ENABLE ROW LEVEL SECURITY', partition);
        EXECUTE format('ALTER TABLE public.%I FORCE ROW LEVEL SECURITY', partition);
        EXECUTE format('ALTER TABLE public.%I SET ('
            'autovacuum_vacuum_insert_scale_factor = 0.02)', partition);
        IF parent = 'audit_events' THEN
            -- The parent's own trigger does not see what is done to a partition by its name.
            EXECUTE format('CREATE TRIGGER keep BEFORE UPDATE OR DELETE OR TRUNCATE'
                ' ON public.%I FOR EACH STATEMENT EXECUTE FUNCTION medilens.keep()', partition);
        END IF;
        RETURN NEXT partition;
"""
MONTHS = f"""FOR month IN SELECT generate_series(
        date '{FIRST_MONTH}', date_trunc('month', now()) + make_interval(months => months_ahead),
        interval '1 month')
    LOOP"""

# A request that stores locks assessments, then the audit trail, then the values; one that reads a
# history locks the values, then the audit trail. Whoever holds two of these tables against that
# order waits for a request that waits for them, so each table has a transaction of its own, and the
# values' foreign key gets its lock on assessments first.
ADD_PARTITIONS = f"""
CREATE FUNCTION medilens.add_partitions(parent text, months_ahead integer) RETURNS SETOF text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    month date;
    partition text;
BEGIN
    IF parent NOT IN ('biomarker_values', 'audit_events') THEN
        RAISE EXCEPTION '% is not stored by months', parent;
    END IF;
    PERFORM pg_advisory_xact_lock(hashtext('medilens.add_partitions'));
    {MONTHS}
        {
    ADD_MONTH.format(
        lock='''IF parent = 'biomarker_values' THEN
            LOCK TABLE public.assessments IN SHARE ROW EXCLUSIVE MODE;
        END IF;'''
    )
}
    END LOOP;
END
$$
"""

# As it was (0005).
ADD_PARTITIONS_BEFORE = f"""
CREATE FUNCTION medilens.add_partitions(months_ahead integer) RETURNS SETOF text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    parent text;
    month date;
    partition text;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('medilens.add_partitions'));
    FOREACH parent IN ARRAY ARRAY['biomarker_values', 'audit_events'] LOOP
    {MONTHS}
        {ADD_MONTH.format(lock="")}
    END LOOP;
    END LOOP;
END
$$
"""


def give(function: str) -> None:
    op.execute(f"REVOKE ALL ON FUNCTION {function} FROM PUBLIC")
    op.execute(f"GRANT EXECUTE ON FUNCTION {function} TO medilens_app")


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("DROP FUNCTION medilens.add_partitions(integer)")
    op.execute(ADD_PARTITIONS)
    give("medilens.add_partitions(text, integer)")


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("DROP FUNCTION medilens.add_partitions(text, integer)")
    op.execute(ADD_PARTITIONS_BEFORE)
    give("medilens.add_partitions(integer)")
