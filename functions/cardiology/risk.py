"""The risk score: the most urgent of a few cited rules, never a sum.

`risk(signs) -> Risk | None`. The scores only order the rules by urgency: 25 worth noting, 40 should
be looked at, 60 soon, 75 and more promptly. The levels are cut at 25, 50 and 75.
"""

import math
from dataclasses import dataclass

from functions.cardiology.conduction import Block
from shared.record import Risk, RiskPoint
from shared.vocabulary import RiskLevel, Sex

NOTE, LOOK, SOON, PROMPTLY, AT_ONCE = 25.0, 40.0, 60.0, 75.0, 95.0
LEVELS = (
    (75.0, RiskLevel.CRITICAL),
    (50.0, RiskLevel.HIGH),
    (25.0, RiskLevel.MODERATE),
    (0.0, RiskLevel.LOW),
)

SUSTAINED_S = 30.0
MARKED_PAUSE_S = 3.0
MUCH_ECTOPY = 0.10  # share of the beats of a day
# Of the normal distribution, both sides, for 95 %: what a few beats say of the share of a day.
CERTAIN = 1.96
LONG_QTC_MS = {"male": 450.0, "female": 460.0, None: 460.0}
MARKED_QTC_MS = 500.0
WIDE_QRS_MS = 120.0
LONG_PR_MS = 200.0


@dataclass(frozen=True)
class Signs:
    """What the rules look at; None where it could not be judged.

    Attributes
    ----------
    blocks : tuple of Block
        The ways in which conduction fails, in order of time.
    longest_ventricular_run_s : float or None
        Of the runs above 100/min; None where there is none.
    pause_s : float or None
        The longest interval between connected beats.
    ventricular_beats, n_beats : int
        The first None where the kinds of beats are unknown.
    qtc_ms : float or None
        By Fridericia.
    is_adult : bool
        False for a person known to be a child, to whom the limits of rate, PR and QRS do not apply.
    """

    heart_rate_bpm: float | None
    has_fibrillation: bool | None
    blocks: tuple[Block, ...]
    longest_ventricular_run_s: float | None
    pause_s: float | None
    ventricular_beats: int | None
    n_beats: int
    pr_ms: float | None
    qrs_ms: float | None
    qtc_ms: float | None
    sex: Sex | None
    is_adult: bool


def risk(signs: Signs) -> Risk | None:
    """Apply every rule and score the most urgent one.

    Parameters
    ----------
    signs : Signs

    Returns
    -------
    Risk or None
        The rules that hold, most urgent first, and the score of the first; 0 where none holds. None
        where not even the heart rate could be measured: nothing says that the heart is well then.
    """
    if signs.heart_rate_bpm is None:
        return None
    points = [*_rhythm_points(signs), *_interval_points(signs)]
    if signs.is_adult:
        points += _rate_points(signs.heart_rate_bpm)
    points.sort(key=lambda point: -point.score)
    score = points[0].score if points else 0.0
    return Risk(score, risk_level(score), tuple(points))


def risk_level(score: float) -> RiskLevel:
    return next(level for least, level in LEVELS if score >= least)


def _rhythm_points(signs: Signs) -> list[RiskPoint]:
    points = []
    run_s = signs.longest_ventricular_run_s
    if run_s is not None and run_s >= SUSTAINED_S:
        points.append(
            RiskPoint("ventricular tachycardia of 30 s or more", AT_ONCE, "al-khatib-2017")
        )
    elif run_s is not None:
        points.append(
            RiskPoint(
                "three or more ventricular beats in a row above 100/min",
                PROMPTLY,
                "al-khatib-2017",
            )
        )
    if signs.pause_s is not None and signs.pause_s >= MARKED_PAUSE_S:
        points.append(RiskPoint("pause of 3 s or more", SOON, "kusumoto-2018"))
    if signs.has_fibrillation:
        points.append(RiskPoint("atrial fibrillation or flutter possible", SOON, "van-gelder-2024"))
    if signs.blocks:
        is_complete = Block.COMPLETE in signs.blocks
        worst = Block.COMPLETE if is_complete else signs.blocks[0]
        points.append(RiskPoint(str(worst), PROMPTLY if is_complete else SOON, "kusumoto-2018"))
    if least_share(signs.ventricular_beats or 0, signs.n_beats) > MUCH_ECTOPY:
        points.append(RiskPoint("more than 10 % ventricular beats", SOON, "zeppenfeld-2022"))
    return points


def least_share(count: int, n_beats: int) -> float:
    """Return the lower end of the interval of 95 % of a share, as Wilson gives it [1]_.

    The limit of ventricular beats is one of a day: in a strip of ten seconds two beats of thirteen
    are more than a tenth, and may be the only ones of that day.

    References
    ----------
    .. [1] Wilson E B (1927). Probable inference, the law of succession, and statistical inference.
       J Am Stat Assoc 22(158), 209-212. doi:10.1080/01621459.1927.10502953

    Examples
    --------
    >>> round(least_share(2, 13), 3), round(least_share(200, 1300), 3)
    (0.043, 0.135)
    """
    if not n_beats:
        return 0.0
    share, doubt = count / n_beats, CERTAIN**2 / n_beats
    spread = CERTAIN * math.sqrt((share * (1 - share) + doubt / 4) / n_beats)
    return (share + doubt / 2 - spread) / (1 + doubt)


def _interval_points(signs: Signs) -> list[RiskPoint]:
    points = []
    if signs.qtc_ms is not None and signs.qtc_ms > MARKED_QTC_MS:
        points.append(RiskPoint("QTc above 500 ms", PROMPTLY, "drew-2010"))
    elif signs.qtc_ms is not None and signs.qtc_ms >= LONG_QTC_MS[signs.sex]:
        limit = f"QTc of {LONG_QTC_MS[signs.sex]:.0f} ms or more"
        points.append(RiskPoint(limit, LOOK, "rautaharju-2009"))
    if signs.is_adult and signs.qrs_ms is not None and signs.qrs_ms >= WIDE_QRS_MS:
        points.append(RiskPoint("QRS of 120 ms or more", LOOK, "surawicz-2009"))
    if signs.is_adult and signs.pr_ms is not None and signs.pr_ms > LONG_PR_MS:
        points.append(RiskPoint("PR above 200 ms", NOTE, "kusumoto-2018"))
    return points


def _rate_points(rate_bpm: float) -> list[RiskPoint]:
    """The bands of the National Early Warning Score, whole beats per minute."""
    rate = round(rate_bpm)
    if rate <= 40 or rate >= 131:
        return [RiskPoint("heart rate up to 40 or from 131/min", PROMPTLY, "news2-2017")]
    if rate >= 111:
        return [RiskPoint("heart rate of 111 to 130/min", LOOK, "news2-2017")]
    if rate <= 50:
        return [RiskPoint("heart rate of 41 to 50/min", NOTE, "news2-2017")]
    if rate > 100:
        return [RiskPoint("heart rate of 101 to 110/min", NOTE, "news2-2017")]
    return []
