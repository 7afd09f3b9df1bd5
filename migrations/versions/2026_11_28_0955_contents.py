"""What a row holds is hashed over listed fields, and an assessment that was altered says so

Revision ID: 0065
Revises: 0064
"""

import sqlalchemy as sa
from alembic import op

from migrations.released import again, edited, give, version
from migrations.schedule import forget_step, step

revision = "0065"
down_revision = "0064"
branch_labels = None
depends_on = None

AUDIT, UPKEEP, APP = "medilens_audit", "medilens_upkeep", "medilens_app"

# Which fields a hash covers, in their order. A column that is added later belongs to another form,
# so that no migration changes what was hashed; the trail's row names its form.
FORMS = """
CREATE TABLE medilens.content_forms (
    table_name text NOT NULL,
    form smallint NOT NULL CHECK (form >= 1),
    fields text[] NOT NULL,
    PRIMARY KEY (table_name, form)
)
"""
# Whose a part is follows its assessment, and a note is sealed anew with another person's key.
LEFT_OUT = ("user_id", "organization_id", "note")
COVERED = {
    "assessments": (
        *("id", "organization_id", "user_id", "created_by", "pipeline", "pipeline_version"),
        *("status", "risk_score", "risk_level", "risk_points", "confidence", "quality_score"),
        *("requires_review", "review_reason", "reviewed_at", "reviewed_by", "absent", "warnings"),
        *("citations", "provenance", "recorded_at", "completed_at", "deleted_at"),
        "predecessor_id",
    )
}
PARTS = (
    *("pipeline_stages", "biomarker_values", "assessment_pictures", "sign_offs"),
    *("cardiology_results", "speech_results", "retinal_results", "radiology_results"),
    *("dermatology_results", "cognitive_results"),
)
# The rows that a statement added have one hash, whichever their order.
CONTENT_HASH = """
CREATE FUNCTION medilens.content_hash(of_table text, of_form smallint, added jsonb) RETURNS bytea
LANGUAGE sql STABLE SET search_path = '' AS $$
    SELECT sha256(convert_to(string_agg(line, E'\\n' ORDER BY line COLLATE "C"), 'UTF8')) FROM (
        SELECT f.form || ';' || (
            SELECT jsonb_agg(r -> field ORDER BY place)
            FROM unnest(f.fields) WITH ORDINALITY AS named (field, place)
        )::text AS line
        FROM jsonb_array_elements(added) r, medilens.content_forms f
        WHERE f.table_name = of_table AND f.form = of_form
    ) AS told
$$
"""
# As it was where a table has no form.
HASH_ADDED = (
    (
        "sha256(convert_to(string_agg(r::text, E'\\n' ORDER BY r::text), 'UTF8')) AS hash",
        """coalesce(medilens.content_hash(TG_TABLE_NAME::text, form, jsonb_agg(r)),
                    sha256(convert_to(string_agg(r::text, E'\\n' ORDER BY r::text), 'UTF8'))
                ) AS hash""",
    ),
    (
        "jsonb_build_object('rows', g.n), g.hash",
        "jsonb_strip_nulls(jsonb_build_object('rows', g.n, 'form', form)), g.hash",
    ),
    (
        "sha256(convert_to(c.new::text, 'UTF8'))",
        """coalesce(
                medilens.content_hash(TG_TABLE_NAME::text, form, jsonb_build_array(c.new)),
                sha256(convert_to(c.new::text, 'UTF8')))""",
    ),
    (
        "jsonb_build_object('columns', (",
        "jsonb_strip_nulls(jsonb_build_object('form', form, 'columns', (",
    ),
    (
        "WHERE n.value IS DISTINCT FROM o.value\n            )),",
        "WHERE n.value IS DISTINCT FROM o.value\n            ))),",
    ),
    (
        "SET search_path = '' AS $$\nBEGIN\n",
        """SET search_path = '' SET timezone = 'UTC' AS $$
DECLARE
    form smallint := (SELECT max(f.form) FROM medilens.content_forms f
        WHERE f.table_name = TG_TABLE_NAME);
BEGIN
""",
    ),
)

