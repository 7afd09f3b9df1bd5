"""A record of a clinic for each parameter of a path that names a record."""

import json
from collections.abc import Awaitable, Callable
from uuid import UUID

import asyncpg

from functions.assistant.explanations.schemas import Document
from functions.assistant.language import Voice
from shared.http import service_keys
from shared.identifiers import uuid7
from shared.permissions import Permission, RoleName
from tests.conftest import Clinic
from tests.factories.examinations import stored


async def _assessment(clinic: Clinic, _: asyncpg.Connection) -> UUID:
    return await stored(clinic)


async def _upload(clinic: Clinic, auditor: asyncpg.Connection) -> UUID:
    key = uuid7()
    await auditor.execute(
        "INSERT INTO uploaded_files (id, organization_id, user_id, created_by, storage_key,"
        " content_type, file_size_bytes, sha256) SELECT $1, organization_id, id, id, 'key',"
        " 'text/csv', 3, repeat('a', 64) FROM users WHERE id = $2",
        key,
        clinic.person_id(RoleName.CLINICIAN),
    )
    return key


async def _patient(clinic: Clinic, auditor: asyncpg.Connection) -> UUID:
    key = uuid7()
    await auditor.execute(
        "INSERT INTO users (id, organization_id, last_name)"
        " SELECT $1, organization_id, 'Canary' FROM users WHERE id = $2",
        key,
        clinic.person_id(RoleName.CLINICIAN),
    )
    return key


async def _invitation(clinic: Clinic, auditor: asyncpg.Connection) -> UUID:
    key = uuid7()
    await auditor.execute(
        "INSERT INTO invitations (id, organization_id, email, role_id, invited_by, expires_at)"
        " SELECT $1, organization_id, 'eve@example.org', 1, id, now() + interval '1 day'"
        " FROM users WHERE id = $2",
        key,
        clinic.person_id(RoleName.ADMIN),
    )
    return key


async def _key(clinic: Clinic, auditor: asyncpg.Connection) -> UUID:
    key = uuid7()
    await auditor.execute(
        "INSERT INTO service_keys (id, organization_id, created_by, name, key_hash, scopes,"
        " networks) SELECT $1, organization_id, id, 'a key', sha256(uuid_send($1)), '[]', '[]'"
        " FROM users WHERE id = $2",
        key,
        clinic.person_id(RoleName.ADMIN),
    )
    return key


async def _move(clinic: Clinic, auditor: asyncpg.Connection) -> UUID:
    key = uuid7()
    await auditor.execute(
        "INSERT INTO moves (id, organization_id, user_id, from_person_id, assessment_id, moved_by,"
        " reason) SELECT $1, organization_id, user_id, $3, id, $3, 'wrong person'"
        " FROM assessments WHERE id = $2",
        key,
        await stored(clinic),
        clinic.person_id(RoleName.CLINICIAN),
    )
    return key


async def _merge(clinic: Clinic, auditor: asyncpg.Connection) -> UUID:
    key = uuid7()
    await auditor.execute(
        "INSERT INTO merges (id, organization_id, user_id, merged_person_id, merged_by, reason)"
        " SELECT $1, organization_id, id, $3, $3, 'registered twice' FROM users WHERE id = $2",
        key,
        clinic.person_id(RoleName.PATIENT),
        clinic.person_id(RoleName.CLINICIAN),
    )
    return key


async def _explanation(clinic: Clinic, auditor: asyncpg.Connection) -> UUID:
    return await explained(auditor, await stored(clinic))


async def explained(auditor: asyncpg.Connection, assessment: UUID) -> UUID:
    """Store an explanation of an assessment, in plain."""
    key = uuid7()
    written = Document(
        voice=Voice.PATIENT,
        language="en",
        engine="template",
        facts=[],
        facts_sha256="",
        left_out=[],
        sentences=[],
    )
    await auditor.execute(
        "INSERT INTO ai_explanations (id, organization_id, user_id, assessment_id,"
        " explanation_text, model_used) SELECT $1, organization_id, user_id, id, $3, 'template'"
        " FROM assessments WHERE id = $2",
        key,
        assessment,
        written.model_dump_json(),
    )
    return key


async def _thread(clinic: Clinic, auditor: asyncpg.Connection) -> UUID:
    key = uuid7()
    await auditor.execute(
        "INSERT INTO chat_threads (id, organization_id, user_id, created_by, assessment_id,"
        " context) SELECT $1, organization_id, user_id, $3, id, $4 FROM assessments WHERE id = $2",
        key,
        await stored(clinic),
        clinic.person_id(RoleName.ADMIN),
        json.dumps({"voice": "clinician", "language": "en"}),
    )
    return key


