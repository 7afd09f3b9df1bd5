"""The table of who may ask for what, and the page that is made of it.

`uv run python -m tests.access` writes docs/access.md.
"""

import asyncio
from collections.abc import Iterable, Iterator
from enum import Enum, StrEnum, auto
from typing import Any

from local.prove.routes import Operation
from local.server import discover
from shared.permissions import ROLES, Permission, RoleName
from shared.pipelines import PipelineName
from tests.conftest import ROOT


class Person(StrEnum):
    """Who asks: somebody of a single role, nobody, or somebody to whom something has happened."""

    PATIENT = RoleName.PATIENT
    CLINICIAN = RoleName.CLINICIAN
    ADMIN = RoleName.ADMIN
    RESEARCHER = RoleName.RESEARCHER
    NOBODY = "nobody"
    KEY = "a key without the scope"
    REVOKED = "every role revoked"
    DEACTIVATED = "deactivated"


class Answer(Enum):
    """What a route answers somebody who asks for a record that is not there."""

    SERVED = "yes"
    UNSIGNED = "400"
    SIGN_IN = "401"
    FORBIDDEN = "403"


class Anyone(Enum):
    """Who is not asked for a role."""

    EVERYBODY = auto()
    SCHEDULE = auto()  # no person at all
    PROVIDER = auto()  # the identity provider, by its signature


ASSESSMENT = "/api/records/assessments/{assessment_id}"
WEBHOOK = "/api/accounts/webhooks/{webhook_id}"
THREAD = "/api/assistant/threads/{thread_id}"
BIOMARKER = "/api/records/biomarkers/{name}/history"

