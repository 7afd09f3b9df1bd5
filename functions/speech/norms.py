"""What is measured, and the published limits it can be held against.

Only limits whose source could be named are here. There are none by sex or age: published values by
sex exist as means for CPPS (Buckley et al. 2023, doi:10.1044/2023_AJSLP-22-00264), not as limits.
CPPS of running speech has a published limit (9.33 dB, Murton et al. 2020) for one English text; in
other texts healthy means lie from 7.8 to 11.3 dB by the sentence (Nunez-Batalla et al. 2019, quoted
there), and nobody says here what was read, so only a vowel is held against a limit. Pitch,
formants, level, tempo, pauses, tremor and diadochokinesis have no limits: they depend on the
person, the language, the text or the microphone.

A limit holds for its extractor and its population. Those of jitter are MDVP's, as quoted by
Praat's manual, which warns that MDVP measures differently; they are marked so. Shimmer has none:
MDVP's limit called 30 % of 40 healthy people abnormal (18 to 45 %), and shimmer moves more with the
loudness of a voice than with its health (Brockmann et al. 2008,
doi:10.1044/1092-4388(2008/06-0208)).
"""

from functions.speech.task import Task
from shared.biomarkers import Biomarker, catalog
from shared.norms import Norm, Norms, ReferenceRange

ADULT_YEARS = 18.0  # every limit here was taken from adults

SOURCES = {
    "mdvp-praat": "Boersma P, Weenink D. Praat manual, Voice 2 (Jitter): thresholds of the "
    "Multi-Dimensional Voice Program, another extractor",
    "praat-harmonicity": "Boersma P, Weenink D. Praat manual, Harmonicity; Boersma P (1993), "
    "Proceedings of the Institute of Phonetic Sciences 17, 97-110",
    "murton-2020": "Murton O, Hillman R, Mehta D (2020). Cepstral peak prominence values for "
    "clinical voice evaluation. doi:10.1044/2020_AJSLP-20-00001",
    "barsties-maryn-2016": "Barsties v. Latoszek B, Maryn Y (2016). External validation of the "
    "Acoustic Voice Quality Index version 03.01. doi:10.1177/0003489416636131",
}


VOWEL = (Task.SUSTAINED_VOWEL,)
SPEECH = (Task.SPEECH,)
VOICE = (Task.SUSTAINED_VOWEL, Task.SPEECH)
REPETITION = (Task.DIADOCHOKINESIS,)
CORNERS = (Task.CORNER_VOWELS,)

BIOMARKERS = catalog(
    [
        Biomarker("f0_mean", "Hz", "pitch", "Mean fundamental frequency"),
        Biomarker("f0_sd", "Hz", "pitch", "Standard deviation of the fundamental frequency"),
        Biomarker("f0_range_st", "{semitone}", "pitch", "Range of the middle 90 % of F0"),
        Biomarker("jitter_local", "%", "perturbation", "Period against its neighbor"),
        Biomarker("jitter_rap", "%", "perturbation", "Period against the mean of three"),
        Biomarker("jitter_ppq5", "%", "perturbation", "Period against the mean of five"),
        Biomarker("shimmer_local", "%", "perturbation", "Amplitude against its neighbor"),
        Biomarker("shimmer_apq3", "%", "perturbation", "Amplitude against the mean of three"),
        Biomarker("shimmer_apq11", "%", "perturbation", "Amplitude against the mean of eleven"),
        Biomarker("shimmer_local_db", "dB", "perturbation", "Amplitude against its neighbor"),
        Biomarker("hnr", "dB", "noise", "Harmonics-to-noise ratio"),
        Biomarker("cpps", "dB", "noise", "Smoothed cepstral peak prominence"),
        Biomarker("formant_1", "Hz", "resonance", "Median first formant"),
        Biomarker("formant_2", "Hz", "resonance", "Median second formant"),
        Biomarker("formant_3", "Hz", "resonance", "Median third formant"),
        Biomarker("intensity_mean", "dB", "level", "Level re full scale, not re 20 uPa"),
        Biomarker("voice_breaks", "%", "perturbation", "Share of the vowel lost in voice breaks"),
        Biomarker("speech_rate", "/s", "timing", "Syllables a second, with pauses"),
        Biomarker("articulation_rate", "/s", "timing", "Syllables a second, without pauses"),
        Biomarker("pause_ratio", "1", "timing", "Share of the speaking time that is pause"),
        Biomarker("pause_mean", "s", "timing", "Mean length of a pause"),
        Biomarker("phonation_time", "s", "timing", "Vowel: its length; speech: time sounding"),
        Biomarker("vocal_tremor_frequency", "Hz", "tremor", "Rate of a regular pitch tremor"),
        Biomarker("vocal_tremor_intensity", "%", "tremor", "Depth of the strongest tremor"),
        Biomarker("avqi", "1", "noise", "Acoustic Voice Quality Index 03.01"),
        Biomarker("ddk_rate", "/s", "articulation", "Repeated syllables a second"),
        Biomarker(
            "ddk_regularity",
            "%",
            "articulation",
            "Coefficient of variation of the intervals: 0 is a clock",
        ),
        Biomarker("alpha_ratio", "dB", "spectrum", "Level of 1-5 kHz over that of 50-1000 Hz"),
        Biomarker("hammarberg_index", "dB", "spectrum", "Peak below 2 kHz over that of 2-5 kHz"),
        Biomarker("h1_h2", "dB", "spectrum", "First harmonic over the second, as it sounds"),
        Biomarker(
            "amplitude_tremor_frequency", "Hz", "tremor", "Rate of a regular amplitude tremor"
        ),
        Biomarker(
            "amplitude_tremor_intensity", "%", "tremor", "Depth of the strongest amplitude tremor"
        ),
        Biomarker(
            "voice_onset_time", "ms", "articulation", "From the burst of a syllable to its voice"
        ),
        Biomarker(
            "vowel_space_area", "kHz2", "resonance", "Triangle of /a/, /i/ and /u/ in F1 and F2"
        ),
        Biomarker("formant_centralization_ratio", "1", "resonance", "F2u+F2a+F1i+F1u over F2i+F1a"),
    ]
)

