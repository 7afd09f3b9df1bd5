"""A second factor, shown not long ago."""

from fastapi import Request

from shared.errors import Forbidden
from shared.http import auth
from shared.http.dependencies import CurrentCaller
from shared.settings import TokenSettings, load


class StepUpRequired(Forbidden):
    """The act takes a second factor that was shown recently."""

    code = "step-up-required"
    title = "Confirm who you are"


async def recent_second_factor(request: Request, _caller: CurrentCaller) -> None:
    """Ask for a recent second factor, where the deployment does (MEDILENS_STEP_UP_MINUTES).

    Raises
    ------
    StepUpRequired
    """
    most_minutes = load(TokenSettings).step_up_minutes
    if most_minutes is not None:
        require_second_factor(request, within_minutes=most_minutes)


def require_second_factor(request: Request, *, within_minutes: int) -> None:
    """Ask for a second factor, which no service key ever shows.

    Raises
    ------
    StepUpRequired
    """
    token: auth.Token | None = getattr(request.state, "token", None)
    age_s = token.second_factor_age_s if token else None
    if age_s is None or age_s > 60 * within_minutes:
        raise StepUpRequired(
            f"Show a second factor first: this asks for one of the last {within_minutes} minutes."
        )
