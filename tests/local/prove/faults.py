"""Mistakes that a change could bring, each with the attack that has to find it.

A fault of SQL is made in the test's database by its superuser and undone afterwards; a fault of the
code replaces one name of a module.
"""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, replace
from importlib import import_module
from types import SimpleNamespace
from typing import Any

import asyncpg
import pytest
from sqlalchemy import ColumnElement

from functions.accounts.exports.queries import EXPORTS
from local.prove.chain import sealed_home
from local.prove.stand import Stand
from shared.database.repositories.exports import Exports
from shared.database.repositories.tables import ORGANIZATION
from shared.http import auth
from shared.settings import TokenSettings
from tests.conftest import ISSUER

type Seeded = Callable[[asyncpg.Connection, Stand], AbstractAsyncContextManager[None]]


@dataclass(frozen=True)
class Fault:
    """What went wrong, how it is brought about, and the name of the attack that notices."""

    what: str
    seeded: Seeded
    noticed_by: str


def in_sql(change: str, undo: str) -> Seeded:
    """A statement of the owner's, and the one that undoes it."""

    @asynccontextmanager
    async def seeded(superuser: asyncpg.Connection, _: Stand) -> AsyncIterator[None]:
        await superuser.execute(change)
        try:
            yield
        finally:
            await superuser.execute(undo)

    return seeded


def without(kind: str, name: str, table: str) -> Seeded:
    """A policy or a constraint that is gone; it is made again of what the catalog had of it."""

    @asynccontextmanager
    async def seeded(superuser: asyncpg.Connection, _: Stand) -> AsyncIterator[None]:
        undo = await superuser.fetchval(MADE_AGAIN[kind], table, name)
        drop = "DROP POLICY {} ON {}" if kind == "policy" else "ALTER TABLE {1} DROP CONSTRAINT {0}"
        await superuser.execute(drop.format(name, table))
        try:
            yield
        finally:
            await superuser.execute(undo)

    return seeded


MADE_AGAIN = {
    "policy": """
        SELECT format('CREATE POLICY %I ON %I FOR %s TO %s', policyname, tablename, cmd,
            array_to_string(roles, ', ')) || coalesce(' USING (' || qual || ')', '')
            || coalesce(' WITH CHECK (' || with_check || ')', '')
        FROM pg_policies WHERE tablename = $1 AND policyname = $2
    """,
    "constraint": """
        SELECT format('ALTER TABLE %s ADD CONSTRAINT %I %s', conrelid::regclass, conname,
            pg_get_constraintdef(oid))
        FROM pg_constraint WHERE conrelid = $1::text::regclass AND conname = $2
    """,
}


def in_functions(part: str, instead: str, *names: str) -> Seeded:
    """Functions of the database in which a part of the text reads otherwise."""

    @asynccontextmanager
    async def seeded(superuser: asyncpg.Connection, _: Stand) -> AsyncIterator[None]:
        texts = await superuser.fetch(
            "SELECT pg_get_functiondef(oid) AS text FROM pg_proc"
            " WHERE pronamespace = 'medilens'::regnamespace AND proname = ANY ($1)",
            list(names),
        )
        assert len(texts) == len(names)
        try:
            for row in texts:
                assert part in row["text"], names
                await superuser.execute(row["text"].replace(part, instead))
            yield
        finally:
            for row in texts:
                await superuser.execute(row["text"])

    return seeded


def in_code(**replaced: Any) -> Seeded:
    """Names of modules, written `package__module__name`, that stand for something else."""

    @asynccontextmanager
    async def seeded(_superuser: asyncpg.Connection, _: Stand) -> AsyncIterator[None]:
        with pytest.MonkeyPatch.context() as patch:
            for path, value in replaced.items():
                *module, name = path.split("__")
                patch.setattr(import_module(".".join(module)), name, value)
            yield

    return seeded


