"""`medilens export`: what is stored of one person, whole, as FHIR, as reports, as a table."""

import csv
import json
import time
from collections.abc import Iterator, Sequence
from hashlib import file_digest
from http import HTTPStatus
from io import StringIO
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit
from uuid import UUID

import httpx
import typer
from rich.console import Console
from rich.progress import track

from functions.accounts.exports.schemas import ArchiveRead, ExportRead
from functions.records.assessments.schemas import AssessmentPage
from local.client import PATIENCE_S, Client, Refused, problem_of
from local.stack import found_or_started
from local.trouble import Trouble, Unwritable
from shared.permissions import RoleName
from shared.schemas import AssessmentRead, AssessmentSummary
from shared.vocabulary import AssessmentStatus

ENDED = {AssessmentStatus.COMPLETED, AssessmentStatus.FAILED}
REPORTS, RECORDS, ACCOUNTS = "/api/fhir/reports", "/api/records/assessments", "/api/accounts"
MEASURED = (
    *("name", "value", "unit", "normal_range_min", "normal_range_max"),
    *("status", "confidence"),
)
COLUMNS = ("assessment_id", "pipeline", "pipeline_version", "recorded_at", *MEASURED)

# What is said goes beside the answers of other commands.
console = Console(stderr=True)


class NothingAsked(Trouble):
    """No format was chosen."""

    def __init__(self) -> None:
        super().__init__("Say what to write: --whole, --fhir, --pdf or --csv, or several of them.")


class OtherBytes(Trouble):
    """The storage gave what it was not given."""

    def __init__(self, place: Path) -> None:
        super().__init__(f"{place} has another SHA-256 than the export says. Export again.")


def export(
    person: Annotated[UUID, typer.Argument(help="The id of a person")],
    to: Annotated[Path, typer.Option(file_okay=False, help="The folder to write to")] = Path(),
    role: Annotated[RoleName, typer.Option(help="Who exports")] = RoleName.CLINICIAN,
    *,
    whole: Annotated[
        bool, typer.Option("--whole", help="Everything, with pictures and recordings, as zips")
    ] = False,
    fhir: Annotated[bool, typer.Option("--fhir", help="A bundle of FHIR resources")] = False,
    pdf: Annotated[bool, typer.Option("--pdf", help="Printed reports")] = False,
    table: Annotated[bool, typer.Option("--csv", help="A row for each measured value")] = False,
) -> None:
    """Write what is stored of a person, as far as somebody of a role may read it."""
    wanted = {_hand_over: whole, _save_bundle: fhir, _print: pdf, _save_table: table}
    if not any(wanted.values()):
        raise NothingAsked
    with found_or_started() as here, Client.of(here, role) as client:
        for write in (form for form, is_wanted in wanted.items() if is_wanted):
            write(client, person, to)


def _hand_over(client: Client, person: UUID, to: Path) -> None:
    """Write everything: one zip, or those of an export once it has ended."""
    answer = client.answer(f"{ACCOUNTS}/people/{person}/export")
    if answer.status_code == HTTPStatus.OK:
        _save(to / f"{person}.zip", answer.content)
        return
    with console.status("Reading") as shown:
        while answer.status_code != HTTPStatus.OK:
            told = ExportRead.model_validate_json(answer.content)
            shown.update(f"Reading {told.reading}, after {len(told.archives)} archives")
            time.sleep(int(answer.headers["Retry-After"]))
            answer = client.answer(urlsplit(answer.headers["Location"]).path)
    for archive in ExportRead.model_validate_json(answer.content).archives:
        _download(archive, to / f"{person}-{archive.name}")


def _download(archive: ArchiveRead, place: Path) -> None:
    assert archive.address, "an export that has ended tells where its archives are fetched"
    with httpx.stream("GET", archive.address, timeout=PATIENCE_S) as answer:
        if answer.is_error:
            answer.read()
            raise Refused(problem_of(answer))
        try:
            place.parent.mkdir(parents=True, exist_ok=True)
            with place.open("wb") as file:
                for chunk in answer.iter_bytes():
                    file.write(chunk)
        except OSError as error:
            raise Unwritable(place, error) from error
    with place.open("rb") as file:
        if file_digest(file, "sha256").hexdigest() != archive.sha256:
            raise OtherBytes(place)
    _say_written(place)


def _assessments(client: Client, person: UUID) -> Sequence[AssessmentSummary]:
    """Return all assessments of a person, the newest first."""
    page = client.read(AssessmentPage, RECORDS, subject_id=str(person), limit="100")
    listed = list(page.items)
    while page.next_cursor:
        page = client.read(
            AssessmentPage, RECORDS, subject_id=str(person), limit="100", cursor=page.next_cursor
        )
        listed += page.items
    return listed


def _print(client: Client, person: UUID, to: Path) -> None:
    """Write the report of the person over time, and of each assessment that has ended."""
    _save(to / f"{person}.pdf", client.fetch(f"{REPORTS}/people/{person}.pdf"))
    for assessment in track(_assessments(client, person), "Printing", console=console):
        if assessment.status in ENDED:
            _save(to / f"{assessment.id}.pdf", client.fetch(f"{REPORTS}/{assessment.id}.pdf"))


def _save_bundle(client: Client, person: UUID, to: Path) -> None:
    pages = track(_pages(client, person), "Reading", total=None, console=console)
    entries = [entry for page in pages for entry in page.get("entry", ())]
    bundle = {"resourceType": "Bundle", "type": "collection", "entry": entries}
    for entry in entries:
        del entry["search"]
    _save(to / f"{person}.fhir.json", json.dumps(bundle, ensure_ascii=False, indent=1).encode())


def _pages(client: Client, person: UUID) -> Iterator[dict[str, Any]]:
    path = f"/api/fhir/Patient/{person}/$everything?_count=100"
    while path:
        page = json.loads(client.fetch(path))
        yield page
        url = next((link["url"] for link in page["link"] if link["relation"] == "next"), "")
        path = urlsplit(url)._replace(scheme="", netloc="").geturl()


def _save_table(client: Client, person: UUID, to: Path) -> None:
    text = StringIO(newline="")
    rows = csv.writer(text)
    rows.writerow(COLUMNS)
    for listed in track(_assessments(client, person), "Reading", console=console):
        whole = client.read(AssessmentRead, f"{RECORDS}/{listed.id}")
        about = (whole.id, whole.pipeline, whole.pipeline_version, whole.recorded_at.isoformat())
        for value in whole.biomarkers:
            rows.writerow([*about, *(getattr(value, name) for name in MEASURED)])
    _save(to / f"{person}.csv", text.getvalue().encode())


def _save(place: Path, content: bytes) -> None:
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content)
    except OSError as error:
        raise Unwritable(place, error) from error
    _say_written(place)


def _say_written(place: Path) -> None:
    console.print(f"wrote {place}", highlight=False, markup=False, soft_wrap=True)