# Tasks that can give a measure.
TASKS = {
    "f0_mean": VOICE,
    "f0_sd": VOICE,
    "f0_range_st": VOICE,
    "jitter_local": VOWEL,
    "jitter_rap": VOWEL,
    "jitter_ppq5": VOWEL,
    "shimmer_local": VOWEL,
    "shimmer_apq3": VOWEL,
    "shimmer_apq11": VOWEL,
    "shimmer_local_db": VOWEL,
    "hnr": VOWEL,
    "cpps": VOICE,
    "alpha_ratio": VOICE,
    "hammarberg_index": VOICE,
    "h1_h2": VOICE,
    "formant_1": VOWEL,
    "formant_2": VOWEL,
    "formant_3": VOWEL,
    "intensity_mean": tuple(Task),
    "voice_breaks": VOWEL,
    "speech_rate": SPEECH,
    "articulation_rate": SPEECH,
    "pause_ratio": SPEECH,
    "pause_mean": SPEECH,
    "phonation_time": VOICE,
    "vocal_tremor_frequency": VOWEL,
    "vocal_tremor_intensity": VOWEL,
    "amplitude_tremor_frequency": VOWEL,
    "amplitude_tremor_intensity": VOWEL,
    "avqi": SPEECH,
    "vowel_space_area": CORNERS,
    "formant_centralization_ratio": CORNERS,
    "voice_onset_time": REPETITION,
    "ddk_rate": REPETITION,
    "ddk_regularity": REPETITION,
}

MDVP_ADULTS = "adults, sustained /a/, measured by MDVP: another extractor than Praat"
MURTON_ADULTS = "adults, sustained /a/, Praat (its settings were not compared with those here)"


def _adults(band: ReferenceRange, task: Task | None = None) -> Norm:
    return Norm(band, min_age_years=ADULT_YEARS, task=task)


NORMS: Norms = {
    "jitter_local": (_adults(ReferenceRange(None, 1.04, "mdvp-praat", MDVP_ADULTS)),),
    "jitter_rap": (_adults(ReferenceRange(None, 0.68, "mdvp-praat", MDVP_ADULTS)),),
    "jitter_ppq5": (_adults(ReferenceRange(None, 0.84, "mdvp-praat", MDVP_ADULTS)),),
    "hnr": (
        _adults(
            ReferenceRange(20.0, None, "praat-harmonicity", "healthy adults, sustained /a/, about")
        ),
    ),
    "cpps": (
        _adults(
            ReferenceRange(14.45, None, "murton-2020", MURTON_ADULTS),
            Task.SUSTAINED_VOWEL,
        ),
    ),
    "avqi": (_adults(ReferenceRange(None, 2.43, "barsties-maryn-2016", "adults, Dutch")),),
}