@asynccontextmanager
async def edited(superuser: asyncpg.Connection, stand: Stand) -> AsyncIterator[None]:
    """The last sealed row of our trail names another role, as no trigger was asked."""
    home = await sealed_home(stand)
    await superuser.execute("SET session_replication_role = replica")
    key = await superuser.fetchval(
        "SELECT event_id FROM medilens.audit_seals WHERE organization_id = $1"
        " ORDER BY seq DESC LIMIT 1",
        home,
    )
    role = await superuser.fetchval("SELECT actor_role FROM audit_events WHERE id = $1", key)
    change = "UPDATE audit_events SET actor_role = $2 WHERE id = $1"
    try:
        await superuser.execute(change, key, "somebody")
        yield
    finally:
        await superuser.execute(change, key, role)
        await superuser.execute("SET session_replication_role = DEFAULT")


SEAL_CHECKED = (
    "left(told, 64) = encode(sha256(k.outer_pad || sha256(k.inner_pad\n"
    "        || timestamptz_send(transaction_timestamp())\n"
    "        || convert_to(substr(told, 66), 'UTF8'))), 'hex')"
)
AGENT_AS_IT_IS = "request ->> 'user_agent'"
SEALED = ("organization_for", "scope_is", "sealed_person", "sealed_identity")

IN_THE_DATABASE: Sequence[Fault] = (
    Fault(
        "row-level security is switched off",
        in_sql(
            "ALTER TABLE assessments DISABLE ROW LEVEL SECURITY",
            "ALTER TABLE assessments ENABLE ROW LEVEL SECURITY",
        ),
        "database.without_an_identity",
    ),
    Fault(
        "row-level security is not forced",
        in_sql(
            "ALTER TABLE biomarker_values NO FORCE ROW LEVEL SECURITY",
            "ALTER TABLE biomarker_values FORCE ROW LEVEL SECURITY",
        ),
        "catalog.left_open",
    ),
    Fault("a policy is dropped", without("policy", "added", "assessments"), "catalog.left_open"),
    Fault(
        "a role passes by all policies",
        in_sql("ALTER ROLE medilens_app BYPASSRLS", "ALTER ROLE medilens_app NOBYPASSRLS"),
        "database.without_an_identity",
    ),
    Fault(
        "a policy checks nothing of what is added",
        in_sql(
            "CREATE POLICY loose ON assessments FOR INSERT TO medilens_app WITH CHECK (true)",
            "DROP POLICY loose ON assessments",
        ),
        "database.added_elsewhere",
    ),
    Fault(
        "a policy believes a setting",
        in_sql(
            "CREATE POLICY believing ON assessments FOR SELECT TO medilens_app USING"
            " (organization_id::text = current_setting('medilens.organization_id', true))",
            "DROP POLICY believing ON assessments",
        ),
        "forging.forged_in_a_request",
    ),
    Fault(
        "the seal is not checked",
        in_functions(SEAL_CHECKED, "true", *SEALED),
        "forging.forged_by_a_stranger",
    ),
    Fault(
        "a child's key does not carry the tenant",
        without(
            "constraint",
            "fk_pipeline_stages_organization_id_user_id_assessment_id",
            "pipeline_stages",
        ),
        "database.handed_over",
    ),
    Fault(
        "a service key is stored as it is",
        in_code(shared__http__service_keys__hashed=lambda key: key.encode()[:32]),
        "keys.key_in_the_database",
    ),
)
IN_THE_TRAIL: Sequence[Fault] = (
    Fault(
        "an audit trigger is off",
        in_sql(
            "ALTER TABLE users DISABLE TRIGGER audit_insert",
            "ALTER TABLE users ENABLE TRIGGER audit_insert",
        ),
        "trail.acts_without_a_row",
    ),
    Fault(
        "a row of the trail that fails is passed over",
        in_functions(
            "\nEND\n$function$",
            "\nEXCEPTION WHEN check_violation THEN NULL;\nEND\n$function$",
            "record",
        ),
        "keeping.acts_without_the_trail",
    ),
    Fault(
        "a right to the trail is granted",
        in_sql(
            "GRANT SELECT ON audit_events TO medilens_app",
            "REVOKE SELECT ON audit_events FROM medilens_app",
        ),
        "keeping.touched_by_the_functions",
    ),
    Fault(
        "the trail's own trigger is off",
        in_sql(
            "ALTER TABLE audit_events DISABLE TRIGGER keep",
            "ALTER TABLE audit_events ENABLE TRIGGER keep",
        ),
        "keeping.rewritten_by_the_owner",
    ),
    Fault(
        "the chain's hash is not compared",
        in_functions(
            "WHEN sha256(r.before || r.leaf) = r.hash THEN NULL",
            "WHEN true THEN NULL",
            "verify_chain",
        ),
        "chain.tampered_with_by_the_owner",
    ),
    Fault(
        "a checkpoint's hash is not compared",
        in_functions("OR l.hash IS DISTINCT FROM told.hash", "", "audit_contradictions"),
        "chain.rewritten_chain",
    ),
    Fault("a sealed row is edited", edited, "chain.fifty_at_once"),
    Fault(
        "control characters are stored",
        in_functions(
            "medilens.plain(request ->> 'user_agent')", "request ->> 'user_agent'", "record"
        ),
        "trail.control_characters",
    ),
)


