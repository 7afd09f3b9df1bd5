"""What is measured, and the published limits it can be held against.

`reference_range(name, sex=..., age_years=..., analyzed_s=...) -> ReferenceRange | None`.

Limits are those of adults: a person under 18 gets none. Variability over five minutes has no
range here: published values [nunan-2010] are means of groups that differ several times over with
age, posture and breathing, not limits of a person, and those of spectra contradict each other.
"""

from dataclasses import dataclass

from shared.vocabulary import BiomarkerKind, ReferenceRange

ADULT_YEARS = 18
DAY_S = 18 * 3600.0  # the least that counts as a 24 h recording in [task-force-1996]

SOURCES = {
    "task-force-1996": "Task Force of the European Society of Cardiology and the North American "
    "Society of Pacing and Electrophysiology (1996). Heart rate variability: standards of "
    "measurement, physiological interpretation, and clinical use. Circulation 93(5), 1043-1065. "
    "doi:10.1161/01.CIR.93.5.1043",
    "nunan-2010": "Nunan D, Sandercock G R H, Brodie D A (2010). A quantitative systematic review "
    "of normal values for short-term heart rate variability in healthy adults. Pacing Clin "
    "Electrophysiol 33(11), 1407-1417. doi:10.1111/j.1540-8159.2010.02841.x",
    "kusumoto-2018": "Kusumoto F M et al. (2019). 2018 ACC/AHA/HRS guideline on the evaluation and "
    "management of patients with bradycardia and cardiac conduction delay. Circulation 140(8), "
    "e382-e482. doi:10.1161/CIR.0000000000000628",
    "page-2015": "Page R L et al. (2016). 2015 ACC/AHA/HRS guideline for the management of adult "
    "patients with supraventricular tachycardia. Circulation 133(14), e506-e574. "
    "doi:10.1161/CIR.0000000000000311",
    "al-khatib-2017": "Al-Khatib S M et al. (2018). 2017 AHA/ACC/HRS guideline for management of "
    "patients with ventricular arrhythmias and the prevention of sudden cardiac death. "
    "Circulation 138(13), e272-e391. doi:10.1161/CIR.0000000000000549",
    "zeppenfeld-2022": "Zeppenfeld K et al. (2022). 2022 ESC guidelines for the management of "
    "patients with ventricular arrhythmias and the prevention of sudden cardiac death. "
    "Eur Heart J 43(40), 3997-4126. doi:10.1093/eurheartj/ehac262",
    "van-gelder-2024": "Van Gelder I C et al. (2024). 2024 ESC guidelines for the management of "
    "atrial fibrillation. Eur Heart J 45(36), 3314-3414. doi:10.1093/eurheartj/ehae176",
    "surawicz-2009": "Surawicz B et al. (2009). AHA/ACCF/HRS recommendations for the "
    "standardization and interpretation of the electrocardiogram, part III: intraventricular "
    "conduction disturbances. Circulation 119(10), e235-e240. "
    "doi:10.1161/CIRCULATIONAHA.108.191095",
    "rautaharju-2009": "Rautaharju P M, Surawicz B, Gettes L S (2009). AHA/ACCF/HRS "
    "recommendations for the standardization and interpretation of the electrocardiogram, "
    "part IV: the ST segment, T and U waves, and the QT interval. Circulation 119(10), e241-e250. "
    "doi:10.1161/CIRCULATIONAHA.108.191096",
    "drew-2010": "Drew B J et al. (2010). Prevention of torsade de pointes in hospital settings. "
    "Circulation 121(8), 1047-1060. doi:10.1161/CIRCULATIONAHA.109.192704",
    "news2-2017": "Royal College of Physicians (2017). National Early Warning Score (NEWS) 2. "
    "Its evaluation: Smith G B et al. (2013). Resuscitation 84(4), 465-470. "
    "doi:10.1016/j.resuscitation.2012.12.016",
}

