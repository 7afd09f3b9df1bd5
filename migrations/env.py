"""What Alembic runs. The job hands over a connection whose transaction it has begun."""

import re

from alembic import context
from sqlmodel import SQLModel

from shared.database import models

# Partitions come and go with the months; the models know only their parents.
PARTITION = re.compile(r"^(biomarker_values|audit_events)_")


def is_ours(name: str | None, kind: str, _parents: object) -> bool:
    return not (kind == "table" and name is not None and PARTITION.match(name))


models.register_all()
context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=SQLModel.metadata,
    include_name=is_ours,
    compare_type=True,
    compare_server_default=True,
)
context.run_migrations()
