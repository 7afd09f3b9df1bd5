"""What an entry of the trail says to the person whose record it is about."""

from collections.abc import Mapping
from uuid import UUID

from functions.audit.schemas import LogEntry
from shared.database.repositories.trail import Event

ACTIONS = {
    "create": "added {}",
    "read": "looked at {}",
    "update": "changed {}",
    "delete": "deleted {}",
    "restore": "restored {}",
    "execute": "used {}",
}
RECORDS = {
    "assessments": "one of your assessments",
    "pipeline_stages": "how one of your recordings was analyzed",
    "biomarker_values": "your measured values",
    "research_cohorts": "your measured values, without your name, for research",
    "assessment_pictures": "a picture of one of your assessments",
    "uploaded_files": "one of your recordings",
    "users": "your name and contact data",
    "person_identifiers": "a number that you are known by",
    "user_profiles": "your profile",
    "user_roles": "what you may do here",
    "consents": "what you agreed to",
    "care_assignments": "who cares for you",
    "sign_offs": "the review of one of your assessments",
    "moves": "which record one of your assessments belongs to",
    "merges": "which records are yours",
    "chat_threads": "a conversation of yours",
    "chat_messages": "a conversation of yours",
    "ai_explanations": "an explanation of one of your assessments",
    "audit_events": "the log of who looked at your record",
    "audit_questions": "a question about this log",
    "break_glass_grants": "an emergency access to your record",
}
RESULTS = "the results of one of your assessments"
OTHER = "your record ({})"
DENIED = "was refused: would have {}"


def entry(event: Event, person_id: UUID, names: Mapping[UUID, str]) -> LogEntry:
    """Say who did what, to the person whose log it is: what they did themselves, `you` did.

    Whoever is in `names` is named, with the role that they had at the time.
    """
    return LogEntry(
        id=event.id,
        at=event.created_at,
        who=_who(event, person_id, names),
        person_id=event.user_id,
        role=event.actor_role,
        what=_what(event),
        why=_why(event),
        outcome=event.outcome,
        record_type=event.resource_type,
        record_id=event.resource_id,
    )


def _who(event: Event, person_id: UUID, names: Mapping[UUID, str]) -> str:
    if event.user_id == person_id:
        return "you"
    if event.actor_type == "system":
        return "the system, in nobody's name"
    name = names.get(event.user_id) if event.user_id else None
    return f"{name}, {_role(event)}" if name else _role(event)


def _role(event: Event) -> str:
    if event.actor_role is None:
        return "somebody without a role"
    article = "an" if event.actor_role[0] in "aeiou" else "a"
    program = " (by a program)" if (event.session_id or "").startswith("key ") else ""
    return f"{article} {event.actor_role}{program}"


def _what(event: Event) -> str:
    record = RECORDS.get(event.resource_type)
    if record is None:
        is_result = event.resource_type.endswith("_results")
        record = RESULTS if is_result else OTHER.format(event.resource_type.replace("_", " "))
    deed = ACTIONS[event.action].format(record)
    return DENIED.format(deed) if event.outcome == "denied" else deed


def _why(event: Event) -> str | None:
    """The reason that was given, where there was one: an act of every day has none but the care."""
    reason = event.details.get("reason")
    if "break_glass" in event.details or event.resource_type == "break_glass_grants":
        return f"an emergency: {reason}" if reason else "an emergency"
    return str(reason) if reason else None