# Whoever adds a route says here who may ask for it.
ACCESS: dict[str, Anyone | Permission] = {
    "GET /api/records/assessments": Permission.VIEW_ASSESSMENTS,
    f"GET {ASSESSMENT}": Permission.VIEW_ASSESSMENTS,
    f"DELETE {ASSESSMENT}": Permission.DELETE_ASSESSMENTS,
    f"POST {ASSESSMENT}/review": Permission.REVIEW_ASSESSMENTS,
    f"POST {ASSESSMENT}/restore": Permission.RESTORE_ASSESSMENTS,
    f"POST {ASSESSMENT}/analyze-again": Permission.CREATE_ASSESSMENT,
    f"GET {BIOMARKER}": Permission.VIEW_ASSESSMENTS,
    f"GET {BIOMARKER}/chart": Permission.VIEW_ASSESSMENTS,
    "GET /api/records/statistics": Permission.VIEW_ASSESSMENTS,
    "POST /api/uploads": Permission.CREATE_ASSESSMENT,
    "GET /api/uploads/{upload_id}": Permission.CREATE_ASSESSMENT,
    "DELETE /api/uploads/{upload_id}": Permission.CREATE_ASSESSMENT,
    "POST /api/uploads/{upload_id}/complete": Permission.CREATE_ASSESSMENT,
    "POST /api/uploads/{upload_id}/parts": Permission.CREATE_ASSESSMENT,
    "GET /api/accounts/me": Permission.VIEW_PROFILE,
    "PATCH /api/accounts/me": Permission.MANAGE_PROFILE,
    "POST /api/accounts/patients": Permission.MANAGE_PATIENTS,
    "POST /api/accounts/patients/search": Permission.VIEW_PATIENTS,
    "GET /api/accounts/patients/{person_id}": Permission.VIEW_PATIENTS,
    "PATCH /api/accounts/patients/{person_id}": Permission.MANAGE_PATIENTS,
    "POST /api/accounts/join": Permission.VIEW_PROFILE,
    "POST /api/accounts/webhooks/identity": Anyone.PROVIDER,
    "GET /api/accounts/organization": Permission.MANAGE_ORGANIZATION,
    "PATCH /api/accounts/organization": Permission.MANAGE_ORGANIZATION,
    "PUT /api/accounts/organization/fhir-server": Permission.MANAGE_ORGANIZATION,
    "DELETE /api/accounts/organization/fhir-server": Permission.MANAGE_ORGANIZATION,
    "GET /api/accounts/patients/{person_id}/care-team": Permission.MANAGE_CARE_TEAMS,
    "POST /api/accounts/patients/{person_id}/care-team": Permission.MANAGE_CARE_TEAMS,
    "POST /api/accounts/patients/{person_id}/care-team/{clinician_id}/end": (
        Permission.MANAGE_CARE_TEAMS
    ),
    "GET /api/accounts/merges": Permission.MANAGE_PATIENTS,
    "POST /api/accounts/merges": Permission.MANAGE_PATIENTS,
    "POST /api/accounts/merges/{merge_id}/undo": Permission.MANAGE_PATIENTS,
    "GET /api/accounts/moves": Permission.MANAGE_PATIENTS,
    "POST /api/accounts/moves": Permission.MANAGE_PATIENTS,
    "POST /api/accounts/moves/{move_id}/undo": Permission.MANAGE_PATIENTS,
    "GET /api/accounts/break-glass": Permission.BREAK_GLASS,
    "POST /api/accounts/break-glass": Permission.BREAK_GLASS,
    "GET /api/accounts/break-glass/reviews": Permission.REVIEW_BREAK_GLASS,
    "POST /api/accounts/break-glass/{grant_id}/end": Permission.BREAK_GLASS,
    "POST /api/accounts/break-glass/{grant_id}/review": Permission.REVIEW_BREAK_GLASS,
    "GET /api/accounts/webhooks": Permission.MANAGE_WEBHOOKS,
    "POST /api/accounts/webhooks": Permission.MANAGE_WEBHOOKS,
    f"GET {WEBHOOK}": Permission.MANAGE_WEBHOOKS,
    f"PATCH {WEBHOOK}": Permission.MANAGE_WEBHOOKS,
    f"DELETE {WEBHOOK}": Permission.MANAGE_WEBHOOKS,
    f"POST {WEBHOOK}/rotate-secret": Permission.MANAGE_WEBHOOKS,
    f"POST {WEBHOOK}/test": Permission.MANAGE_WEBHOOKS,
    f"GET {WEBHOOK}/deliveries": Permission.MANAGE_WEBHOOKS,
    f"POST {WEBHOOK}/deliveries/{{delivery_id}}/replay": Permission.MANAGE_WEBHOOKS,
    "GET /api/accounts/keys": Permission.MANAGE_KEYS,
    "POST /api/accounts/keys": Permission.MANAGE_KEYS,
    "POST /api/accounts/keys/{key_id}/revoke": Permission.MANAGE_KEYS,
    "GET /api/accounts/people/{person_id}/holds": Permission.MANAGE_ORGANIZATION,
    "POST /api/accounts/people/{person_id}/holds": Permission.MANAGE_ORGANIZATION,
    "POST /api/accounts/people/{person_id}/holds/{hold_id}/release": (
        Permission.MANAGE_ORGANIZATION
    ),
    "POST /api/accounts/people/{person_id}/erasure": Permission.MANAGE_ORGANIZATION,
    "GET /api/accounts/people/{person_id}/export": Permission.EXPORT_DATA,
    "GET /api/accounts/people/{person_id}/exports/{export_id}": Permission.EXPORT_DATA,
    "DELETE /api/accounts/people/{person_id}/exports/{export_id}": Permission.EXPORT_DATA,
    "GET /api/accounts/people/{person_id}/consents": Permission.MANAGE_CONSENTS,
    "POST /api/accounts/people/{person_id}/consents": Permission.MANAGE_CONSENTS,
    "POST /api/accounts/people/{person_id}/consents/{kind}/withdraw": Permission.MANAGE_CONSENTS,
    "GET /api/accounts/members": Permission.MANAGE_USERS,
    "GET /api/accounts/members/{person_id}": Permission.MANAGE_USERS,
    "POST /api/accounts/members/{person_id}/roles": Permission.MANAGE_ROLES,
    "POST /api/accounts/members/{person_id}/roles/{role}/revoke": Permission.MANAGE_ROLES,
    "POST /api/accounts/members/{person_id}/deactivate": Permission.MANAGE_USERS,
    "POST /api/accounts/members/{person_id}/reactivate": Permission.MANAGE_USERS,
    "GET /api/accounts/invitations": Permission.MANAGE_USERS,
    "POST /api/accounts/invitations": Permission.MANAGE_ROLES,
    "DELETE /api/accounts/invitations/{invitation_id}": Permission.MANAGE_ROLES,
    "POST /api/assistant/explanations": Permission.CHAT,
    "GET /api/assistant/explanations/{explanation_id}": Permission.VIEW_ASSESSMENTS,
    "GET /api/assistant/explanations/waiting": Permission.REVIEW_ASSESSMENTS,
    "POST /api/assistant/explanations/{explanation_id}/release": Permission.REVIEW_ASSESSMENTS,
    "POST /api/assistant/threads": Permission.CHAT,
    "GET /api/assistant/threads": Permission.CHAT,
    f"GET {THREAD}": Permission.CHAT,
    f"DELETE {THREAD}": Permission.CHAT,
    f"GET {THREAD}/messages": Permission.CHAT,
    f"POST {THREAD}/messages": Permission.CHAT,
    "GET /api/audit/events": Permission.VIEW_AUDIT,
    "GET /api/audit/verify": Permission.VIEW_AUDIT,
    "GET /api/audit/export": Permission.VIEW_AUDIT,
    "GET /api/audit/access-log": Permission.VIEW_ACCESS_LOG,
    "GET /api/audit/questions": Permission.VIEW_ACCESS_LOG,
    "POST /api/audit/questions": Permission.VIEW_ACCESS_LOG,
    "POST /api/audit/questions/{question_id}/answer": Permission.ANSWER_ACCESS_QUESTIONS,
    "GET /api/cognitive/site-norms": Permission.VIEW_ASSESSMENTS,
    "POST /api/cognitive/site-norms": Permission.MANAGE_ORGANIZATION,
    "GET /api/fhir/metadata": Anyone.EVERYBODY,
    "GET /api/fhir/CodeSystem/biomarker": Permission.VIEW_ASSESSMENTS,
    "GET /api/fhir/ConceptMap/biomarker": Permission.VIEW_ASSESSMENTS,
    "GET /api/fhir/Patient": Permission.VIEW_ASSESSMENTS,
    "POST /api/fhir/Patient/_search": Permission.VIEW_ASSESSMENTS,
    "GET /api/fhir/Patient/{person_id}": Permission.VIEW_ASSESSMENTS,
    "GET /api/fhir/Patient/{person_id}/$everything": Permission.VIEW_ASSESSMENTS,
    "GET /api/fhir/DiagnosticReport": Permission.VIEW_ASSESSMENTS,
    "GET /api/fhir/DiagnosticReport/{assessment_id}": Permission.VIEW_ASSESSMENTS,
    "GET /api/fhir/DiagnosticReport/{assessment_id}/$document": Permission.VIEW_ASSESSMENTS,
    "GET /api/fhir/DiagnosticReport/{assessment_id}/$transaction": Permission.VIEW_ASSESSMENTS,
    "POST /api/fhir/DiagnosticReport/{assessment_id}/$push": Permission.EXPORT_DATA,
    "GET /api/fhir/pushes": Permission.EXPORT_DATA,
    "GET /api/fhir/pushes/{push_id}": Permission.EXPORT_DATA,
    "GET /api/fhir/jobs/{job}": Anyone.SCHEDULE,
    "GET /api/fhir/Observation": Permission.VIEW_ASSESSMENTS,
    "GET /api/fhir/Observation/{part}": Permission.VIEW_ASSESSMENTS,
    "GET /api/fhir/Provenance": Permission.VIEW_ASSESSMENTS,
    "GET /api/fhir/Provenance/{part}": Permission.VIEW_ASSESSMENTS,
    "GET /api/fhir/DocumentReference": Permission.VIEW_ASSESSMENTS,
    "GET /api/fhir/DocumentReference/{part}": Permission.VIEW_ASSESSMENTS,
    "GET /api/fhir/Binary/{part}": Permission.VIEW_ASSESSMENTS,
    "GET /api/fhir/Device/{device}": Permission.VIEW_ASSESSMENTS,
    "GET /api/fhir/Consent": Permission.MANAGE_CONSENTS,
    "GET /api/fhir/Consent/{consent_id}": Permission.MANAGE_CONSENTS,
    "GET /api/fhir/AuditEvent": Permission.VIEW_AUDIT,
    "GET /api/fhir/AuditEvent/{entry}": Permission.VIEW_AUDIT,
    "GET /api/fhir/$export": Permission.EXPORT_DATA,
    "POST /api/fhir/$export": Permission.EXPORT_DATA,
    "GET /api/fhir/Patient/$export": Permission.EXPORT_DATA,
    "POST /api/fhir/Patient/$export": Permission.EXPORT_DATA,
    "GET /api/fhir/Group/{group}/$export": Permission.EXPORT_DATA,
    "POST /api/fhir/Group/{group}/$export": Permission.EXPORT_DATA,
    "GET /api/fhir/cohorts": Permission.EXPORT_DATA,
    "GET /api/fhir/cohorts/data.csv.gz": Permission.EXPORT_DATA,
    "GET /api/fhir/exports/{export_id}": Permission.EXPORT_DATA,
    "DELETE /api/fhir/exports/{export_id}": Permission.EXPORT_DATA,
    "GET /api/fhir/exports/{export_id}/{number}": Permission.EXPORT_DATA,
    "GET /api/fhir/reports/people/{person_id}.html": Permission.VIEW_ASSESSMENTS,
    "GET /api/fhir/reports/people/{person_id}.pdf": Permission.VIEW_ASSESSMENTS,
    "GET /api/fhir/reports/{assessment_id}.html": Permission.VIEW_ASSESSMENTS,
    "GET /api/fhir/reports/{assessment_id}.pdf": Permission.VIEW_ASSESSMENTS,
    "GET /api/fhir/reports/{assessment_id}.hl7": Permission.VIEW_ASSESSMENTS,
    "GET /api/fhir/reports/{assessment_id}.dcm": Permission.VIEW_ASSESSMENTS,
    "GET /api/maintenance/jobs/{job}": Anyone.SCHEDULE,
}
OF_EVERY_FUNCTION: dict[str, Anyone | Permission] = {"GET /health": Anyone.EVERYBODY}
OF_EVERY_PIPELINE: dict[str, Anyone | Permission] = {
    "GET /info": Anyone.EVERYBODY,
    "POST /analyze": Permission.CREATE_ASSESSMENT,
    "POST /assessments/{assessment_id}/analyze-again": Permission.CREATE_ASSESSMENT,
    "GET /assessments/{assessment_id}/pictures/{name}": Permission.VIEW_ASSESSMENTS,
}


