"""A purge takes the results of any pipeline along, and again the hash of the recording

Revision ID: 0083
Revises: 0082
"""

from alembic import op

from migrations.released import again, edited, version
from migrations.tenancy import unforced

revision = "0083"
down_revision = "0082"
branch_labels = None
depends_on = None

PIPELINES = ("cardiology", "speech", "retinal", "radiology", "dermatology", "cognitive")
OF_ONE = (
    "    DELETE FROM public.{table} p USING public.assessments a WHERE a.organization_id = home"
    " AND a.id = ANY (ids) AND p.organization_id = home AND p.user_id = a.user_id"
    " AND p.assessment_id = a.id;\n"
)
WRITTEN_OUT = "".join(OF_ONE.format(table=f"{pipeline}_results") for pipeline in PIPELINES)
# In the order of their names, so that two erasures never wait for each other.
OF_ANY = """\
    FOR results IN SELECT c.relname FROM pg_catalog.pg_class c
        WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r'
        AND c.relname LIKE '%\\_results' AND EXISTS (SELECT FROM pg_catalog.pg_attribute t
            WHERE t.attrelid = c.oid AND t.attname = 'assessment_id' AND NOT t.attisdropped)
        ORDER BY c.relname
    LOOP
        EXECUTE format('DELETE FROM public.%I p USING public.assessments a'
            ' WHERE a.organization_id = $1 AND a.id = ANY ($2) AND p.organization_id = $1'
            ' AND p.user_id = a.user_id AND p.assessment_id = a.id', results) USING home, ids;
    END LOOP;
"""
EDITS = ((WRITTEN_OUT, OF_ANY), ("AS $$\nBEGIN\n", "AS $$\nDECLARE\n    results text;\nBEGIN\n"))
# 0075 wrote the function anew from 0055, and so without what 0068 had put into it.
FORGET_HASHES = """
UPDATE uploaded_files f SET sha256 = NULL FROM assessments a
WHERE a.organization_id = f.organization_id AND a.id = f.assessment_id
AND a.purged_at IS NOT NULL AND f.sha256 IS NOT NULL
"""


def expired_before() -> str:
    """0080 wrote it anew from 0010, and so without what 0024 had put in: only the schedule asks."""
    before: str = edited(version("0010").EXPIRED_UPLOADS, *version("0080").WITH_PARTS)
    return before


def clear_before() -> str:
    threads = version("0076")
    clear: str = edited(threads.clear_before(), *threads.WITH_MESSAGES)
    return clear


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute(again(edited(clear_before(), *EDITS, *version("0068").WITHOUT_HASH)))
    op.execute(again(edited(expired_before(), *version("0024").EXPIRED_UPLOADS)))
    with unforced("assessments", "uploaded_files"):
        op.execute(FORGET_HASHES)


def downgrade() -> None:
    """Hashes that are gone stay so."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute(again(expired_before()))
    op.execute(again(clear_before()))
