"""The `medilens db` commands: the schema, by the migration function's own code."""

import sys
from enum import StrEnum
from typing import Annotated

import typer

from local.stack import databases, migrate_to
from migrations.job import MigrationRequest

app = typer.Typer(no_args_is_help=True, help="The schema, by the migration function's own code.")


class Change(StrEnum):
    UPGRADE = "upgrade"
    DOWNGRADE = "downgrade"
    CURRENT = "current"
    CHECK = "check"


def _change(change: Change, revision: str | None = None) -> None:
    with databases() as here:
        report = migrate_to(here, MigrationRequest(command=change.value, revision=revision))
    sys.stdout.write(report.model_dump_json() + "\n")
    raise typer.Exit(1 if report.drift else 0)


@app.command()
def upgrade(revision: Annotated[str, typer.Argument()] = "head") -> None:
    """Bring the schema to a revision."""
    _change(Change.UPGRADE, revision)


@app.command()
def downgrade(
    revision: Annotated[str, typer.Argument(help="An identifier, -1 after --, or base")],
) -> None:
    """Take the schema back to a revision."""
    _change(Change.DOWNGRADE, revision)


@app.command()
def current() -> None:
    """Say which revision the schema has."""
    _change(Change.CURRENT)


@app.command()
def check() -> None:
    """Say how the schema differs from the models; exit 1 if it does."""
    _change(Change.CHECK)
