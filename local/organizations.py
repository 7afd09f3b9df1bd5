"""Organizations: made by whoever runs the deployment, or announced by the identity provider."""

import asyncio
import sys
from typing import Annotated

import typer

from local.people import add_person, owner_address
from local.unusable_database import explained
from shared.permissions import RoleName

app = typer.Typer(no_args_is_help=True, help="Tenants, each with its first admin.")


@app.command()
def create(
    organization: Annotated[str, typer.Argument(help="What tokens call it, such as org_2ab")],
    name: Annotated[str, typer.Argument(help="What people call it, such as 'Ward 3'")],
    admin: Annotated[str, typer.Option(help="The token's subject (sub) of its first admin")],
) -> None:
    """Make an organization and its first admin, who invites all others; twice does no harm.

    Connects with MEDILENS_DIRECT_DATABASE_URL, the owner's own address, for nobody whom the
    functions let in makes an organization; without it, to the laptop's stack.
    """
    with owner_address() as direct_url, explained(direct_url):
        asyncio.run(add_person(direct_url, organization, admin, RoleName.ADMIN, name))
    sys.stdout.write(f"{name} is {organization}, and {admin} its admin.\n")


# A group of commands that has one would be that command.
@app.callback()
def _group() -> None:
    """Tenants, each with its first admin."""