class Route(Operation):
    """An operation, and who may ask for it."""

    @property
    def access(self) -> Anyone | Permission | None:
        """Who may ask, or None where nobody has said so."""
        short = f"{self.method} {self.path.removeprefix(f'/api/{self.function}')}"
        of_pipeline = OF_EVERY_PIPELINE if self.function in set(PipelineName) else {}
        return (OF_EVERY_FUNCTION | of_pipeline).get(short) or ACCESS.get(str(self))

    def is_for(self, role: RoleName) -> bool:
        return isinstance(self.access, Permission) and may(role, self.access)

    def answer_to(self, person: Person) -> Answer:
        """Say how somebody is answered, from what the route asks for and what the person may."""
        match self.access:
            case Anyone.EVERYBODY:
                return Answer.SERVED
            case Anyone.PROVIDER:
                return Answer.UNSIGNED
            case Permission() as permission if person is not Person.NOBODY:
                refused = person in {Person.KEY, Person.REVOKED, Person.DEACTIVATED}
                served = not refused and may(RoleName(person.value), permission)
                return Answer.SERVED if served else Answer.FORBIDDEN
            case _:
                return Answer.SIGN_IN

    def answer_to_key(self, scope: Permission) -> Answer:
        """Say how a key of an admin is answered that has one scope alone."""
        if isinstance(self.access, Permission):
            return Answer.SERVED if self.access is scope else Answer.FORBIDDEN
        return self.answer_to(Person.ADMIN)


