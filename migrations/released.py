"""What released versions made, to be put in place again or changed at one place."""

from types import ModuleType

from alembic import context, op


def version(number: str) -> ModuleType:
    """Return a version that was released."""
    script = context.script.get_revision(number)
    assert script is not None
    return script.module


def again(statement: str) -> str:
    return statement.replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION", 1)


def edited(statement: str, *edits: tuple[str, str]) -> str:
    """Return a statement with what is different now."""
    for former, latter in edits:
        assert former in statement, former
        statement = statement.replace(former, latter)
    return statement


def give(function: str, owner: str | None, *callers: str) -> None:
    """Hand a function to the role in whose rights it runs, and let nobody but `callers` call it."""
    op.execute(f"REVOKE ALL ON FUNCTION medilens.{function} FROM PUBLIC")
    for caller in callers:
        op.execute(f"GRANT EXECUTE ON FUNCTION medilens.{function} TO {caller}")
    if owner:
        op.execute(f"ALTER FUNCTION medilens.{function} OWNER TO {owner}")
