"""Why no probability of Parkinson's disease is given: voices do not carry it to other speakers.

The table of Little et al. (2007), UCI 174, has 195 recordings of 32 speakers with 22 measures.
"""

import csv
from functools import cache

import numpy as np
import pytest
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import KFold, LeaveOneGroupOut, cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from tests.accuracy.sets import DATA, needs

SET = "speech/tables/oxford_parkinsons.data"
TABLE = DATA / SET
pytestmark = needs(SET)


type Table = tuple[np.ndarray, np.ndarray, np.ndarray]


@cache
def table() -> Table:
    """Measures, status and speaker of each recording."""
    rows = list(csv.DictReader(TABLE.read_text().splitlines()))
    names = [name for name in rows[0] if name not in {"name", "status"}]
    measures = np.array([[float(row[name]) for name in names] for row in rows])
    status = np.array([int(row["status"]) for row in rows])
    return measures, status, np.array([row["name"].rpartition("_")[0] for row in rows])


class TestAcrossSpeakers:
    def test_unseen_speakers_are_told_apart_poorly(self) -> None:
        measures, status, speakers = table()
        model = make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000))

        unseen = cross_val_predict(
            model, measures, status, groups=speakers, cv=LeaveOneGroupOut(), method="predict_proba"
        )

        assert len(set(speakers)) == 32
        assert len(set(speakers[status == 0])) == 8
        assert roc_auc_score(status, unseen[:, 1]) == pytest.approx(0.72, abs=0.02)

    def test_same_speakers_on_both_sides_flatter_a_model(self) -> None:
        measures, status, _ = table()
        forest = RandomForestClassifier(100, random_state=0)

        shuffled = cross_val_predict(
            forest,
            measures,
            status,
            cv=KFold(10, shuffle=True, random_state=0),
            method="predict_proba",
        )

        assert roc_auc_score(status, shuffled[:, 1]) == pytest.approx(0.96, abs=0.02)
