"""The `medilens keys` commands: what is encrypted, and by which keys."""

import asyncio
import sys

import typer

from local import encryption, lookups, rotation
from local.people import owner_address
from local.unusable_database import explained

app = typer.Typer(no_args_is_help=True, help="What is encrypted, and by which keys.")


@app.command()
def encrypt() -> None:
    """Encrypt what is still plain, in batches while requests run; run again it goes on.

    Connects with MEDILENS_DIRECT_DATABASE_URL, the owner's own address, and needs the functions'
    MEDILENS_MASTER_KEY or MEDILENS_MASTER_KMS_KEY; without the address, the laptop's stack.
    """
    with owner_address() as direct_url, explained(direct_url):
        done = asyncio.run(encryption.encrypt(direct_url))
        people = asyncio.run(lookups.add_tokens(direct_url))
    for table, rows in done.items():
        if rows:
            sys.stdout.write(f"{table}: {rows} rows encrypted\n")
    if people:
        sys.stdout.write(f"users: {people} people looked up by a token of surname and birth date\n")
    sys.stdout.write("Nothing is plain any more.\n")


@app.command("refuse-plain")
def refuse_plain() -> None:
    """Have the database refuse plain text where text is encrypted, once nothing is plain."""
    with owner_address() as direct_url, explained(direct_url):
        asyncio.run(encryption.refuse_plain(direct_url))
    sys.stdout.write("The database takes no plain text there any more.\n")


@app.command()
def rotate() -> None:
    """Wrap the keys of people with new ones of their organizations; run again it goes on."""
    with owner_address() as direct_url, explained(direct_url):
        for done in asyncio.run(rotation.rotate(direct_url)):
            sys.stdout.write(
                f"{done.organization}: key {done.number}, {done.rewrapped} wrapped anew,"
                f" {done.dropped} older dropped\n"
            )
