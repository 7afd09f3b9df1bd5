"""People are looked up by a token of their surname and birth date

Revision ID: 0074
Revises: 0073
"""

from dataclasses import replace

import sqlalchemy as sa
from alembic import op

from migrations.released import version
from migrations.tenancy import Access, secure_by_permission

revision = "0074"
down_revision = "0073"
branch_labels = None
depends_on = None

KEEPER = "medilens_keeper"
# Whoever changes what it was made of and brings no other, as the release before does and as an
# erasure does, leaves none behind: what is out of date would not be found, or found wrongly.
DROP_STALE = """
CREATE FUNCTION medilens.drop_surname_token() RETURNS trigger
LANGUAGE plpgsql SET search_path = '' AS $$
BEGIN
    NEW.surname_token := NULL;
    RETURN NEW;
END
$$
"""
STALE = """
CREATE TRIGGER drop_surname_token BEFORE UPDATE ON users FOR EACH ROW WHEN (
    NEW.surname_token = OLD.surname_token
    AND (NEW.last_name, NEW.date_of_birth) IS DISTINCT FROM (OLD.last_name, OLD.date_of_birth)
) EXECUTE FUNCTION medilens.drop_surname_token()
"""


def users() -> Access:
    before: Access = version("0036").users()
    # The trigger changes it with the name, so whoever may change that may change both.
    change = {
        permission: (*columns, "surname_token")
        for permission, columns in before.change.items()
        if "last_name" in columns
    }
    return replace(before, change={**before.change, **change})


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.add_column("users", sa.Column("surname_token", sa.LargeBinary(), nullable=True))
    op.create_index("ix_users_surname_token", "users", ["organization_id", "surname_token"])
    for statement in secure_by_permission("users", users()):
        op.execute(statement)
    op.execute(f"GRANT UPDATE (surname_token) ON users TO {KEEPER}")
    op.execute(DROP_STALE)
    op.execute(STALE)


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("DROP TRIGGER drop_surname_token ON users")
    op.execute("DROP FUNCTION medilens.drop_surname_token()")
    for statement in secure_by_permission("users", version("0036").users()):
        op.execute(statement)
    op.drop_column("users", "surname_token")
