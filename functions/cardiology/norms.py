"""What is measured, and the published limits it can be held against.

Limits are those of adults: a person under 18 gets none. Variability over five minutes has no
range here: published values [nunan-2010] are means of groups that differ several times over with
age, posture and breathing, not limits of a person, and those of spectra contradict each other.
"""

from shared.biomarkers import Biomarker, catalog
from shared.norms import Norm, Norms, ReferenceRange
from shared.vocabulary import Sex

ADULT_YEARS = 18
MIN_DAY_S = 18 * 3600.0  # the least that counts as a 24 h recording in [task-force-1996]

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

BIOMARKERS = catalog(
    [
        Biomarker("heart_rate", "/min", "rhythm", "Mean heart rate"),
        Biomarker("rr_mean", "ms", "variability", "Mean interval between normal beats"),
        Biomarker("sdnn", "ms", "variability", "Standard deviation of NN intervals"),
        Biomarker("rmssd", "ms", "variability", "Root mean square of successive NN differences"),
        Biomarker("sdsd", "ms", "variability", "Standard deviation of successive NN differences"),
        Biomarker("pnn50", "%", "variability", "Share of successive NN differences above 50 ms"),
        Biomarker("rr_cv", "%", "variability", "Coefficient of variation of NN intervals"),
        Biomarker("lf_power", "ms2", "variability", "Power of NN intervals from 0.04 to 0.15 Hz"),
        Biomarker("hf_power", "ms2", "variability", "Power of NN intervals from 0.15 to 0.40 Hz"),
        Biomarker("lf_hf_ratio", "1", "variability", "Low-frequency over high-frequency power"),
        Biomarker("sd1", "ms", "variability", "Poincare plot: spread across the line of identity"),
        Biomarker("sd2", "ms", "variability", "Poincare plot: spread along the line of identity"),
        Biomarker("pr_interval", "ms", "interval", "Onset of P to onset of QRS"),
        Biomarker("qrs_duration", "ms", "interval", "Onset to end of QRS"),
        Biomarker("qt_interval", "ms", "interval", "Onset of QRS to end of T"),
        Biomarker("qtc_bazett", "ms", "interval", "QT over the square root of RR"),
        Biomarker("qtc_fridericia", "ms", "interval", "QT over the cube root of RR"),
        Biomarker("qtc_framingham", "ms", "interval", "QT plus 154 ms times (1 - RR)"),
        Biomarker(
            "ectopic_burden",
            "%",
            "rhythm",
            "Share of ventricular ectopic beats",
        ),
        Biomarker("af_burden", "%", "rhythm", "Share of the time in possible atrial fibrillation"),
        Biomarker("pause_max", "s", "rhythm", "Longest interval between two beats"),
        Biomarker("p_duration", "ms", "interval", "Onset to end of P"),
        Biomarker("qrs_axis", "deg", "interval", "Frontal axis of the QRS area"),
    ]
)


def _adults(band: ReferenceRange, sex: Sex | None = None, min_duration_s: float = 0.0) -> Norm:
    return Norm(band, sex, min_age_years=ADULT_YEARS, min_duration_s=min_duration_s)


def _qtc(sex: Sex | None, high: float, population: str) -> Norm:
    band = ReferenceRange(390, high, "rautaharju-2009", population, critical_high=500)
    return _adults(band, sex=sex)


# 500 ms: [drew-2010]. Where the sex is not given, only what is too long for either counts as such.
_QTC = (
    _qtc("male", 450, "men"),
    _qtc("female", 460, "women"),
    _qtc(None, 460, "adults whose sex is not given: above the limits of both sexes"),
)

NORMS: Norms = {
    "heart_rate": (
        _adults(
            ReferenceRange(
                60, 100, "kusumoto-2018", "adults at rest", critical_low=40, critical_high=130
            )
        ),
    ),
    "pr_interval": (_adults(ReferenceRange(120, 200, "kusumoto-2018", "adults")),),
    "qrs_duration": (_adults(ReferenceRange(None, 110, "surawicz-2009", "adults")),),
    "qrs_axis": (_adults(ReferenceRange(-30, 90, "surawicz-2009", "adults")),),
    "qtc_fridericia": _QTC,
    "qtc_bazett": _QTC,
    "qtc_framingham": _QTC,
    "pause_max": (
        _adults(ReferenceRange(None, 2.0, "kusumoto-2018", "adults", critical_high=3.0)),
    ),
    "af_burden": (_adults(ReferenceRange(None, 0.0, "van-gelder-2024", "adults")),),
    # Mean ± 2 standard deviations of the healthy persons there.
    "sdnn": (
        _adults(
            ReferenceRange(63, 219, "task-force-1996", "healthy adults, 24 h"),
            min_duration_s=MIN_DAY_S,
        ),
    ),
    "rmssd": (
        _adults(
            ReferenceRange(3, 51, "task-force-1996", "healthy adults, 24 h"),
            min_duration_s=MIN_DAY_S,
        ),
    ),
}