async def _question(clinic: Clinic, auditor: asyncpg.Connection) -> UUID:
    key = uuid7()
    await auditor.execute(
        "INSERT INTO audit_questions (id, organization_id, user_id, asked_by, event_id, question)"
        " SELECT $1, organization_id, id, id, 1, 'Who was that?' FROM users WHERE id = $2",
        key,
        clinic.person_id(RoleName.PATIENT),
    )
    return key


async def _webhook(clinic: Clinic, auditor: asyncpg.Connection) -> UUID:
    key = uuid7()
    await auditor.execute(
        "INSERT INTO webhooks (id, organization_id, created_by, url, events)"
        " SELECT $1, organization_id, id, 'https://hooks.example.org/', '[\"person.merged\"]'"
        " FROM users WHERE id = $2",
        key,
        clinic.person_id(RoleName.ADMIN),
    )
    return key


async def _delivery(clinic: Clinic, auditor: asyncpg.Connection) -> UUID:
    key = uuid7()
    await auditor.execute(
        "INSERT INTO outbox_messages (id, organization_id, webhook_id, event_type, body, next_at,"
        " give_up_at, dead_at) SELECT $1, organization_id, id, 'webhook.test', '{}', now(), now(),"
        " now() FROM webhooks WHERE id = $2",
        key,
        await _webhook(clinic, auditor),
    )
    return key


async def _consent(clinic: Clinic, auditor: asyncpg.Connection) -> UUID:
    key = uuid7()
    await auditor.execute(
        "INSERT INTO consents (id, organization_id, user_id, kind, text_version, given_by)"
        " SELECT $1, organization_id, id, 'sharing', '1', id FROM users WHERE id = $2",
        key,
        clinic.person_id(RoleName.PATIENT),
    )
    return key


async def _grant(clinic: Clinic, auditor: asyncpg.Connection) -> UUID:
    key = uuid7()
    await auditor.execute(
        "INSERT INTO break_glass_grants (id, organization_id, user_id, opened_by, reason,"
        " expires_at) SELECT $1, organization_id, $3, id, 'nobody else was there',"
        " now() + interval '1 minute' FROM users WHERE id = $2",
        key,
        clinic.person_id(RoleName.ADMIN),
        clinic.person_id(RoleName.PATIENT),
    )
    return key


async def _hold(clinic: Clinic, auditor: asyncpg.Connection) -> UUID:
    key = uuid7()
    await auditor.execute(
        "INSERT INTO legal_holds (id, organization_id, user_id, placed_by, reason)"
        " SELECT $1, organization_id, $3, id, 'a claim' FROM users WHERE id = $2",
        key,
        clinic.person_id(RoleName.ADMIN),
        clinic.person_id(RoleName.PATIENT),
    )
    return key


async def _export(clinic: Clinic, auditor: asyncpg.Connection) -> UUID:
    key = uuid7()
    await auditor.execute(
        "INSERT INTO fhir_exports (id, organization_id, created_by, types, request_url, until,"
        " expires_at) SELECT $1, organization_id, id, '[\"Patient\"]', 'https://api.example.org/',"
        " now(), now() + interval '1 day' FROM users WHERE id = $2",
        key,
        clinic.person_id(RoleName.ADMIN),
    )
    return key


async def _push(clinic: Clinic, auditor: asyncpg.Connection) -> UUID:
    key = uuid7()
    await auditor.execute(
        "INSERT INTO fhir_pushes (id, organization_id, assessment_id, created_by, base, next_at,"
        " give_up_at, dead_at) SELECT $1, organization_id, $3, id, 'https://api.example.org',"
        " now(), now(), now() FROM users WHERE id = $2",
        key,
        clinic.person_id(RoleName.ADMIN),
        await _assessment(clinic, auditor),
    )
    return key


# parameter: how to make the record it names, somebody else's from the other tenant's view
RECORDS: dict[str, Callable[[Clinic, asyncpg.Connection], Awaitable[UUID]]] = {
    "assessment_id": _assessment,
    "upload_id": _upload,
    "person_id": _patient,
    "clinician_id": _patient,
    "invitation_id": _invitation,
    "key_id": _key,
    "move_id": _move,
    "merge_id": _merge,
    "consent_id": _consent,
    "question_id": _question,
    "webhook_id": _webhook,
    "grant_id": _grant,
    "hold_id": _hold,
    "delivery_id": _delivery,
    "export_id": _export,
    "push_id": _push,
    "explanation_id": _explanation,
    "thread_id": _thread,
}


async def a_key(clinic: Clinic, auditor: asyncpg.Connection, *scopes: Permission) -> str:
    """Return a key of an admin, who may do everything, that has these scopes alone."""
    key = service_keys.made()
    await auditor.execute(
        "UPDATE service_keys SET key_hash = $2, scopes = $3 WHERE id = $1",
        await RECORDS["key_id"](clinic, auditor),
        service_keys.hashed(key),
        json.dumps(scopes),
    )
    return key
