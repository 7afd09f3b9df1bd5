"""Measure an operator's model on labelled pictures of their own."""

import hashlib
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from local.labelled_folder import FILE, labelled
from shared.recording import RecordingFile

if TYPE_CHECKING:
    from local.evaluation import Evaluation
    from shared.science.models.slot import OperatorModel

WORDS = {"0": False, "1": True}

app = typer.Typer(no_args_is_help=True, help="An operator's own models.")


@app.command()
def evaluate(
    manifest: Annotated[Path, typer.Argument(exists=True, dir_okay=False)],
    folder: Annotated[Path, typer.Argument(exists=True, file_okay=False)],
) -> None:
    """Print how well a model does on a folder of pictures with labels.csv."""
    from shared.science.models.slot import load_operator_model  # noqa: PLC0415

    sha256 = hashlib.sha256(manifest.read_bytes()).hexdigest()
    model = load_operator_model(manifest, sha256)
    sys.stdout.write(f"{model.manifest.name} {model.manifest.version}\nmanifest sha256 {sha256}\n")
    for label, measured in evaluations(model, folder):
        sys.stdout.write(report(label, measured))


def evaluations(model: "OperatorModel", folder: Path) -> Iterator[tuple[str, "Evaluation | None"]]:
    """Yield the figures of each label; None where all pictures or none have the finding.

    Raises
    ------
    UnlabelledFolder
    """
    import numpy as np  # noqa: PLC0415

    from local.evaluation import evaluate as measured  # noqa: PLC0415

    rows = labelled(folder)
    answers = [probabilities(model, folder / row[FILE]) for row in rows]
    for label in model.manifest.output.labels:
        known = [index for index, row in enumerate(rows) if row.get(label, "") in WORDS]
        truth = np.array([WORDS[rows[index][label]] for index in known], bool)
        if truth.all() or not truth.any():
            yield label, None
        else:
            yield label, measured(np.array([answers[index][label] for index in known]), truth)


def probabilities(model: "OperatorModel", path: Path) -> Mapping[str, float]:
    """Return what a model says of one picture, decoded as a function decodes it."""
    import numpy as np  # noqa: PLC0415

    from functions.radiology.decode import decode_film  # noqa: PLC0415
    from shared.science.images.decode import decode_photograph  # noqa: PLC0415

    file = RecordingFile(path.name, path.read_bytes())
    if model.manifest.input.channels == 1:
        return model.probabilities(decode_film(file).gray)
    side_px = max(model.manifest.input.height, model.manifest.input.width)
    rgb = decode_photograph(file, side_px).rgb
    return model.probabilities((rgb / 255).astype(np.float32))


def report(label: str, measured: "Evaluation | None") -> str:
    """Say how well a label is told, in a table for a terminal."""
    if measured is None:
        return f"{label}: not measured, for all labelled pictures have it or none has\n"
    head = (
        f"{label}: AUC {measured.auc:.3f} ({measured.auc_low:.3f}-{measured.auc_high:.3f}), "
        f"{measured.n_with} of {measured.n} with it, Brier {measured.brier:.3f}, "
        f"calibration error {measured.calibration_error:.3f}\n"
    )
    rows = (
        f"  said {row.mean_probability:.2f}: {row.share_with:.2f} of {row.n} have it\n"
        for row in measured.bins
    )
    return head + "".join(rows)
