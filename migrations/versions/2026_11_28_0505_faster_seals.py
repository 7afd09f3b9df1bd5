"""Rows are hashed within the statement that seals or verifies them, instead of a call for each

Revision ID: 0050
Revises: 0049
"""

from alembic import op

from migrations.released import again, edited, version

revision = "0050"
down_revision = "0049"
branch_labels = None
depends_on = None

# A function of SQL becomes part of the statement only where it fixes no setting and promises no
# more than what it calls does. Its callers fix where they look, and it names every schema.
NETSTRING = (("IMMUTABLE", "STABLE"),)
LEAF = ((" SET search_path = ''", ""),)
# Called once a row, whatever it is written in: PL/pgSQL keeps its plan.
LINK = """
CREATE OR REPLACE FUNCTION medilens.link(before bytea, start bytea, leaf bytea) RETURNS bytea
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
BEGIN
    RETURN sha256(coalesce(before, start) || leaf);
END
$$
"""
# By its key alone a row is found in its month; an index that begins with the organization was
# walked for each. Whose row it is, is asked afterwards.
VERIFY = (
    (
        """e ON e.organization_id = p.organization_id
            AND e.created_at""",
        "e ON e.created_at",
    ),
    ("CASE WHEN e.id IS NOT NULL THEN", "CASE WHEN e.organization_id = p.organization_id THEN"),
)
EXPORT = (
    (
        """e ON e.organization_id = s.organization_id
        AND e.created_at""",
        "e ON e.created_at",
    ),
    ("CASE WHEN e.id IS NOT NULL THEN", "CASE WHEN e.organization_id = s.organization_id THEN"),
)


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    sealing = version("0042")
    op.execute(edited(again(sealing.NETSTRING), *NETSTRING))
    op.execute(edited(again(sealing.canonical()), *LEAF))
    op.execute(LINK)
    op.execute(edited(again(version("0043").VERIFY), *VERIFY))
    op.execute(edited(again(version("0043").export()), *EXPORT))


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    sealing = version("0042")
    op.execute(again(sealing.NETSTRING))
    op.execute(again(sealing.canonical()))
    op.execute(again(sealing.CHAIN.split(";\n")[0].strip()))
    op.execute(again(version("0043").VERIFY))
    op.execute(again(version("0043").export()))
