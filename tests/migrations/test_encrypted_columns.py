"""Every column that could hold words is encrypted, or listed here with why it tells of nobody."""

import re

import asyncpg
from sqlmodel import SQLModel

from shared.database import models
from shared.database.encryption.columns import ENCRYPTED, JSON_COLUMNS, PERSON_COLUMNS
from tests.nonempty import nonempty

COLUMNS = """
    SELECT c.relname AS "table", a.attname AS "column", t.typname AS type
    FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_type t ON t.oid = a.atttypid
    WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')
    AND NOT c.relispartition AND a.attnum > 0 AND NOT a.attisdropped
    AND t.typname IN ('text', 'jsonb', '_text', 'varchar', 'json', 'xml', 'bytea')
"""
CHECKS = """
    SELECT conrelid::regclass::text AS "table", pg_get_constraintdef(oid) AS definition
    FROM pg_constraint WHERE contype = 'c' AND connamespace = 'public'::regnamespace
"""

# Of tables of results, it stands in their models (`measured`).
MEASURED = "numbers and words of ours that an analysis has made"
CODE = "a name of ours, of a version, a model, a method or a format"
TECHNICAL = "made of random bytes, hashes or keys"
PROVIDER = "the identity provider's own name of it, looked up before anybody is known"
ORGANIZATION = "of an organization, not of a person"
# The docs ask senders for codes there, patterns keep blanks out of keys, researchers see none.
SENDER = "a code of the sender's, or what a refusal quotes of a file; withheld from research"

PLAIN: dict[str, dict[str, tuple[str, ...]]] = {
    "ai_explanations": {CODE: ("model_used",)},
    "assessment_pictures": {
        CODE: ("name", "media_type"),
        MEASURED: ("alt", "content"),
    },
    "assessments": {
        SENDER: ("session_id", "idempotency_key", "warnings", "provenance"),
        CODE: ("pipeline_version",),
        MEASURED: ("risk_points", "review_reason", "absent", "citations"),
    },
    "audit_events": {
        CODE: ("actor_role", "resource_type"),
        TECHNICAL: ("request_id", "session_id", "content_hash"),
        "what a browser calls itself": ("user_agent",),
        "numbers of rows, ids and codes, never a value of a record": ("details",),
    },
    "biomarker_values": {CODE: ("source", "method", "population")},
    "biomarkers": {CODE: ("name", "category", "unit", "description")},
    "chat_messages": {CODE: ("model_used",)},
    "cognitive_results": {SENDER: ("import_report",)},
    "consents": {CODE: ("text_version",)},
    "dermatology_results": {SENDER: ("body_location", "lesion_key")},
    "fhir_exports": {
        CODE: ("group_name", "types"),
        "an address of ours with types and a moment": ("request_url",),
        TECHNICAL: ("files", "place"),
    },
    "fhir_pushes": {
        "an address of ours": ("base",),
        "answers' statuses and times": ("history",),
    },
    "invitations": {PROVIDER: ("identity_subject",), TECHNICAL: ("email_token",)},
    "organization_keys": {TECHNICAL: ("master", "wrapped")},
    "organizations": {
        ORGANIZATION: ("name", "email", "phone", "address", "settings"),
        PROVIDER: ("identity_organization",),
    },
    "outbox_messages": {
        "ids and codes alone, never a value of a record": ("body",),
        CODE: ("event_type",),
        "answers' statuses and times": ("history",),
    },
    "person_identifiers": {ORGANIZATION: ("system",), TECHNICAL: ("value_token",)},
    "person_exports": {TECHNICAL: ("files", "place")},
    "person_keys": {TECHNICAL: ("wrapped",)},
    "pipeline_stages": {CODE: ("stage_name", "error_code"), SENDER: ("error_message",)},
    "roles": {CODE: ("name", "description", "permissions")},
    "service_keys": {
        ORGANIZATION: ("name", "networks"),
        CODE: ("scopes",),
        TECHNICAL: ("key_hash",),
    },
    "site_norms": {
        CODE: ("biomarker", "task_version", "pipeline_version"),
        "fitted on fifty people and more": ("coefficients", "inverse"),
    },
    "uploaded_files": {
        TECHNICAL: ("storage_key", "multipart_id", "sha256"),
        CODE: ("content_type", "suffix"),
    },
    "user_profiles": {CODE: ("language", "timezone")},
    "users": {PROVIDER: ("identity_subject",), TECHNICAL: ("surname_token",)},
    "webhooks": {ORGANIZATION: ("url", "description"), CODE: ("events",)},
}

WRITTEN_DOWN = (
    "encrypt it (shared/database/encryption/columns.py), or say that an analysis makes it"
    " (`measured` in its model) or here, in PLAIN, why it tells of nobody"
)


async def test_every_column_of_words_is_encrypted_or_tells_of_nobody(
    catalog: asyncpg.Connection,
) -> None:
    models.register_all()
    listed = {
        (table, column)
        for table, reasons in PLAIN.items()
        for columns in reasons.values()
        for column in columns
    }
    measured = {
        (table.name, column.name)
        for table in nonempty(SQLModel.metadata.tables.values())
        for column in table.columns
        if "measured" in column.info
    }
    assert all(table.endswith("_results") for table, _ in nonempty(measured))
    encrypted = {(table, column) for table, columns in ENCRYPTED.items() for column in columns}
    assert not listed & (encrypted | measured)
    known = {
        (row["table"], column)
        for row in await catalog.fetch(CHECKS)
        for column in re.findall(r"^CHECK \(\((\w+) = ANY \(ARRAY\['", row["definition"])
    }
    there = {
        (row["table"], row["column"])
        for row in await catalog.fetch(COLUMNS)
        if row["table"] != "alembic_version"
    }
    assert there - known - listed - encrypted - measured == set(), WRITTEN_DOWN
    assert (listed | encrypted | measured) - there == set(), "no longer there"


async def test_columns_of_json_are_named_so(catalog: asyncpg.Connection) -> None:
    types = {(row["table"], row["column"]): row["type"] for row in await catalog.fetch(COLUMNS)}
    json = {
        (table, column)
        for table, columns in ENCRYPTED.items()
        for column in columns
        if types[table, column] == "jsonb"
    }
    assert json == JSON_COLUMNS


# Encrypted with an organization's own key, and of no person.
OF_NOBODY = {"outgoing_secrets"}


async def test_what_no_persons_key_encrypts_is_emptied_by_an_erasure(
    catalog: asyncpg.Connection,
) -> None:
    """Whatever else is encrypted becomes noise with the key."""
    erasure = await catalog.fetchval("SELECT prosrc FROM pg_proc WHERE proname = 'shred'")
    emptied = {
        (table, column)
        for table, changes in re.findall(r"UPDATE public\.(\w+) SET(.*?)WHERE", erasure, re.DOTALL)
        for column in re.findall(r"(\w+) = ", changes)
    }
    outlive = {table for table, column in PERSON_COLUMNS.items() if column is None} - OF_NOBODY
    assert {
        (table, column) for table in nonempty(outlive) for column in ENCRYPTED[table]
    } <= emptied
