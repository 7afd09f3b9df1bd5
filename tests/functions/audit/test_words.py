"""What the trail says to the person whose record it is about."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest

from functions.audit.schemas import LogEntry
from functions.audit.words import entry
from shared.database.repositories.trail import Event

PERSON, DOCTOR = uuid4(), uuid4()
READING: dict[str, Any] = {
    "id": 1,
    "created_at": datetime(2026, 3, 1, tzinfo=UTC),
    "seq": None,
    "user_id": DOCTOR,
    "actor_type": "user",
    "actor_role": "clinician",
    "actor_ip": None,
    "user_agent": None,
    "request_id": None,
    "session_id": None,
    "action": "read",
    "resource_type": "assessments",
    "resource_id": None,
    "subject_id": PERSON,
    "outcome": "success",
    "phi_accessed": True,
    "details": {},
}
NAMES = {DOCTOR: "Dr. Ada Moss"}


def told(names: dict[UUID, str] = NAMES, **changes: Any) -> LogEntry:
    return entry(Event(**READING | changes), PERSON, names)


class TestWho:
    def test_whoever_is_named_has_a_role(self) -> None:
        assert told().who == "Dr. Ada Moss, a clinician"

    @pytest.mark.parametrize(
        ("role", "who"),
        [("researcher", "a researcher"), ("admin", "an admin"), (None, "somebody without a role")],
    )
    def test_role_alone(self, role: str | None, who: str) -> None:
        assert told({}, actor_role=role).who == who

    def test_own_acts_are_yours(self) -> None:
        assert told(user_id=PERSON, actor_role="patient").who == "you"

    def test_nobody_acts_in_the_systems_name(self) -> None:
        assert "the system" in told(actor_type="system", user_id=None).who

    @pytest.mark.parametrize(("session", "by_program"), [("key 12", True), ("keyboard", False)])
    def test_a_key_is_a_program(self, session: str, by_program: bool) -> None:
        assert ("(by a program)" in told(session_id=session).who) is by_program


class TestWhat:
    @pytest.mark.parametrize(
        ("action", "resource", "what"),
        [
            ("read", "assessments", "looked at one of your assessments"),
            ("update", "user_profiles", "changed your profile"),
            ("delete", "uploaded_files", "deleted one of your recordings"),
            ("read", "speech_results", "looked at the results of one of your assessments"),
            ("create", "new_things", "added your record (new things)"),
        ],
    )
    def test_deed_and_record(self, action: str, resource: str, what: str) -> None:
        assert told(action=action, resource_type=resource).what == what

    def test_what_was_refused_was_not_done(self) -> None:
        what = told(outcome="denied").what
        assert what == "was refused: would have looked at one of your assessments"


class TestWhy:
    def test_everyday_acts_have_no_reason(self) -> None:
        assert told().why is None

    def test_reason_that_was_given(self) -> None:
        assert told(details={"reason": "second opinion"}).why == "second opinion"

    @pytest.mark.parametrize(
        ("details", "why"),
        [
            ({"break_glass": "1", "reason": "unconscious"}, "an emergency: unconscious"),
            ({"break_glass": "1"}, "an emergency"),
        ],
    )
    def test_emergency_access_says_so(self, details: dict[str, Any], why: str) -> None:
        assert told(details=details).why == why

    def test_the_grant_itself_is_an_emergency(self) -> None:
        granted = told(resource_type="break_glass_grants", details={"reason": "unconscious"})
        assert granted.why == "an emergency: unconscious"
