"""When a recording was made: as the request says, else as the file does, else when it arrived."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta, timezone

from anyio.to_thread import run_sync

from shared.database.repositories.terms import Terms
from shared.examination.request import CLOCK_SKEW, AnalysisRequest
from shared.record import Json
from shared.recording import RecordingFile

# What the files of a format say of when they were recorded, without a zone where they name none;
# None where they say nothing, or are not of the format.
type Clock = Callable[[tuple[RecordingFile, ...]], datetime | None]

# Digital recorders of these formats are younger; what they wrote before is a clock never set.
EARLIEST = datetime(1980, 1, 2, tzinfo=UTC)
# Where a day begins first on earth.
EARLIEST_DAY = timezone(timedelta(hours=14))


@dataclass(frozen=True)
class Timed:
    """When a recording was made, what the provenance says of that, and what people are told."""

    moment: datetime
    told: Mapping[str, Json]
    warnings: tuple[str, ...] = ()


async def timed(
    requested: AnalysisRequest,
    files: tuple[RecordingFile, ...],
    clock: Clock | None,
    terms: Terms,
) -> Timed:
    """Return when the recording was made, and who says so."""
    if requested.moment_of.get("source") != "arrival":
        return Timed(requested.recorded_at, dict(requested.moment_of))
    written = await run_sync(_read, clock, files) if clock else None
    if written is None:
        return Timed(requested.recorded_at, {"source": "arrival"})
    told: dict[str, Json] = {"written": written.isoformat()}
    moment = written
    if written.tzinfo is None:
        moment = written.replace(tzinfo=terms.time_zone)
        told["time_zone"] = terms.time_zone.key
    if refusal := _implausible(moment, terms):
        warning = f"The file says {written.isoformat()}, {refusal}: the time of arrival is stored."
        return Timed(requested.recorded_at, {"source": "arrival", **told}, (warning,))
    return Timed(moment.astimezone(UTC), {"source": "file", **told})


def _read(clock: Clock, files: tuple[RecordingFile, ...]) -> datetime | None:
    try:
        return clock(files)
    except Exception:  # noqa: BLE001  # damage is told by the decoder, which reads all of the file
        return None


def _implausible(moment: datetime, terms: Terms) -> str | None:
    """Say why a clock was wrong, if it was."""
    if moment > datetime.now(UTC) + CLOCK_SKEW:
        return "which has not come yet"
    if moment < EARLIEST:
        return "as a clock does that was never set"
    born = terms.date_of_birth
    if born is not None and moment < datetime.combine(born, time.min, tzinfo=EARLIEST_DAY):
        return "which is before the person was born"
    return None