class Anybodys(Exports):
    """Exports of whoever began them."""

    def own(self) -> tuple[ColumnElement[bool], ...]:
        return (self.table.c.organization_id == ORGANIZATION,)


IN_LIFE: Sequence[Fault] = (
    Fault(
        "a person is erased before their time",
        in_functions("OR until > now()", "", "erase_person"),
        "life.what_is_left_of_the_erased",
    ),
    Fault(
        "a key cascades",
        in_sql(
            "ALTER TABLE sign_offs ADD CONSTRAINT loose FOREIGN KEY (organization_id)"
            " REFERENCES organizations (id) ON DELETE CASCADE",
            "ALTER TABLE sign_offs DROP CONSTRAINT loose",
        ),
        "life.cascades",
    ),
    Fault(
        "an export is read on in the name of whoever belongs to the organization",
        in_code(functions__accounts__exports__queries__STORED=Anybodys(EXPORTS)),
        "life.messages_of_exports",
    ),
    Fault(
        "a consent counts after it was withdrawn",
        in_functions("AND withdrawn_at IS NULL", "", "consented"),
        "records.a_consent_withdrawn",
    ),
)
told_by = auth._token


def believing(claims: Mapping[str, Any], settings: TokenSettings) -> auth.Token:
    """Believe whatever address a token tells."""
    return replace(told_by(claims, settings), verified_email=claims.get("email"))


IN_THE_CODE: Sequence[Fault] = (
    Fault(
        "the times of a token are not checked",
        in_code(shared__http__tokens__LEEWAY_S=10**9),
        "tokens.claims_not_of_now",
    ),
    Fault(
        "a token of another application counts",
        in_code(shared__http__auth__party_of=lambda _: ISSUER),
        "tokens.another_application",
    ),
    Fault(
        "an address counts that nobody verified",
        in_code(shared__http__auth___token=believing),
        "tokens.an_address_that_nobody_verified",
    ),
    Fault(
        "a second factor is taken as shown just now",
        in_code(shared__http__auth__second_factor_age_s=lambda _: 0.0),
        "tokens.a_second_factor_that_was_not_shown",
    ),
    Fault(
        "every unknown key asks the issuer",
        in_code(shared__http__issuer_keys__REFETCH_AFTER_S=0),
        "publishing.a_thousand_unknown_keys",
    ),
    Fault(
        "the headers of answers are lost",
        in_code(shared__http__application__HEADERS=[]),
        "requests.headers_of_answers",
    ),
    Fault(
        "the size of words is not limited",
        in_code(shared__http__application__MAX_WORDS_BYTES=10**9),
        "requests.too_large",
    ),
    Fault(
        "a cursor is anybody's",
        in_code(shared__http__cursor___signature=lambda *_: bytes(16)),
        "tenants.a_foreign_cursor",
    ),
    Fault(
        "private addresses may be called",
        in_code(shared__outgoing__addresses__may_be_called=lambda _: True),
        "uploads.private_webhooks",
    ),
    Fault(
        "a nonce is used twice",
        in_code(shared__database__encryption__envelope__os=SimpleNamespace(urandom=bytes)),
        "sealed.names_at_rest",
    ),
    Fault(
        "what a model writes is not checked",
        in_code(functions__assistant__model__wording__refusal=lambda *_: None),
        "models.words_of_its_own",
    ),
)
FAULTS = (*IN_THE_DATABASE, *IN_THE_TRAIL, *IN_LIFE, *IN_THE_CODE)
