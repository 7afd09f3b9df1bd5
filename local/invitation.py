"""What a new server invites people to do, in lines that can be pasted into a shell."""

import shlex
from pathlib import Path

from rich.console import Console

from local import demo
from local.home import home
from local.samples.catalog import SAMPLES
from local.stack import Running
from shared.permissions import RoleName


def invite(here: Running, console: Console) -> None:
    """Say what can be done now, with lines that can be pasted."""
    place = home() / "sample.csv"
    place.write_bytes(SAMPLES[0].make()[0].content)
    console.print(
        f"\nMediLens serves every function on {here.url}; look at {here.url}/docs", soft_wrap=True
    )
    console.print(f"The console is at {here.url}/console; be whom you like.", soft_wrap=True)
    console.print("\nTry it (the token is a demo clinician's and lasts an hour):\n")
    for line in (f"export TOKEN={here.token(RoleName.CLINICIAN)}", *requests(here, place)):
        console.print(line, soft_wrap=True, highlight=False, markup=False)
    console.print("\nCtrl-C stops all of it; the next start finds the data again.")


def requests(here: Running, recording: Path) -> tuple[str, str]:
    """Return two lines for a shell: analyze a recording, and read the history it is part of."""
    curl = 'curl -H "Authorization: Bearer $TOKEN"'
    subject = demo.person_id(RoleName.PATIENT)
    history = f"{here.url}/api/records/biomarkers/heart_rate/history?subject_id={subject}"
    form = f"-F subject_id={subject} -F {form_file(recording)}"
    return f"{curl} {form} {here.url}/api/cardiology/analyze", f"{curl} {shlex.quote(history)}"


def form_file(path: Path) -> str:
    """Return curl's form field for a file, whatever characters its path has."""
    escaped = str(path).replace("\\", "\\\\").replace('"', '\\"')
    return shlex.quote(f'file=@"{escaped}"')
