"""People of whom nothing can be written: merged into others, or erased."""

from typing import Any
from uuid import UUID

from shared.errors import Conflict


class PersonMerged(Conflict):
    """The person was registered twice, and the other record stands for both."""

    code = "person-merged"

    def __init__(self, survivor: UUID) -> None:
        super().__init__(
            "This person was registered twice: person_ids names the record that stands for both."
            " Send that as subject_id."
        )
        self.survivor = survivor

    @property
    def members(self) -> dict[str, Any]:
        return {"person_ids": [self.survivor]}


class PersonErased(Conflict):
    """The person was erased, or is deleted and will be: nothing is written of them any more."""

    code = "person-erased"

    def __init__(self) -> None:
        super().__init__(
            "This person was erased, or is deleted and will be. Nothing is written of them any"
            " more."
        )
