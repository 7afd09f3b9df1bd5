"""Choose the areas of hard exudate from which the risk of macular edema is 1 and 2, and measure it.

    python -m functions.retinal.training.edema DATA

The areas go to `lesions.py` by hand. Agreement is Cohen's kappa with quadratic weights (Cohen 1968,
doi:10.1037/h0026256), by areas chosen without the photo's fold.
"""

import argparse
import itertools
from pathlib import Path

import numpy as np
import numpy.typing as npt
from rich.progress import track
from sklearn.metrics import cohen_kappa_score, confusion_matrix
from sklearn.model_selection import GroupKFold

from functions.retinal.lesions import Lesion
from functions.retinal.training.candidates import lesions_on
from functions.retinal.training.photos import IDRID_DEG, graded_for_lesions, read_photo

N_FOLDS = 10
MACULAR_DEG2 = (0.1, 0.2, 0.4, 0.7, 1.0, 1.5)
ANYWHERE_DEG2 = (0.2, 0.4, 0.6, 0.8, 1.0, 1.5)

type Ints = npt.NDArray[np.int_]
type Areas = tuple[float, float]


def risk(deg2: npt.NDArray[np.float64], areas: Areas) -> Ints:
    """Risks of photos, `(n, 2)` near the fovea and anywhere, that exceed the two areas."""
    macular, anywhere = areas
    return np.where(deg2[:, 0] > macular, 2, (deg2[:, 1] > anywhere).astype(int))


def agreement(graded: Ints, given: Ints) -> float:
    return float(cohen_kappa_score(graded, given, weights="quadratic"))


def best(deg2: npt.NDArray[np.float64], graded: Ints) -> Areas:
    pairs = itertools.product(MACULAR_DEG2, ANYWHERE_DEG2)
    return max(pairs, key=lambda areas: agreement(graded, risk(deg2, areas)))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    rows = graded_for_lesions(parser.parse_args().data)[1]
    pairs = [(row, lesions_on(read_photo(row.path, IDRID_DEG))) for row in track(rows, "lesions")]
    placed = [(row, item) for row, item in pairs if item.macular_exudate_px is not None]
    deg2 = np.array(
        [
            np.array([item.macular_exudate_px, item.masks[Lesion.HARD_EXUDATE].sum()])
            / item.px_per_degree**2
            for _, item in placed
        ]
    )
    graded = np.array([row.edema_risk for row, _ in placed])
    given = np.empty_like(graded)
    for train, test in GroupKFold(N_FOLDS).split(deg2, groups=[row.eye for row, _ in placed]):
        given[test] = risk(deg2[test], best(deg2[train], graded[train]))
    print("areas", best(deg2, graded), "photos", len(graded))
    print("kappa by folds", round(agreement(graded, given), 3))
    print(confusion_matrix(graded, given))


if __name__ == "__main__":
    main()
