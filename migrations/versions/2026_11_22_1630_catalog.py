"""The first partitions, the roles and cardiology's biomarkers

Revision ID: 0005
Revises: 0004
"""

import json

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

FIRST_MONTH = "2026-01-01"
MONTHS_AHEAD = 12

# Adds whatever month is missing up to `months_ahead` and returns the names of what it added.
# It runs in its owner's rights, so that the scheduled function can call it without owning a table.
ADD_PARTITIONS = f"""
CREATE FUNCTION medilens.add_partitions(months_ahead integer) RETURNS SETOF text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    parent text;
    month date;
    partition text;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('medilens.add_partitions'));
    FOREACH parent IN ARRAY ARRAY['biomarker_values', 'audit_events'] LOOP
        FOR month IN SELECT generate_series(
            date '{FIRST_MONTH}', date_trunc('month', now()) + make_interval(months => months_ahead),
            interval '1 month')
        LOOP
            partition := format('%s_%s', parent, to_char(month, 'YYYY_MM'));
            CONTINUE WHEN to_regclass('public.' || partition) IS NOT NULL;
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
                    ' ON public.%I FOR EACH STATEMENT EXECUTE FUNCTION medilens.keep()',
                    partition);
            END IF;
            RETURN NEXT partition;
        END LOOP;
    END LOOP;
END
$$
"""

PATIENT = ["view_assessments", "create_assessment", "chat"]
CLINICIAN = [
    *PATIENT,
    "review_assessments",
    "delete_assessments",
    "export_data",
]
ADMIN = [
    *CLINICIAN,
    "restore_assessments",
    "manage_users",
    "manage_organization",
    "manage_roles",
    "view_audit",
]
ROLES = [
    (1, "patient", "own", PATIENT, "Sees and adds their own records."),
    (2, "clinician", "organization", CLINICIAN, "Examines the people of the organization."),
    (3, "admin", "organization", ADMIN, "Runs the organization."),
    (4, "researcher", "research", ["view_assessments", "export_data"], "Reads what was agreed to."),
]

BIOMARKERS = [
    (1, "heart_rate", "rhythm", "/min", "Mean heart rate"),
    (2, "rr_mean", "variability", "ms", "Mean interval between normal beats"),
    (3, "sdnn", "variability", "ms", "Standard deviation of NN intervals"),
    (4, "rmssd", "variability", "ms", "Root mean square of successive NN differences"),
    (5, "sdsd", "variability", "ms", "Standard deviation of successive NN differences"),
    (6, "pnn50", "variability", "%", "Share of successive NN differences above 50 ms"),
    (7, "rr_cv", "variability", "%", "Coefficient of variation of NN intervals"),
    (8, "lf_power", "variability", "ms2", "Power of NN intervals from 0.04 to 0.15 Hz"),
    (9, "hf_power", "variability", "ms2", "Power of NN intervals from 0.15 to 0.40 Hz"),
    (10, "lf_hf_ratio", "variability", "1", "Low-frequency over high-frequency power"),
    (11, "sd1", "variability", "ms", "Poincare plot: spread across the line of identity"),
    (12, "sd2", "variability", "ms", "Poincare plot: spread along the line of identity"),
    (13, "pr_interval", "interval", "ms", "Onset of P to onset of QRS"),
    (14, "qrs_duration", "interval", "ms", "Onset to end of QRS"),
    (15, "qt_interval", "interval", "ms", "Onset of QRS to end of T"),
    (16, "qtc_bazett", "interval", "ms", "QT over the square root of RR"),
    (17, "qtc_fridericia", "interval", "ms", "QT over the cube root of RR"),
    (18, "qtc_framingham", "interval", "ms", "QT plus 154 ms times (1 - RR)"),
    (
        19,
        "ectopic_burden",
        "rhythm",
        "%",
        "Share of ventricular and supraventricular ectopic beats",
    ),
    (20, "af_burden", "rhythm", "%", "Share of the time in possible atrial fibrillation"),
    (21, "pause_max", "rhythm", "s", "Longest interval between two beats"),
]


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute(
        "CREATE TABLE IF NOT EXISTS biomarker_values_before_2026 PARTITION OF biomarker_values"
        f" FOR VALUES FROM (MINVALUE) TO ('{FIRST_MONTH} 00:00:00+00')"
    )
    op.execute("ALTER TABLE biomarker_values_before_2026 ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE biomarker_values_before_2026 FORCE ROW LEVEL SECURITY")
    op.execute(ADD_PARTITIONS)
    op.execute("REVOKE ALL ON FUNCTION medilens.add_partitions(integer) FROM PUBLIC")
    op.execute("GRANT EXECUTE ON FUNCTION medilens.add_partitions(integer) TO medilens_app")
    op.execute(f"SELECT medilens.add_partitions({MONTHS_AHEAD})")
    for number, name, scope, permissions, description in ROLES:
        op.execute(
            sa.text(
                "INSERT INTO roles (id, name, scope, permissions, description)"
                " VALUES (:id, :name, :scope, CAST(:permissions AS jsonb), :description)"
                " ON CONFLICT DO NOTHING"
            ).bindparams(
                id=number,
                name=name,
                scope=scope,
                permissions=json.dumps(permissions),
                description=description,
            )
        )
    for number, name, category, unit, description in BIOMARKERS:
        op.execute(
            sa.text(
                "INSERT INTO biomarkers (id, name, pipeline, category, unit, description)"
                " VALUES (:id, :name, 'cardiology', :category, :unit, :description)"
                " ON CONFLICT DO NOTHING"
            ).bindparams(
                id=number, name=name, category=category, unit=unit, description=description
            )
        )


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("DROP FUNCTION medilens.add_partitions(integer)")
    # What the roles are used by goes with version 0001; what was measured stays until then.
