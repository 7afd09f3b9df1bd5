"""What a question asks for, told by fixed patterns; its words never become part of an answer.

No question is sent anywhere, to a language model neither: what decides is read here alone.
"""

import re
import unicodedata
from collections.abc import Iterable
from enum import StrEnum
from functools import cache

from functions.assistant.language import Voice


class Intent(StrEnum):
    """The class of a question, which alone chooses the answer."""

    EMERGENCY = "emergency"
    DIAGNOSIS = "diagnosis"
    TREATMENT = "treatment"
    ANOTHER_PERSON = "another-person"
    PROGNOSIS = "prognosis"
    ABSENCES = "absences"
    CHANGES = "changes"
    REVIEW = "review"
    RANGES = "ranges"
    MEANING = "meaning"
    MEASURED = "measured"
    UNKNOWN = "unknown"


# What is answered from facts, and offered as a question.
ANSWERED = (
    *(Intent.MEASURED, Intent.RANGES, Intent.CHANGES, Intent.ABSENCES, Intent.MEANING),
    Intent.REVIEW,
)
# What is declined in fixed words.
DECLINED = (Intent.TREATMENT, Intent.ANOTHER_PERSON, Intent.PROGNOSIS, Intent.DIAGNOSIS)

CHEST = r"(chest|heart|breast ?bone)"
# In order: an emergency is answered before anything else, and what is declined before what is told.
EMERGENCY = (
    rf"{CHEST} (pain|hurts|ache|pressure|tightness)|(pain|pressure|tightness|crushing) "
    rf"(in|on|across) (my|the|his|her) {CHEST}|{CHEST} is (tight|hurting)|"
    r"((can ?not|can'?t|cant|could ?n'?t|unable to|hard to|trouble|difficulty|struggl\w+ to) "
    r"(breath|catch (my|his|her) breath))|short(ness)? of breath|not breathing|stopped breathing|"
    r"gasping|chok(e|ing)|"
    r"suicid|kill(ing)? (my|him|her|them)sel|end (my|his|her) (own )?life|take my (own )?life|"
    r"(harm|hurt|cut)(ing|ting)? (my|him|her)self|better off dead|no reason to live|"
    r"heart attack|cardiac arrest|(having|had|has|is it|this) a stroke|"
    r"(face|mouth) (is |has )?(droop|gone numb|fell)|"
    r"pass(ed|ing) out|faint(ed|ing)|blacked out|unconscious|unresponsive|"
    r"(not|won'?t|can ?not|can'?t) wak(e|ing)|collaps(ed|ing)|no pulse|turn(ed|ing) blue|"
    r"overdos|took too many|swallowed (too many|poison|bleach)|poison(ed|ing)|"
    r"bleeding|bled out|(having|had|has) a (seizure|fit)|seizing|anaphyla|"
    r"ambulance|emergency|\b(911|112|999)\b|call for help|please help me|"
    r"(went|gone|go|goes|going|is|are|feels?) numb|(can ?not|can'?t|cant) (speak|talk|move|see)|"
    r"slurr|lost (my |his |her )?(sight|vision|speech)|(sudden|worst) .{0,20}headache|"
    r"(don'?t|do not|dont) want to (live|be alive|be here)|"
    r"want(s|ed)? to die|(i'?m|i am|is|he'?s|she'?s) dying"
)
TREATMENT = (
    r"\b(treat\w*|doses?|dosage|dosing|medicat\w*|medicines?|drugs?|pills?|tablets?|prescri\w*|"
    r"therap\w+|remed(y|ies)|aspirin|warfarin|insulin|statins?|ibuprofen|antibiotics?|"
    r"anticoagula\w*|operations?|surger\w+|\w{1,20} blockers?|pacemakers?|mg|milligrams?|"
    r"supplements?|vitamins?|diets?|cure[sd]?|exercises? (should|can|must)|"
    r"(what|which|how much|how many|when) (\w+ ){0,3}(should|can|must|do) i (do|take|eat|drink|stop)|"
    r"should (i|he|she|we|they) (stop|start|take|change|go|see|get|eat|drink|avoid|rest|exercise)|"
    r"what (now|next)|next steps?|can i (stop|skip|start|take|drink|exercise|run|drive|fly|work)|"
    r"how (can|do|could) i (lower|raise|improve|reduce|increase|fix)|advi[cs]e)\b"
)
RELATIVE = (
    r"wife|husband|spouse|partner|mother|mom|mum|father|dad|parents?|son|daughter|child|kid|baby|"
    r"brother|sister|aunt|uncle|cousin|grand\w+|friend|neighbou?r|boss|colleague|roommate"
)
ANOTHER_PERSON = (
    rf"\b(my ({RELATIVE})|"
    r"(an)?other (patient|person|people|record|organi[sz]ation|clinic)s?|other'?s (results?|values?)|"
    r"some(one|body) else|everybody|everyone|all (the )?patients|next patient|"
    r"(list|show|name) (\w+ ){0,2}patients|patients? (named|called)|"
    r"(mr|mrs|ms|dr)\.? [a-z]{2,30}'s)\b"
)
# Of whom a patient speaks so is somebody else; to a clinician it is the person of the record.
PRONOUNS = r"\b(he|she|his|her|hers|him)\b"
PROGNOSIS = (
    r"\b(serious|severe|danger(ous)?|die[sd]?|death|deadly|surviv\w*|prognos\w*|life expectancy|"
    r"how long (do|will|have|can) i|(get|gets|getting) (worse|better)|(in|for) (the|my) future|"
    r"risks?|should i (worry|be (worried|scared|afraid))|worr(y|ied|ying)|fatal|lethal|harmful|"
    r"(live|living) (long|longer)|outlook|predict\w*|will (i|it|this|he|she) (be|get|go|become|recover))\b"
)
DIAGNOSIS = (
    r"\b(do i have|have i got|(does|has) (he|she|the patient|this (patient|person)) (have|got)|"
    r"diagnos\w*|diseases?|disorders?|cancer\w*|tumou?rs?|melanoma|malignan\w*|benign|arrhythmias?|"
    r"fibrillation|afib|a-fib|parkinson\w*|diabet\w*|dementia|alzheimer\w*|pneumonia|glaucoma|"
    r"depress(ed|ion)|adhd|autis\w*|tuberculosis|covid|infarct\w*|ischa?emi\w*|heart failure|"
    r"retinopathy|hypertension|"
    r"am i (sick|ill|healthy|ok|okay|fine|well|normal|going)|(is|are) (my|the) (heart|voice|eyes?|skin|"
    r"lungs?|brain|memory) (ok|okay|fine|healthy|good|bad|sick|alright)|"
    r"(is|are) (it|this|these|everything|all) (ok|okay|fine|good|bad|healthy|alright|well)|"
    r"what('?s| is) wrong|caus(e|es|ed|ing)|why (is|are|was) (my|the) [\w ]{1,40}(high|low|fast|slow)|"
    r"syndrome|condition|symptoms?|sick|sickness|illness\w*|conclu\w+|interpret\w*|rule[sd]? out)\b"
)
ABSENCES = (
    r"\b(absent|absence|missing|not (be |been )?(measured|there|given|available|calculated)|"
    r"no (\w+ )?(values?|results?)|could ?n[o']t (be )?(measured?)?|(was|were|is|are)n'?t "
    r"(measured|there)|why (is|was) there no|left out|failed|gaps?|incomplete)\b"
)
CHANGES = (
    r"\b(chang\w*|compar\w*|differen(t|ce)s?|since|last time|previous\w*|earlier|before|trends?|"
    r"increas\w*|decreas\w*|risen|rising|fallen|falling|gone (up|down)|go(ing)? (up|down)|"
    r"improv\w*|worsen\w*|progress\w*|over time|history|first test|than (last|usual))\b"
)
REVIEW = (
    r"\b(review\w*|signed( off)?|sign-?off|approved|confirmed by|checked by|seen by|looked at|"
    r"(has|did) (a|an|any|my|the|some)\w* ?(doctor|clinician|physician|nurse|professional|body|one))\b"
)
RANGES = (
    r"\b(ranges?|normal|abnormal|usual|unusual|outside|within|inside|too (high|low|fast|slow|long|short)|"
    r"high|low|limits?|critical|borderline|elevated|reduced|reference|out of range|stand out)\b"
)
RESULTS = (
    r"\b(explain|understand|summar\w+|tell me about|go (over|through)) (to me )?(my|the|these|this|all)? ?"
    r"(results?|values?|numbers?|tests?|ecg|ekg|record\w*|report|measure\w*)\b"
)
MEANING = r"\b(mean(s|ing)?|meant|explain|define|definition|stand(s)? for|called|abbreviation)\b"
WHAT_IS = r"\b(what('?s| is| are| was| were)|tell me about|how (is|are) .{1,60} (measured|computed))\b"
MEASURED = (
    r"\b(measur\w*|results?|values?|numbers|findings|find out|what did you find|found|recorded|"
    r"show( me)?|list|summar\w+|overview|report|how (fast|high|long|many|much|low) (is|was|were|did))\b"
)
PATTERNS = (
    (Intent.MEASURED, RESULTS),
    (Intent.MEANING, MEANING),
    (Intent.ABSENCES, ABSENCES),
    (Intent.CHANGES, CHANGES),
    (Intent.REVIEW, REVIEW),
    (Intent.RANGES, RANGES),
    (Intent.MEASURED, MEASURED),
    (Intent.MEANING, WHAT_IS),
)
OUT_OF_SCOPE = (
    (Intent.TREATMENT, TREATMENT),
    (Intent.ANOTHER_PERSON, ANOTHER_PERSON),
    (Intent.PROGNOSIS, PROGNOSIS),
    (Intent.DIAGNOSIS, DIAGNOSIS),
)


