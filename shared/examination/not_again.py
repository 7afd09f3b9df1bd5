"""Why a recording cannot be analyzed again."""

from collections.abc import Iterable

from shared.errors import Conflict


class InputNotStored(Conflict):
    """The recording came with its request and was not kept."""

    code = "input-not-stored"

    def __init__(self) -> None:
        super().__init__(
            "The recording of this assessment is not stored, only its hash. Send it again to"
            " `analyze`."
        )


class FieldsChanged(Conflict):
    """The form has other fields than when the assessment was made."""

    code = "fields-changed"

    def __init__(self, names: Iterable[str]) -> None:
        super().__init__(
            f"The form has no field {', '.join(sorted(names))} any more. Send the recording again"
            " to `analyze` with the fields it has now."
        )