async def documents() -> dict[str, dict[str, Any]]:
    """Import every function, inside a loop because Mangum asks for one."""
    return {name: function.load().openapi() for name, function in discover(ROOT).items()}


def routes() -> Iterator[Route]:
    for function, document in asyncio.run(documents()).items():
        for path, operations in document["paths"].items():
            for method, operation in operations.items():
                parameters = tuple(
                    (parameter["name"], parameter["in"])
                    for parameter in operation.get("parameters", ())
                )
                yield Route(function, method.upper(), path, parameters)


ROUTES = list(routes())
PERMITTED = [route for route in ROUTES if isinstance(route.access, Permission)]
WITH_IDS = [route for route in PERMITTED if route.ids]
WITH_SUBJECT = [route for route in PERMITTED if ("subject_id", "query") in route.parameters]
ANALYSES = [route for route in ROUTES if route.path.endswith("/analyze")]


def may(role: RoleName, permission: Permission) -> bool:
    return permission in ROLES[role][1]


# Who reaches some people of the organization only: those who consented, those assigned to them.
OUTSIDERS = (RoleName.CLINICIAN, RoleName.RESEARCHER)
FOREIGN = (
    "another organization's record",
    "without consent (researcher) or outside the care team (clinician)",
)

PAGE = ROOT / "docs" / "access.md"
HEAD = """# Who is answered what

Every route of every function beside everybody who may ask: `yes` is an answer, the rest is the
status of the refusal. Where a path names a record, another organization's record, and one of a
person out of reach, is 404 like one that never was. What somebody with several roles may is what
any of them allows. `tests/access.py` holds the table that this page is made of, and
`tests/test_access.py` asks every route in everybody's name; a route that is missing there fails.
Made by `uv run python -m tests.access`.

"""
KEYS_HEAD = """
## Service keys

A key may what its scopes name and whoever made it still may, nothing else: with the scope of a line
it opens the routes beside it, and every other route that asks for a permission answers 403.

"""