def plain(question: str) -> str:
    """Return a question in small letters, without marks that nobody sees and double blanks."""
    letters = unicodedata.normalize("NFKC", question).replace("\u2019", "'")
    seen = (letter for letter in letters if unicodedata.category(letter) != "Cf")
    return " ".join("".join(seen).casefold().split())


def intent_of(
    question: str, *, names: Iterable[str] = (), voice: Voice = Voice.PATIENT
) -> Intent:
    """Return what a question asks for: the first class of the order that its words fit.

    `names` are measures of the record in small letters, such as "edema risk": their own words ask
    for nothing. Of a question for nothing but a measure it is told what was measured.
    """
    asked = plain(question)
    if _fits(EMERGENCY, asked):
        return Intent.EMERGENCY
    without_names = asked
    for name in sorted(names, key=len, reverse=True):
        without_names = without_names.replace(name, " it ")
    declined = dict(OUT_OF_SCOPE)
    if voice is Voice.PATIENT:
        declined[Intent.ANOTHER_PERSON] += f"|{PRONOUNS}"
    for intent, pattern in (*declined.items(), *PATTERNS):
        if _fits(pattern, without_names):
            return intent
    return Intent.MEASURED if without_names != asked else Intent.UNKNOWN


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)


def _fits(pattern: str, words: str) -> bool:
    return _compiled(pattern).search(words) is not None
