"""The words that free sentences are made of: a closed list, for one of refused words leaks."""

import re
from functools import cache
from pathlib import Path

FILE = Path(__file__).parent / "vocabulary.txt"

# Words that say something only together with the slot that makes it true.
RANGE = frozenset({"range", "ranges", "limit", "limits"})
JUDGING_KINDS = frozenset({"usual", "normal", "expected"})
RANGE_KINDS = JUDGING_KINDS | {"reference", "published", "stated", "cited", "comparison"}
DETERMINERS = RANGE_KINDS | {"the", "a", "its", "this", "that", "their", "your"}
GROUPS = frozenset({"adult", "adults", "population", "populations", "group", "groups"})
NEGATION = frozenset({"not", "no", "without", "neither", "nor", "cannot", "nobody"})
ABSENCE = frozenset(
    {
        *("absent", "missing", "unavailable", "unmeasured", "omitted", "left", "out", "withheld"),
        *("undetermined", "unable", "nothing"),
    }
)
# What is said of an absence beside it.
OF_ABSENCE = frozenset(
    {*("since", "absence", "possible", "allow", "permit", "remains", "establish", "assess")}
)
WARNING = frozenset({"warning", "warnings"})
WARNED = frozenset({"raised", "issued"})
LYING = frozenset({"falls", "fell", "lay", "places", "ranks"})
CONFIDENCE = frozenset({"confidence", "rated"})
CHANGE = frozenset(
    {
        *("since", "previous", "earlier", "prior", "former", "last", "first", "before", "against"),
        *("compared", "between", "comparison", "comparable", "change", "changes", "visit", "time"),
        *("reliable", "verdict", "visits", "series"),
    }
)
# What the state of the review makes true.
REVIEW = {
    "reviewed": frozenset({"reviewed", "signed", "off", "professional", "review"}),
    "waiting": frozenset(
        {
            *(
                "wait",
                "waits",
                "waiting",
                "await",
                "awaits",
                "awaiting",
                "review",
                "reviewed",
                "professional",
            ),
            *("signed", "off", "yet", "pending", "outstanding", "nobody", "unreviewed", "still"),
            *("sign-off", "to", "until", "reviews"),
        }
    ),
    "unreviewed": frozenset(
        {"reviewed", "signed", "off", "professional", "yet", "nobody", "unreviewed"}
    )
    | {"until", "reviews"},
}
SIGNED = frozenset({"reviewed", "signed"})
# Nouns that stand for a measure where the name of the measure has them.
MEASURE_NOUNS = frozenset(
    {
        *("rate", "interval", "duration", "index", "ratio", "score", "amplitude", "frequency"),
        *("probability", "density", "dimension", "diameter", "width", "area", "power", "accuracy"),
        *("variability", "asymmetry", "percentage", "share", "speed", "pressure", "span", "effect"),
        *("height", "length", "axis", "tortuosity", "load", "burden", "spread", "deviation"),
        *("pulse", "pitch", "loudness", "variance", "distance", "wave", "vessel", "lesion"),
    }
)
# Nouns that stand for whatever was measured.
GENERIC = frozenset({"value", "values", "result", "results", "measure", "measures", "measurement"})
# Said of the recording, where no measure is spoken of.
OF_RECORDING = frozenset({"leads", "affects", "period", "remaining"})
# Said of methods, where no fact is spoken of.
OF_METHODS = frozenset(
    {
        *("full", "before", "filtered", "sustained", "photograph", "photo", "lungs", "age", "sex"),
        *("needs", "need", "requires", "require", "smoothing", "cropped", "resized", "digitized"),
        *("normalized", "converted", "decoded", "trained", "citation", "citations", "source"),
        *("card", "times", "intervals", "confidence"),
    }
)
VERDICTS = frozenset({"verdict", "verdicts", "error", "errors", "repeatability", "comparison"})
OF_VERDICTS = VERDICTS | {
    *("compares", "compare", "compared", "earlier", "previous", "visit", "visits", "against"),
    *("account", "judged", "judges", "weighs"),
}
# Verbs by which a change would be found.
FINDING = frozenset(
    {
        *("detected", "found", "measured", "obtained", "shows", "showed", "shown", "observed"),
        *("noted", "seen", "indicates", "indicated", "reported", "recorded", "identified"),
        *("has", "had", "have", "there", "appears", "appeared", "gave"),
    }
)
# Said of many at once, where neither a position nor a verdict is; of each, where no value is.
SINGLY = frozenset({"each", "every"})
WHOLES = frozenset({"all", "both", "only", "single"}) | SINGLY
# What a sentence may begin or end with, and what it says as well without.
OPENINGS = re.compile(
    r"^(?:in (?:short|brief|summary|detail|addition|this (?:assessment|report|analysis|patient))"
    r"|at the same time|notably|of note|furthermore|additionally|moreover|finally"
    r"|over (?:time|the series)|below|first|next|to summarize|specifically|among the measures"
    r"|(?:please )?note that|please note"
    r"|altogether|in all|overall|likewise|as listed|for completeness"
    r"|for this (?:patient|person|assessment|recording)),? |"
    r" (?:as well|so far|by name|in this report|in the report|in this assessment)(?=[.,;:)]|$)",
    re.IGNORECASE,
)
# What is called otherwise in the field.
SYNONYMS = (
    (
        re.compile(r"\b(reference|normal|published|usual) interval(s?)\b", re.IGNORECASE),
        r"\1 range\2",
    ),
    (re.compile(r"\binterval of (?=\{F\d+\.range\})", re.IGNORECASE), "range of "),
    (re.compile(r"^(?:judged by|according to|measured against)\b", re.IGNORECASE), "with"),
    (
        re.compile(
            r"\b(?:against|with respect to|in relation to) (?=(?:its|the|that|this)\b[a-z ]*"
            r"\b(?:range|limits)\b)",
            re.IGNORECASE,
        ),
        "relative to ",
    ),
    (
        re.compile(r"\bbaseline (?=recording|visit|measurement|assessment|value)", re.IGNORECASE),
        "first ",
    ),
    (
        re.compile(
            r"\b(?:was|is) (?:judged|rated|classed|classified|graded) (?:as )?"
            r"(?=\{F\d+\.verdict\})",
            re.IGNORECASE,
        ),
        "is ",
    ),
    (re.compile(r"\b(?:trend|course) of (?=\{F\d+\.name\})", re.IGNORECASE), "change of "),
    (re.compile(r"\b(?:judged|rated|classified) as (?=\{F\d+\.verdict\})", re.IGNORECASE), ""),
    (
        re.compile(r"\b(?:waiting|waits|awaiting) to be reviewed\b", re.IGNORECASE),
        "waiting for review",
    ),
    (re.compile(r"\bsign-off is (?:pending|outstanding)\b", re.IGNORECASE), "review is pending"),
)
# Phrases whose words would otherwise say where a value lies.
PHRASES = re.compile(
    r"\b(?:(listed|shown|given|described|stated|reported|^(?:all )?(?:the |these )?values)"
    r" (?:below|above)"
    r"(?=\s*(?:[.,;:)]|was\b|were\b|is\b|are\b|and\b|with their\b|come\b|$))"
    r"|(?:over|across|throughout) (the (?:whole |entire )?"
    r"(?:recording|session|trace|signal|film|task|test))\b"
    r"|(came|come|carried) out\b|(?:could|do|does|did) (not)\b"
    r"|can be (read|found|seen)\b|in total\b|a total of(?= \{F\d+\.(?:measured|absent)\})"
    r"|^noise in the (signal|recording)(?= affects\b)|(?:rest|rests) (on)\b"
    r"|between (beats)\b|and then (measured)\b|(recorded) time\b"
    r"|(?:short|the same|the full|a full) (recordings?|session|signal|file|picture|task)\b)",
    re.IGNORECASE,
)


@cache
def neutral() -> frozenset[str]:
    """Return the words that are always allowed."""
    lines = FILE.read_text(encoding="utf-8").splitlines()
    return frozenset(word for line in lines if not line.startswith("#") for word in line.split())


@cache
def verbs() -> frozenset[str]:
    """Return the verbs that, at the beginning of a clause, ask for an act."""
    return frozenset((FILE.with_name("verbs.txt")).read_text(encoding="utf-8").split())
