"""Who may do what: the roles, their permissions, and whose records each role reaches."""

from enum import StrEnum


class Scope(StrEnum):
    """Whose records a role reaches; the database's policies know the same words."""

    OWN = "own"
    ORGANIZATION = "organization"
    RESEARCH = "research"  # people who consented, without names
    # Where the organization says so, in place of `organization`: people assigned to the clinician.
    CARE_TEAM = "care_team"


class Permission(StrEnum):
    VIEW_PROFILE = "view_profile"  # one's own
    MANAGE_PROFILE = "manage_profile"
    VIEW_PATIENTS = "view_patients"
    MANAGE_PATIENTS = "manage_patients"
    MANAGE_CONSENTS = "manage_consents"
    MANAGE_CARE_TEAMS = "manage_care_teams"
    VIEW_ASSESSMENTS = "view_assessments"
    CREATE_ASSESSMENT = "create_assessment"
    REVIEW_ASSESSMENTS = "review_assessments"
    DELETE_ASSESSMENTS = "delete_assessments"
    RESTORE_ASSESSMENTS = "restore_assessments"
    EXPORT_DATA = "export_data"
    CHAT = "chat"
    MANAGE_USERS = "manage_users"
    MANAGE_ORGANIZATION = "manage_organization"
    MANAGE_ROLES = "manage_roles"
    MANAGE_KEYS = "manage_keys"
    MANAGE_WEBHOOKS = "manage_webhooks"
    BREAK_GLASS = "break_glass"  # reach one person in an emergency
    REVIEW_BREAK_GLASS = "review_break_glass"
    VIEW_AUDIT = "view_audit"
    VIEW_ACCESS_LOG = "view_access_log"  # who looked at one's own record
    ANSWER_ACCESS_QUESTIONS = "answer_access_questions"


class RoleName(StrEnum):
    PATIENT = "patient"
    CLINICIAN = "clinician"
    ADMIN = "admin"
    RESEARCHER = "researcher"


ROLES: dict[RoleName, tuple[Scope, frozenset[Permission]]] = {
    RoleName.PATIENT: (
        Scope.OWN,
        frozenset(
            {
                Permission.VIEW_PROFILE,
                Permission.MANAGE_PROFILE,
                Permission.MANAGE_CONSENTS,
                Permission.VIEW_ASSESSMENTS,
                Permission.CREATE_ASSESSMENT,
                Permission.CHAT,
                Permission.VIEW_ACCESS_LOG,
            },
        ),
    ),
    RoleName.CLINICIAN: (
        Scope.ORGANIZATION,
        frozenset(
            {
                Permission.VIEW_PROFILE,
                Permission.MANAGE_PROFILE,
                Permission.VIEW_PATIENTS,
                Permission.MANAGE_PATIENTS,
                Permission.MANAGE_CONSENTS,
                Permission.MANAGE_CARE_TEAMS,
                Permission.VIEW_ASSESSMENTS,
                Permission.CREATE_ASSESSMENT,
                Permission.REVIEW_ASSESSMENTS,
                Permission.DELETE_ASSESSMENTS,
                Permission.EXPORT_DATA,
                Permission.CHAT,
                Permission.BREAK_GLASS,
            }
        ),
    ),
    RoleName.ADMIN: (Scope.ORGANIZATION, frozenset(Permission)),
    RoleName.RESEARCHER: (
        Scope.RESEARCH,
        frozenset(
            {Permission.VIEW_PROFILE, Permission.VIEW_ASSESSMENTS, Permission.EXPORT_DATA},
        ),
    ),
}
