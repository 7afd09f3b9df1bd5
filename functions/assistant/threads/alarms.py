"""Whether words tell of an emergency, ask of what may be one, or only mention it."""

from enum import StrEnum

from functions.assistant.language import Voice
from functions.assistant.threads.patterns import clauses, fits, is_question, without

# Sections of the patterns: what is read for no emergency, what speaks of a record or of long ago,
# and what tells of a body or a danger.
CALM, RECORD, BYGONE, ACUTE = "calm", "record", "bygone", "acute"
EMERGENCY, COMPLAINT, DISTRESS = "emergency", "complaint", "distress"


class Alarm(StrEnum):
    """How much of an emergency words are."""

    TOLD = "told"
    ASKED = "asked"
    # Of long ago, or in a clinician's notes: "Indication: chest pain."
    MENTIONED = "mentioned"


def alarm_of(words: str, masked: str, voice: Voice) -> Alarm | None:
    """Return the gravest of what the clauses of a question are, its measures masked in `masked`."""
    if _complains(without(CALM, masked), voice):
        return Alarm.TOLD
    uneasy = without(CALM, words)
    alarms = [_of_clause(clause, voice) for clause in clauses(uneasy) if fits(EMERGENCY, clause)]
    if not alarms and fits(EMERGENCY, uneasy):
        alarms = [Alarm.TOLD]
    return next((alarm for alarm in Alarm if alarm in alarms), None)


def _of_clause(clause: str, voice: Voice) -> Alarm:
    if fits(BYGONE, clause):
        return Alarm.MENTIONED
    if is_question(clause):
        return Alarm.ASKED
    is_note = voice is not Voice.PATIENT and not fits(ACUTE, clause)
    return Alarm.MENTIONED if is_note else Alarm.TOLD


def _complains(uneasy: str, voice: Voice) -> bool:
    """Whether something is told, not asked, of a body or a danger, and of no record."""
    heads = (COMPLAINT, f"{Voice.PATIENT} {COMPLAINT}")[: 1 + (voice is Voice.PATIENT)]
    calm = (RECORD, BYGONE)
    told = (clause for clause in clauses(uneasy) if not is_question(clause))
    plain = [clause for clause in told if not any(fits(head, clause) for head in calm)]
    return any(fits(head, clause) for clause in plain for head in heads)


def is_distressed(words: str) -> bool:
    """Whether somebody speaks of how they are, so that an emergency may have been missed."""
    told = (clause for clause in clauses(without(CALM, words)) if not is_question(clause))
    return any(fits(DISTRESS, clause) for clause in told)
