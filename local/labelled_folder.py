"""A folder of pictures, and what a table beside them says that they show."""

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path

from local.trouble import Trouble

LABELS, FILE = "labels.csv", "file"


class UnlabelledFolder(Trouble):
    """The folder does not say what its pictures show."""


def labelled(folder: Path) -> Sequence[Mapping[str, str]]:
    """Read the table of labels of a folder."""
    path = folder / LABELS
    if not path.is_file():
        raise UnlabelledFolder(f"{path} is missing: a column '{FILE}' and one per label, 0 or 1.")
    with path.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    if not rows or any(not row.get(FILE) for row in rows):
        raise UnlabelledFolder(f"{path} needs a column '{FILE}' that is filled in every row.")
    return rows
