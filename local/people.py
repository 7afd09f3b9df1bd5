"""The first people of an organization, until the identity provider announces people by itself.

The keys of an organization and of a person follow from the identity provider's names for them, as
in the SQL of docs/deploy.md: whichever of the two comes second finds what the first has made.
"""

import asyncio
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import md5
from typing import Annotated
from uuid import UUID

import typer
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import SQLModel

from local.owner import as_owner
from local.stack import found_or_started
from local.trouble import Trouble
from local.unusable_database import explained
from shared.database import models
from shared.identifiers import uuid7
from shared.permissions import RoleName

app = typer.Typer(no_args_is_help=True, help="Who may sign in, as the token names them.")


class OtherwiseKnown(Trouble):
    """The organization or the person has a key of somebody else's making."""


def key(*names: str) -> UUID:
    """Return the key that follows from names, the same as md5(…)::uuid in SQL.

    Names are joined by a blank: `key("a b")` is `key("a", "b")`.
    """
    return UUID(md5(" ".join(names).encode(), usedforsecurity=False).hexdigest())


async def add_person(
    direct_url: str, organization: str, subject: str, role: RoleName, clinic: str
) -> None:
    """Add a role to a person, who is made where missing, as is their organization.

    Raises
    ------
    OtherwiseKnown
    """
    try:
        async with as_owner(direct_url) as connection:
            await _add(connection, organization, subject, role, clinic)
    except IntegrityError as conflict:
        raise OtherwiseKnown(
            f"{organization} or {subject} is known already, but not from this command: whoever"
            " announced them, the identity provider or the demo, gives them their roles too."
        ) from conflict


async def _add(
    connection: AsyncConnection, organization: str, subject: str, role: RoleName, clinic: str
) -> None:
    models.register_all()
    tables = SQLModel.metadata.tables
    clinic_id, person_id = key(organization), key(organization, subject)
    roles = tables["roles"]
    role_id = select(roles.c.id).where(roles.c.name == role).scalar_subquery()
    person = {"organization_id": clinic_id, "user_id": person_id}
    rows = {
        "organizations": {
            "id": clinic_id,
            "name": clinic,
            "type": "clinic",
            "identity_organization": organization,
        },
        "users": {
            "id": person_id,
            "organization_id": clinic_id,
            "identity_subject": subject,
        },
        "user_roles": {"id": uuid7(), **person, "role_id": role_id},
    }
    for table, row in rows.items():
        await connection.execute(insert(tables[table]).values(row).on_conflict_do_nothing())


@app.command()
def add(
    organization: Annotated[str, typer.Argument(help="The token's organization, such as org_2ab")],
    subject: Annotated[str, typer.Argument(help="The token's subject (sub), such as user_2cd")],
    role: Annotated[RoleName, typer.Argument()],
    clinic: Annotated[str, typer.Option(help="What a new organization is called")] = "A clinic",
) -> None:
    """Give a person a role in an organization; twice does no harm.

    Connects with MEDILENS_DIRECT_DATABASE_URL, the owner's own address, for nobody whom the
    functions let in makes an organization; without it, to the laptop's stack.
    """
    with owner_address() as direct_url, explained(direct_url):
        asyncio.run(add_person(direct_url, organization, subject, role, clinic))
    sys.stdout.write(f"{subject} is {role} in {organization}.\n")


@contextmanager
def owner_address() -> Iterator[str]:
    """The owner's address that is set, or that of the laptop's stack, which starts for it."""
    if given := os.environ.get("MEDILENS_DIRECT_DATABASE_URL"):
        yield given
        return
    with found_or_started() as here:
        yield here.databases.direct_url


# A group of commands that has one would be that command.
@app.callback()
def _group() -> None:
    """Who may sign in, as the token names them."""