# What of an assessment is not as the trail has it: its own row as it was changed last, its parts as
# they were added. Rows from before the forms are not compared; what was found is counted for
# health and alarms, until a later look finds it mended.
ALTERATIONS = """
CREATE TABLE medilens.alterations (
    organization_id uuid NOT NULL,
    assessment_id uuid NOT NULL,
    tables text[] NOT NULL,
    found_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (organization_id, assessment_id)
)
"""
ALTERED = """
CREATE FUNCTION medilens.altered(assessment uuid) RETURNS text[]
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' SET timezone = 'UTC' AS $$
DECLARE
    ours uuid := (medilens.sealed_identity())[1]::uuid;
    whole public.assessments;
    told record;
    stored bytea[];
    found_altered text[] := '{}';
BEGIN
    SELECT * INTO whole FROM public.assessments a
    WHERE a.organization_id = ours AND a.id = assessment AND a.purged_at IS NULL;
    IF NOT FOUND THEN
        RETURN found_altered;
    END IF;
    FOR told IN
        WITH trail AS MATERIALIZED (
            SELECT v.id, v.action, v.resource_type, v.content_hash,
                (v.details ->> 'form')::smallint AS form
            FROM public.audit_events v
            WHERE v.resource_id = assessment AND v.content_hash IS NOT NULL
            AND v.organization_id = ours AND v.created_at >= whole.created_at
        )
        SELECT p.table_name, max(e.form) AS form,
            bool_or(e.id IS NOT NULL AND e.form IS NULL) AS is_older,
            coalesce(CASE WHEN p.table_name = 'assessments'
                THEN (array_agg(e.content_hash ORDER BY e.id DESC)
                    FILTER (WHERE e.id IS NOT NULL))[1:1]
                ELSE array_agg(e.content_hash ORDER BY e.content_hash)
                    FILTER (WHERE e.action = 'create') END, '{}') AS hashes
        FROM unnest(ARRAY['assessments', 'pipeline_stages', 'biomarker_values', 'sign_offs',
            whole.pipeline || '_results']) AS p (table_name)
        LEFT JOIN trail e ON e.resource_type = p.table_name
        GROUP BY p.table_name
    LOOP
        CONTINUE WHEN told.is_older;
        EXECUTE format(
            'SELECT coalesce(array_agg(h ORDER BY h), ''{}'') FROM ('
            'SELECT medilens.content_hash(%L, $1::smallint, jsonb_agg(to_jsonb(r))) AS h FROM public.%I r'
            ' WHERE r.organization_id = $2 AND %s GROUP BY to_jsonb(r) -> ''created_at'') AS g',
            told.table_name, told.table_name, CASE told.table_name
                WHEN 'assessments' THEN 'r.id = $3'
                WHEN 'biomarker_values' THEN
                    'r.assessment_id = $3 AND r.user_id = $4 AND r.measured_at = $5'
                ELSE 'r.assessment_id = $3' END
        ) INTO stored USING coalesce(told.form, 1), ours, assessment, whole.user_id,
            whole.recorded_at;
        IF stored IS DISTINCT FROM told.hashes THEN
            found_altered := found_altered || told.table_name;
        END IF;
    END LOOP;
    IF found_altered <> '{}' THEN
        INSERT INTO medilens.alterations VALUES (ours, assessment, found_altered)
        ON CONFLICT (organization_id, assessment_id) DO UPDATE SET tables = found_altered;
    ELSE
        DELETE FROM medilens.alterations l
        WHERE l.organization_id = ours AND l.assessment_id = assessment;
    END IF;
    RETURN found_altered;
END
$$
"""
ALTERED_RECORDS = """
CREATE FUNCTION medilens.altered_records() RETURNS bigint
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
    SELECT count(*) FROM medilens.alterations
$$
"""
STEP = "SELECT to_jsonb(medilens.altered_records())"
EXISTING = """
INSERT INTO medilens.content_forms
SELECT c.relname, 1, array_agg(a.attname::text ORDER BY a.attname)
FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
WHERE c.relnamespace = 'public'::regnamespace AND c.relname = ANY ('{{{tables}}}')
AND a.attnum > 0 AND NOT a.attisdropped AND a.attname <> ALL ('{{{left_out}}}')
GROUP BY c.relname
"""


def audit_change() -> str:
    moves = version("0035")
    return again(edited(moves.audit_change(), *moves.BOTH_PEOPLE))


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute(FORMS)
    op.execute(EXISTING.format(tables=",".join(PARTS), left_out=",".join(LEFT_OUT)))
    for table, fields in COVERED.items():
        listed = ", ".join(f"'{name}'" for name in fields)
        op.execute(f"INSERT INTO medilens.content_forms VALUES ('{table}', 1, ARRAY[{listed}])")
    op.execute(f"GRANT SELECT ON medilens.content_forms TO {AUDIT}")
    op.execute(CONTENT_HASH)
    give("content_hash(text, smallint, jsonb)", None, AUDIT)
    op.execute(edited(audit_change(), *HASH_ADDED))
    op.create_index(
        "ix_audit_events_content",
        "audit_events",
        ["resource_id", "created_at"],
        postgresql_where=sa.text("content_hash IS NOT NULL"),
    )
    op.execute(ALTERATIONS)
    op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON medilens.alterations TO {AUDIT}")
    op.execute(f"GRANT SELECT ON medilens.alterations TO {UPKEEP}")
    for table in (*COVERED, *PARTS):
        op.execute(f"GRANT SELECT ON {table} TO {AUDIT}")
        op.execute(
            f"CREATE POLICY compared ON {table} FOR SELECT TO {AUDIT}"
            f" USING (current_user = '{AUDIT}')"
        )
    op.execute(ALTERED)
    give("altered(uuid)", AUDIT, APP)
    op.execute(ALTERED_RECORDS)
    give("altered_records()", UPKEEP)
    op.execute(step("altered_records", STEP))
    for name in ("content_forms", "alterations"):
        op.execute(f"GRANT SELECT ON medilens.{name} TO medilens_reader")


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute(forget_step("altered_records"))
    op.execute("DROP FUNCTION medilens.altered_records()")
    op.execute("DROP FUNCTION medilens.altered(uuid)")
    for table in (*COVERED, *PARTS):
        op.execute(f"DROP POLICY compared ON {table}")
        op.execute(f"REVOKE SELECT ON {table} FROM {AUDIT}")
    op.execute("DROP TABLE medilens.alterations")
    op.drop_index("ix_audit_events_content", "audit_events")
    op.execute(audit_change())
    op.execute("DROP FUNCTION medilens.content_hash(text, smallint, jsonb)")
    op.execute("DROP TABLE medilens.content_forms")