def page() -> str:
    """The table as Markdown: a line a route, a column for everybody who may ask."""
    columns = ["route", "asks for", *Person, *FOREIGN]
    lines = [columns, ["---"] * len(columns)]
    for route in in_order(ROUTES):
        asked = route.access.value if isinstance(route.access, Permission) else "nothing"
        if route.access is Anyone.SCHEDULE:
            asked = "the schedule's secret"
        elif route.access is Anyone.PROVIDER:
            asked = "the provider's signature"
        answers = [route.answer_to(person).value for person in Person]
        foreign = "404" if route.ids and isinstance(route.access, Permission) else ""
        outside = "404" if route.ids and any(route.is_for(role) for role in OUTSIDERS) else ""
        lines.append([f"`{route}`", asked, *answers, foreign, outside])
    return HEAD + table(lines) + KEYS_HEAD + table(list(lines_of_keys()))


def lines_of_keys() -> Iterator[list[str]]:
    """What a key of each scope opens, a line a scope."""
    yield ["scope", "routes"]
    yield ["---", "---"]
    for scope in Permission:
        opened = [f"`{route}`" for route in in_order(PERMITTED) if route.access is scope]
        yield [scope, "<br>".join(opened) or "none yet"]


def table(lines: list[list[str]]) -> str:
    return "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n"


def in_order(routes: Iterable[Route]) -> list[Route]:
    return sorted(routes, key=lambda route: (route.function, route.path, route.method))


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
