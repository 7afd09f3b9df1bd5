"""What Lambda does around a snapshot of a started function (SnapStart); nowhere else it happens.

A sandbox that starts from a snapshot has all that was imported before it, and would also have what
must not be the same twice: the state of random generators, connections, settings that have changed.
"""

import os
import random
from collections.abc import Callable
from importlib import import_module
from pkgutil import walk_packages
from ssl import RAND_add

from shared import settings

SNAP_START = "snap-start"
SEED_BYTES = 32


def register_hooks(function: str, *, after_restore: Callable[[], None]) -> None:
    """Tell Lambda's runtime, which alone brings the library for it, what to do and when."""
    if os.environ.get("AWS_LAMBDA_INITIALIZATION_TYPE") != SNAP_START:
        return
    from snapshot_restore_py import (  # noqa: PLC0415  # is not there on Vercel and a laptop
        register_after_restore,
        register_before_snapshot,
    )

    register_before_snapshot(import_all, "shared")
    register_before_snapshot(import_all, f"functions.{function}")
    register_after_restore(renew)
    register_after_restore(after_restore)


def import_all(package: str) -> None:
    """Import what the first requests would: file formats, numeric libraries, storage.

    Nothing is asked of anybody, so neither a secret nor a connection is in the snapshot.
    """
    for module in walk_packages(import_module(package).__path__, f"{package}."):
        # Its libraries come with the pipelines that use them, and those import what they use.
        if not module.name.startswith("shared.science"):
            import_module(module.name)


def renew() -> None:
    """Make each sandbox one of its own again."""
    random.seed()
    RAND_add(os.urandom(SEED_BYTES), SEED_BYTES)  # what TLS draws from
    settings.load.cache_clear()
