"""An erasure takes the results of every pipeline along, of those too that come later

Revision ID: 0083
Revises: 0082
"""

from alembic import op

from migrations.released import again, edited, version

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
        AND c.relname LIKE '%\\_results' ORDER BY c.relname
    LOOP
        EXECUTE format('DELETE FROM public.%I p USING public.assessments a'
            ' WHERE a.organization_id = $1 AND a.id = ANY ($2) AND p.organization_id = $1'
            ' AND p.user_id = a.user_id AND p.assessment_id = a.id', results) USING home, ids;
    END LOOP;
"""
EDITS = ((WRITTEN_OUT, OF_ANY), ("AS $$\nBEGIN\n", "AS $$\nDECLARE\n    results text;\nBEGIN\n"))


def clear_before() -> str:
    threads = version("0076")
    clear: str = edited(threads.clear_before(), *threads.WITH_MESSAGES)
    return clear


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute(again(edited(clear_before(), *EDITS)))


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute(again(clear_before()))
