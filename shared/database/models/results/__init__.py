"""One results table a pipeline: what a professional looks at first, one row an assessment."""

from importlib import import_module

from sqlalchemy import Table
from sqlmodel import SQLModel


def results_table(pipeline: str) -> Table:
    """Load the table of one pipeline: a function needs its own, and none to start."""
    import_module(f"{__name__}.{pipeline}")
    return SQLModel.metadata.tables[f"{pipeline}_results"]
