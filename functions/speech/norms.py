"""Reference limits of voice measures, and the catalog of what is measured.

`reference_range(name, task, age_years) -> ReferenceRange | None`.

Only limits whose source could be named are here. There are none by sex or age: published values by
sex exist as means for CPPS (Buckley et al. 2023, doi:10.1044/2023_AJSLP-22-00264), not as limits.
CPPS of running speech has a published limit (9.33 dB, Murton et al. 2020) for one English text; in
other texts healthy means lie from 7.8 to 11.3 dB by the sentence (Nunez-Batalla et al. 2019, quoted
there), and nobody says here what was read, so only a vowel is held against a limit. Pitch,
formants, level, tempo, pauses, tremor and diadochokinesis have no limits: they depend on the
person, the language, the text or the microphone.

The limits of perturbation are those of MDVP, as quoted by Praat's manual, which warns that MDVP
measures differently: they are guidance, not a diagnosis.
"""

from dataclasses import dataclass

from functions.speech.sound import Task
from shared.vocabulary import ReferenceRange

ADULT_YEARS = 18.0  # every limit here was taken from adults

SOURCES = {
    "mdvp-praat": "Boersma P, Weenink D. Praat manual, Voice 2 (Jitter) and Voice 3 (Shimmer): "
    "thresholds of the Multi-Dimensional Voice Program",
    "praat-harmonicity": "Boersma P, Weenink D. Praat manual, Harmonicity; Boersma P (1993), "
    "Proceedings of the Institute of Phonetic Sciences 17, 97-110",
    "murton-2020": "Murton O, Hillman R, Mehta D (2020). Cepstral peak prominence values for "
    "clinical voice evaluation. doi:10.1044/2020_AJSLP-20-00001",
    "barsties-maryn-2016": "Barsties v. Latoszek B, Maryn Y (2016). External validation of the "
    "Acoustic Voice Quality Index version 03.01. doi:10.1177/0003489416636131",
}


@dataclass(frozen=True)
class Biomarker:
    """What the catalog says of one measure; `tasks` are those that can give it."""

    unit: str
    category: str
    meaning: str
    tasks: tuple[Task, ...]


VOWEL = (Task.SUSTAINED_VOWEL,)
SPEECH = (Task.SPEECH,)
VOICE = (Task.SUSTAINED_VOWEL, Task.SPEECH)
REPETITION = (Task.DIADOCHOKINESIS,)

CATALOG = {
    "f0_mean": Biomarker("Hz", "pitch", "Mean fundamental frequency", VOICE),
    "f0_sd": Biomarker("Hz", "pitch", "Standard deviation of the fundamental frequency", VOICE),
    "f0_range_st": Biomarker("semitones", "pitch", "Range of the middle 90 % of F0", VOICE),
    "jitter_local": Biomarker("%", "perturbation", "Change from period to period", VOWEL),
    "jitter_rap": Biomarker("%", "perturbation", "Change of period against three", VOWEL),
    "jitter_ppq5": Biomarker("%", "perturbation", "Change of period against five", VOWEL),
    "shimmer_local": Biomarker("%", "perturbation", "Change of amplitude by period", VOWEL),
    "shimmer_apq3": Biomarker("%", "perturbation", "Change of amplitude against three", VOWEL),
    "shimmer_apq11": Biomarker("%", "perturbation", "Change of amplitude against eleven", VOWEL),
    "shimmer_local_db": Biomarker("dB", "perturbation", "Change of amplitude by period", VOWEL),
    "hnr": Biomarker("dB", "noise", "Harmonics-to-noise ratio", VOWEL),
    "cpps": Biomarker("dB", "noise", "Smoothed cepstral peak prominence", VOICE),
    "formant_1": Biomarker("Hz", "resonance", "Median first formant", VOWEL),
    "formant_2": Biomarker("Hz", "resonance", "Median second formant", VOWEL),
    "formant_3": Biomarker("Hz", "resonance", "Median third formant", VOWEL),
    "intensity_mean": Biomarker("dB", "level", "Level re full scale, not re 20 uPa", tuple(Task)),
    "voice_breaks": Biomarker("%", "perturbation", "Share of the vowel lost in breaks", VOWEL),
    "speech_rate": Biomarker("/s", "timing", "Syllables a second, with pauses", SPEECH),
    "articulation_rate": Biomarker("/s", "timing", "Syllables a second, without pauses", SPEECH),
    "pause_ratio": Biomarker("1", "timing", "Share of the speaking time that is pause", SPEECH),
    "pause_mean": Biomarker("s", "timing", "Mean length of a pause", SPEECH),
    "phonation_time": Biomarker("s", "timing", "Vowel: its length; speech: time sounding", VOICE),
    "vocal_tremor_frequency": Biomarker("Hz", "tremor", "Rate of a regular pitch tremor", VOWEL),
    "vocal_tremor_intensity": Biomarker("%", "tremor", "Depth of the strongest tremor", VOWEL),
    "avqi": Biomarker("1", "noise", "Acoustic Voice Quality Index 03.01", SPEECH),
    "ddk_rate": Biomarker("/s", "articulation", "Repeated syllables a second", REPETITION),
    "ddk_regularity": Biomarker("%", "articulation", "Variation of the intervals", REPETITION),
}

MDVP_ADULTS = "adults, sustained /a/, measured by MDVP"
LIMITS = {
    "jitter_local": ReferenceRange(None, 1.04, "mdvp-praat", MDVP_ADULTS),
    "jitter_rap": ReferenceRange(None, 0.68, "mdvp-praat", MDVP_ADULTS),
    "jitter_ppq5": ReferenceRange(None, 0.84, "mdvp-praat", MDVP_ADULTS),
    "shimmer_local": ReferenceRange(None, 3.81, "mdvp-praat", MDVP_ADULTS),
    "shimmer_local_db": ReferenceRange(None, 0.35, "mdvp-praat", MDVP_ADULTS),
    "shimmer_apq11": ReferenceRange(None, 3.07, "mdvp-praat", MDVP_ADULTS),
    "hnr": ReferenceRange(20.0, None, "praat-harmonicity", "healthy adults, sustained /a/, about"),
    "avqi": ReferenceRange(None, 2.43, "barsties-maryn-2016", "adults, Dutch"),
}
CPPS_OF_VOWEL = ReferenceRange(14.45, None, "murton-2020", "adults, sustained /a/")


def reference_range(name: str, task: Task, age_years: float | None) -> ReferenceRange | None:
    """Limit of a measure in a task; None where there is none, or none for the person's age."""
    if age_years is not None and age_years < ADULT_YEARS:
        return None
    if name == "cpps":
        return CPPS_OF_VOWEL if task is Task.SUSTAINED_VOWEL else None
    return LIMITS.get(name)
