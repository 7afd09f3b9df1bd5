"""How far the halves of a recording differ, and whether that tells how far a value is off.

    uv run python -m functions.cardiology.training.precision

Half of the difference of PR, QRS and QT on LUDB 3, 7, 11, ... (10 s), beside the errors against
the marks: the mean error of the steadier and of the less steady half of the people.
"""

import numpy as np

from functions.cardiology.analysis import examined
from functions.cardiology.evidence import measured_values
from functions.cardiology.precision import precision
from tests.accuracy.recordings import Delineated, ludb, ludb_records
from tests.accuracy.test_cardiology_intervals import marked

NAMES = {"pr": "pr_interval", "qrs": "qrs_duration", "qt": "qt_interval"}


def pairs(strips: list[Delineated], wave: str) -> list[tuple[float, float]]:
    """Half of the difference and absolute error, ms, of every strip where both are known."""
    known = []
    for strip in strips:
        exam = examined(strip.ecg)
        values = measured_values(exam)
        halves, truth = precision(exam, values), marked(strip)[wave]
        name = NAMES[wave]
        if name in halves and np.isfinite(truth):
            known.append((halves[name]["half_difference"], abs(values[name] - truth)))
    return known


def main() -> None:
    strips = [ludb(name) for name in ludb_records()[1::2]]
    for wave in NAMES:
        differences, errors = np.array(pairs(strips, wave)).T
        steady = differences <= np.median(differences)
        print(
            f"{wave}: n {len(errors)}, half of the difference: median "
            f"{np.median(differences):.1f} ms, root mean square "
            f"{np.sqrt(np.mean(differences**2)):.1f} ms; mean error "
            f"{errors[steady].mean():.1f} ms of the steadier half of the people, "
            f"{errors[~steady].mean():.1f} ms of the others"
        )


if __name__ == "__main__":
    main()
