"""Why an operator's model is not used."""

from http import HTTPStatus

from shared.errors import MediLensError


class UnusableModel(MediLensError):
    """The installed model is not the one that the deployment or its manifest describes."""

    status = HTTPStatus.SERVICE_UNAVAILABLE
    code = "unusable-model"
    title = "Model unusable"

    def __init__(self, difference: str) -> None:
        super().__init__(f"The installed model was refused: {difference}.")
