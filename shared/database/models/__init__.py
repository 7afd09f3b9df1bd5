"""The tables, one a file; a function imports those it uses, for each costs its start something."""

import pkgutil
from importlib import import_module


def register_all() -> None:
    """Import every table, for who compares the whole schema or goes through it."""
    for module in pkgutil.walk_packages(__path__, f"{__name__}."):
        import_module(module.name)
