"""One request is one transaction: it is stored whole or not at all, whatever happens to it."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, Self
from uuid import UUID

import asyncpg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import AsyncAdaptedQueuePool

from local.tls import write_certificates
from shared.database import engine, retry, sign_of_life, transaction
from shared.database.address import UnknownDatabaseParameter, connect_options
from shared.database.retry import RETRY_DELAYS_S, may_retry
from shared.database.transaction import CommitFailed
from shared.errors import Unavailable
from shared.permissions import Permission, RoleName
from tests.conftest import Addresses, Clinic
from tests.factories.examinations import stored
from tests.round_trips import RoundTripProxy
from tests.shared.conftest import Reconfigure
from tests.waiting import until

NEON = "ep-cool-name-123-pooler.eu-central-1.aws.neon.tech"
POOLS = ["none", "sandbox"]
SET_NOTE = "UPDATE assessments SET review_note = 'changed' WHERE id = :id"
MY_PID = "SELECT pg_backend_pid()"
CONNECTED = "SELECT count(*) FROM pg_stat_activity WHERE pid = ANY ($1::integer[])"


async def note_of(auditor: asyncpg.Connection, key: UUID) -> str | None:
    note: str | None = await auditor.fetchval(
        "SELECT review_note FROM assessments WHERE id = $1", key
    )
    return note


class TestConnectOptions:
    @pytest.mark.parametrize("scheme", ["postgres", "postgresql"])
    def test_an_address_as_neon_shows_it_is_verified(self, scheme: str) -> None:
        address, options = connect_options(
            f"{scheme}://me:p%40ss@{NEON}/medilens?sslmode=require&channel_binding=require"
        )

        assert address.drivername == "postgresql+asyncpg"
        assert (address.host, address.database) == (NEON, "medilens")
        assert (address.username, address.password) == ("me", "p@ss")
        assert dict(address.query) == {}
        assert options["ssl"].verify_mode is ssl.CERT_REQUIRED
        assert options["ssl"].check_hostname

    def test_nothing_is_left_behind_at_a_pooler(self) -> None:
        _, options = connect_options(f"postgres://me@{NEON}/medilens")

        assert options["statement_cache_size"] == 0
        assert options["prepared_statement_cache_size"] == 0
        assert options["prepared_statement_name_func"]() == ""

    @pytest.mark.parametrize(
        ("address", "verified"),
        [
            ("localhost/db", False),
            ("127.0.0.1:5432/db", False),
            ("[::1]/db", False),
            ("localhost/db?sslmode=require", True),
            ("db.example.org/db", True),
            ("db.example.org/db?sslmode=prefer", True),
            ("db.example.org/db?sslmode=disable", False),
        ],
    )
    def test_only_this_machine_or_an_explicit_wish_goes_unencrypted(
        self, address: str, verified: bool
    ) -> None:
        _, options = connect_options(f"postgresql://me:secret@{address}")

        assert bool(options["ssl"]) is verified

    @pytest.mark.parametrize("name", ["options", "jit", "pgbouncer"])
    def test_what_would_be_lost_is_named_without_the_password(self, name: str) -> None:
        with pytest.raises(UnknownDatabaseParameter, match=name) as refusal:
            connect_options(f"postgresql://me:hidden@{NEON}/db?{name}=-c%20jit%3Doff")

        assert "hidden" not in str(refusal.value)

    def test_the_context_is_built_once_a_process(self) -> None:
        first, two = (connect_options(f"postgresql://me@{NEON}/db")[1]["ssl"] for _ in range(2))

        assert first is two

    def test_an_authority_of_ones_own_is_trusted_alone(self, tmp_path: Path) -> None:
        authority = write_certificates(tmp_path).authority

        _, options = connect_options(f"postgresql://me@{NEON}/db?sslrootcert={authority}")

        (trusted,) = options["ssl"].get_ca_certs()
        assert "MediLens local authority" in str(trusted["subject"])


class TestMayRetry:
    @pytest.mark.parametrize(
        "failure",
        [
            ConnectionRefusedError(),
            TimeoutError(),
            OSError("no such host"),
            asyncpg.InterfaceError("connection is closed"),
            asyncpg.InternalClientError("cannot switch to state 11"),
            asyncpg.ConnectionDoesNotExistError("query_wait_timeout"),
            asyncpg.ProtocolViolationError("no more connections allowed (max_client_conn)"),
            asyncpg.CannotConnectNowError("the database system is starting up"),
            asyncpg.AdminShutdownError("terminating connection"),
            asyncpg.TooManyConnectionsError("remaining connection slots are reserved"),
        ],
    )
    def test_what_passes_may_be_tried_again(self, failure: Exception) -> None:
        assert may_retry(failure)

    @pytest.mark.parametrize(
        "failure",
        [
            asyncpg.InvalidPasswordError("password authentication failed"),
            asyncpg.ProtocolViolationError("SASL authentication failed"),
            asyncpg.ProtocolViolationError("unsupported startup parameter: jit"),
            asyncpg.InvalidCatalogNameError("database does not exist"),
            asyncpg.QueryCanceledError("statement timeout"),
            asyncpg.UniqueViolationError("duplicate key"),
            ssl.SSLCertVerificationError("self-signed certificate"),
        ],
    )
    def test_what_stays_is_not(self, failure: Exception) -> None:
        assert not may_retry(failure)


class Gate:
    """Refuses as scripted at the protocol's first step, then lets through to the real server."""

    def __init__(self, url: str, *refusals: tuple[str, str]) -> None:
        self._refusals = list(refusals)
        self._proxy = RoundTripProxy(url)
        self.tries = 0

    async def __aenter__(self) -> Self:
        accept = self._proxy._accept
        self._proxy._accept = self._guard(accept)  # type: ignore[method-assign]  # a test's own
        await self._proxy.__aenter__()
        self.url = self._proxy.url
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._proxy.__aexit__()

    def _guard(self, accept: Any) -> Any:
        async def guarded(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            self.tries += 1
            if not self._refusals:
                await accept(reader, writer)
                return
            code, message = self._refusals.pop(0)
            await reader.read(1 << 16)
            fields = f"SFATAL\0VFATAL\0C{code}\0M{message}\0\0".encode()
            writer.write(b"E" + (len(fields) + 4).to_bytes(4) + fields)
            writer.close()

        return guarded


class TestRetry:
    @pytest.mark.parametrize(
        "refusal",
        [
            ("08P01", "no more connections allowed (max_client_conn)"),
            ("57P03", "the database system is starting up"),
            ("53300", "sorry, too many clients already"),
        ],
    )
    async def test_a_server_that_is_busy_for_a_moment_is_not_noticed(
        self, configured: Addresses, reconfigure: Reconfigure, refusal: tuple[str, str]
    ) -> None:
        async with Gate(configured.app, refusal, refusal) as gate:
            reconfigure(database_url=gate.url)
            await sign_of_life.ping()
            assert gate.tries == 3

    @pytest.mark.parametrize(
        "refusal",
        [
            ("28P01", "password authentication failed for user"),
            ("08P01", "SASL authentication failed"),
            ("08P01", "unsupported startup parameter: jit"),
        ],
    )
    async def test_a_refusal_for_good_is_asked_for_once(
        self, configured: Addresses, reconfigure: Reconfigure, refusal: tuple[str, str]
    ) -> None:
        async with Gate(configured.app, *[refusal] * 9) as gate:
            reconfigure(database_url=gate.url)
            with pytest.raises(Unavailable):
                await sign_of_life.ping()
            assert gate.tries == 1

    async def test_a_server_that_stays_away_is_503_after_all_tries(
        self, configured: Addresses, reconfigure: Reconfigure, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(retry, "RETRY_DELAYS_S", (0.001,) * len(RETRY_DELAYS_S))
        full = ("53300", "sorry, too many clients already")
        async with Gate(configured.app, *[full] * 99) as gate:
            reconfigure(database_url=gate.url)
            with pytest.raises(Unavailable):
                await sign_of_life.ping()
            assert gate.tries == 1 + len(RETRY_DELAYS_S)

    async def test_a_closed_port_is_503(
        self, reconfigure: Reconfigure, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(retry, "RETRY_DELAYS_S", (0.001,))
        reconfigure(database_url="postgresql://me@127.0.0.1:1/db")
        with pytest.raises(Unavailable) as refusal:
            await sign_of_life.ping()
        assert refusal.value.headers == {"Retry-After": "1"}

    async def test_a_silent_server_is_not_waited_for_twice(
        self, reconfigure: Reconfigure, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        tries: list[asyncio.StreamWriter] = []

        async def say_nothing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            tries.append(writer)
            await reader.read()
            writer.close()

        monkeypatch.setattr(retry, "RETRY_WITHIN_S", 0.05)
        async with await asyncio.start_server(say_nothing, "127.0.0.1", 0) as server:
            url = f"postgresql://me@127.0.0.1:{server.sockets[0].getsockname()[1]}/db"
            reconfigure(database_url=url, database_connect_timeout_s="0.1")
            with pytest.raises(Unavailable):
                await sign_of_life.ping()
        assert len(tries) == 1


@pytest.mark.parametrize("pool", POOLS)
class TestTransaction:
    @pytest.fixture(autouse=True)
    def pooled(self, reconfigure: Reconfigure, pool: str) -> None:
        reconfigure(database_pool=pool)

    async def test_what_the_body_did_is_stored_together(
        self, clinic: Clinic, auditor: asyncpg.Connection
    ) -> None:
        key = await stored(clinic)
        caller = clinic.caller(RoleName.CLINICIAN)
        async with transaction.begin(caller, Permission.REVIEW_ASSESSMENTS) as connection:
            await connection.execute(text(SET_NOTE), {"id": key})
            assert await note_of(auditor, key) is None
        assert await note_of(auditor, key) == "changed"

    async def test_an_error_in_the_body_stores_nothing(
        self, clinic: Clinic, auditor: asyncpg.Connection
    ) -> None:
        key = await stored(clinic)
        caller = clinic.caller(RoleName.CLINICIAN)
        with pytest.raises(ZeroDivisionError):  # noqa: PT012  # a transaction has a body
            async with transaction.begin(caller, Permission.REVIEW_ASSESSMENTS) as connection:
                await connection.execute(text(SET_NOTE), {"id": key})
                raise ZeroDivisionError
        assert await note_of(auditor, key) is None

    async def test_an_error_of_sql_that_the_body_hides_is_not_taken_for_success(
        self, clinic: Clinic, auditor: asyncpg.Connection
    ) -> None:
        key = await stored(clinic)
        caller = clinic.caller(RoleName.CLINICIAN)
        with pytest.raises(CommitFailed, match="Nothing was stored"):  # noqa: PT012
            async with transaction.begin(caller, Permission.REVIEW_ASSESSMENTS) as connection:
                await connection.execute(text(SET_NOTE), {"id": key})
                with pytest.raises(DBAPIError):
                    await connection.execute(text("SELECT 1 / 0"))
        assert await note_of(auditor, key) is None

    async def test_a_connection_killed_in_the_middle_is_503_and_stores_nothing(
        self, clinic: Clinic, auditor: asyncpg.Connection
    ) -> None:
        key = await stored(clinic)
        caller = clinic.caller(RoleName.CLINICIAN)
        with pytest.raises(Unavailable, match="Nothing was stored"):  # noqa: PT012
            async with transaction.begin(caller, Permission.REVIEW_ASSESSMENTS) as connection:
                await connection.execute(text(SET_NOTE), {"id": key})
                pid = (await connection.execute(text(MY_PID))).scalar_one()
                await auditor.execute("SELECT pg_terminate_backend($1)", pid)
                await connection.execute(text(SET_NOTE), {"id": key})
        assert await note_of(auditor, key) is None
        await sign_of_life.ping()

    async def test_a_connection_killed_before_its_commit_is_503(
        self, clinic: Clinic, auditor: asyncpg.Connection
    ) -> None:
        key = await stored(clinic)
        caller = clinic.caller(RoleName.CLINICIAN)
        with pytest.raises(Unavailable):  # noqa: PT012
            async with transaction.begin(caller, Permission.REVIEW_ASSESSMENTS) as connection:
                await connection.execute(text(SET_NOTE), {"id": key})
                pid = (await connection.execute(text(MY_PID))).scalar_one()
                await auditor.execute("SELECT pg_terminate_backend($1)", pid)
        assert await note_of(auditor, key) is None

    async def test_a_cancelled_request_is_rolled_back(
        self, clinic: Clinic, auditor: asyncpg.Connection
    ) -> None:
        key = await stored(clinic)
        caller = clinic.caller(RoleName.CLINICIAN)
        changed = asyncio.Event()

        async def request() -> None:
            async with transaction.begin(caller, Permission.REVIEW_ASSESSMENTS) as connection:
                await connection.execute(text(SET_NOTE), {"id": key})
                changed.set()
                await connection.execute(text("SELECT pg_sleep(30)"))

        task = asyncio.create_task(request())
        await changed.wait()
        await asyncio.sleep(0.02)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

        assert await note_of(auditor, key) is None
        async with transaction.begin(caller, Permission.REVIEW_ASSESSMENTS) as connection:
            await connection.execute(text(SET_NOTE), {"id": key})
        assert await note_of(auditor, key) == "changed"

    async def test_a_request_cancelled_at_its_end_gives_its_connection_back(
        self,
        auditor: asyncpg.Connection,
        slow_to_close: asyncio.Event,
        caplog: pytest.LogCaptureFixture,
    ) -> None:
        pids: list[int] = []
        opened, go_on = asyncio.Event(), asyncio.Event()

        async def request() -> None:
            async with transaction.unattended() as connection:
                pids.append((await connection.execute(text(MY_PID))).scalar_one())
                opened.set()
                await go_on.wait()

        # A sandbox keeps the first that is given back, and closes the second.
        async with transaction.unattended():
            task = asyncio.create_task(request())
            await opened.wait()
        slow_to_close.clear()
        go_on.set()
        await slow_to_close.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

        async def all_gone() -> bool:
            return not await auditor.fetchval(CONNECTED, pids)

        await until("the server has closed the connections", all_gone)
        assert "closing connection" not in caplog.text

        async def given_back() -> bool:
            pool = engine.current().pool
            return not isinstance(pool, AsyncAdaptedQueuePool) or pool.checkedout() == 0

        # The server is done with a connection a moment before the pool is.
        await until("the pool has its connection back", given_back)

    @pytest.fixture
    def slow_to_close(self, monkeypatch: pytest.MonkeyPatch) -> asyncio.Event:
        """Set once a connection is being closed, which then takes a moment."""
        closing = asyncio.Event()
        close = asyncpg.Connection.close

        async def slow(connection: asyncpg.Connection, **options: Any) -> None:
            closing.set()
            await asyncio.sleep(0.05)
            await close(connection, **options)

        monkeypatch.setattr(asyncpg.Connection, "close", slow)
        return closing

    async def test_nobodys_identity_stays_on_the_connection(self, clinic: Clinic) -> None:
        caller = clinic.caller(RoleName.CLINICIAN)
        async with transaction.begin(caller, Permission.VIEW_ASSESSMENTS):
            pass
        async with transaction.unattended() as connection:
            told = text(
                "SELECT current_setting('medilens.identity') || current_setting('medilens.request')"
            )
            identity = (await connection.execute(told)).scalar_one()
            assert "upkeep" in identity
            assert caller.subject not in identity
            assert str(clinic.person_id(RoleName.CLINICIAN)) not in identity

    async def test_through_http_a_failing_commit_is_no_success(
        self, clinic: Clinic, auditor: asyncpg.Connection, commit_that_fails: str
    ) -> None:
        key = await stored(clinic)
        async with clinic.client(RoleName.CLINICIAN) as client:
            answer = await client.post(
                f"/api/records/assessments/{key}/review", json={"note": commit_that_fails}
            )
            assert answer.status_code == 500
            assert answer.json()["code"] == "internal"
            assert commit_that_fails not in answer.text
            assert (await client.get(f"/api/records/assessments/{key}")).status_code == 200
        assert await note_of(auditor, key) is None

    @pytest.fixture
    async def commit_that_fails(self, auditor: asyncpg.Connection) -> AsyncIterator[str]:
        """What a deferred constraint says of any note, when everything else went well."""
        await auditor.execute("""
            CREATE FUNCTION refuse_at_commit() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN RAISE EXCEPTION 'fails at commit'; END $$;
            CREATE CONSTRAINT TRIGGER late AFTER UPDATE ON assessments
            DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
            WHEN (NEW.review_note IS NOT NULL) EXECUTE FUNCTION refuse_at_commit();
        """)
        yield "fails at commit"
        await auditor.execute("DROP TRIGGER late ON assessments; DROP FUNCTION refuse_at_commit()")