BIOMARKERS = {
    "heart_rate": BiomarkerKind("/min", "rhythm", "Mean heart rate"),
    "rr_mean": BiomarkerKind("ms", "variability", "Mean interval between normal beats"),
    "sdnn": BiomarkerKind("ms", "variability", "Standard deviation of NN intervals"),
    "rmssd": BiomarkerKind("ms", "variability", "Root mean square of successive NN differences"),
    "sdsd": BiomarkerKind("ms", "variability", "Standard deviation of successive NN differences"),
    "pnn50": BiomarkerKind("%", "variability", "Share of successive NN differences above 50 ms"),
    "rr_cv": BiomarkerKind("%", "variability", "Coefficient of variation of NN intervals"),
    "lf_power": BiomarkerKind("ms2", "variability", "Power of NN intervals from 0.04 to 0.15 Hz"),
    "hf_power": BiomarkerKind("ms2", "variability", "Power of NN intervals from 0.15 to 0.40 Hz"),
    "lf_hf_ratio": BiomarkerKind("1", "variability", "Low-frequency over high-frequency power"),
    "sd1": BiomarkerKind("ms", "variability", "Poincare plot: spread across the line of identity"),
    "sd2": BiomarkerKind("ms", "variability", "Poincare plot: spread along the line of identity"),
    "pr_interval": BiomarkerKind("ms", "interval", "Onset of P to onset of QRS"),
    "qrs_duration": BiomarkerKind("ms", "interval", "Onset to end of QRS"),
    "qt_interval": BiomarkerKind("ms", "interval", "Onset of QRS to end of T"),
    "qtc_bazett": BiomarkerKind("ms", "interval", "QT over the square root of RR"),
    "qtc_fridericia": BiomarkerKind("ms", "interval", "QT over the cube root of RR"),
    "qtc_framingham": BiomarkerKind("ms", "interval", "QT plus 154 ms times (1 - RR)"),
    "ectopic_burden": BiomarkerKind(
        "%", "rhythm", "Share of ventricular and supraventricular ectopic beats"
    ),
    "af_burden": BiomarkerKind("%", "rhythm", "Share of the time in possible atrial fibrillation"),
    "pause_max": BiomarkerKind("s", "rhythm", "Longest interval between two beats"),
}


@dataclass(frozen=True)
class Norm:
    """A range and whom it is for; `sex` None means that it does not depend on it."""

    range: ReferenceRange
    sex: str | None = None
    min_analyzed_s: float = 0.0


def _qtc(sex: str | None, high: float, population: str) -> Norm:
    return Norm(ReferenceRange(390, high, "rautaharju-2009", population, critical_high=500), sex)


# 500 ms: [drew-2010]. Where the sex is not given, only what is too long for either counts as such.
_QTC = (
    _qtc("male", 450, "men"),
    _qtc("female", 460, "women"),
    _qtc(None, 460, "adults whose sex is not given: above the limits of both sexes"),
)

NORMS: dict[str, tuple[Norm, ...]] = {
    "heart_rate": (
        Norm(
            ReferenceRange(
                60, 100, "kusumoto-2018", "adults at rest", critical_low=40, critical_high=130
            )
        ),
    ),
    "pr_interval": (Norm(ReferenceRange(120, 200, "kusumoto-2018", "adults")),),
    "qrs_duration": (Norm(ReferenceRange(None, 110, "surawicz-2009", "adults")),),
    "qtc_fridericia": _QTC,
    "qtc_bazett": _QTC,
    "qtc_framingham": _QTC,
    "pause_max": (Norm(ReferenceRange(None, 2.0, "kusumoto-2018", "adults", critical_high=3.0)),),
    "af_burden": (Norm(ReferenceRange(None, 0.0, "van-gelder-2024", "adults")),),
    # Mean ± 2 standard deviations of the healthy persons there.
    "sdnn": (
        Norm(
            ReferenceRange(63, 219, "task-force-1996", "healthy adults, 24 h"),
            min_analyzed_s=DAY_S,
        ),
    ),
    "rmssd": (
        Norm(
            ReferenceRange(3, 51, "task-force-1996", "healthy adults, 24 h"),
            min_analyzed_s=DAY_S,
        ),
    ),
}


def reference_range(
    name: str, *, sex: str | None, age_years: int | None, analyzed_s: float
) -> ReferenceRange | None:
    """The published range for this biomarker, person and length of recording, if there is one.

    Parameters
    ----------
    name : str
        A key of `BIOMARKERS`.
    sex : {"female", "male"} or None
    age_years : int or None
        None is taken for an adult; the range says whom it is for.
    analyzed_s : float
        The time that the value was measured over.
    """
    if age_years is not None and age_years < ADULT_YEARS:
        return None
    for norm in NORMS.get(name, ()):
        if norm.sex in (None, sex) and analyzed_s >= norm.min_analyzed_s:
            return norm.range
    return None
