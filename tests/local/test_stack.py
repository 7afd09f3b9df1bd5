"""Which address is whose: the owner's migrates, the functions connect as their own role."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import asyncpg
import pytest
from typer.testing import CliRunner

from local.cli import app
from local.postgres import EmbeddedPostgres
from local.stack import databases
from migrations.job import MigrationRequest, migrate
from shared.settings import SettingsMissing
from tests.conftest import APP_PASSWORD, IDENTITY_KEY, MASTER_KEY, Addresses

HOST = "ep-cool-name-123-pooler.eu-central-1.aws.neon.tech"
DIRECT = HOST.replace("-pooler", "")
OWNERS = f"postgresql://owner:secret@{DIRECT}/medilens"


@pytest.fixture(autouse=True)
def given(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    monkeypatch.setenv("MEDILENS_HOME", str(tmp_path))
    monkeypatch.delenv("MEDILENS_DIRECT_DATABASE_URL", raising=False)
    monkeypatch.setenv("MEDILENS_IDENTITY_KEY", IDENTITY_KEY)
    monkeypatch.setenv("MEDILENS_MASTER_KEY", MASTER_KEY)
    return monkeypatch


class TestDatabases:
    def test_owner_alone_migrates_directly_and_functions_get_a_role_of_their_own(
        self, given: pytest.MonkeyPatch
    ) -> None:
        given.setenv("MEDILENS_DATABASE_URL", f"postgresql://owner:secret@{HOST}/medilens")
        with databases() as here:
            assert here.direct_url == OWNERS
            assert here.app_url == f"postgresql://medilens_app:{here.app_password}@{HOST}/medilens"

    def test_both_are_taken_as_they_are_and_the_password_as_it_is_meant(
        self, given: pytest.MonkeyPatch
    ) -> None:
        functions = f"postgresql://medilens_app:p%40ss%2Fw@{HOST}/medilens"
        given.setenv("MEDILENS_DATABASE_URL", functions)
        given.setenv("MEDILENS_DIRECT_DATABASE_URL", OWNERS)
        with databases() as here:
            assert (here.direct_url, here.app_url) == (OWNERS, functions)
            assert here.app_password == "p@ss/w"
            assert here.identity_key == IDENTITY_KEY

    def test_a_deployments_addresses_go_with_its_key(self, given: pytest.MonkeyPatch) -> None:
        """A key of this laptop would lock its functions out."""
        given.setenv("MEDILENS_DATABASE_URL", f"postgresql://medilens_app:x@{HOST}/medilens")
        given.setenv("MEDILENS_DIRECT_DATABASE_URL", OWNERS)
        given.delenv("MEDILENS_IDENTITY_KEY")
        with pytest.raises(SettingsMissing, match="MEDILENS_IDENTITY_KEY"), databases():
            pass

    def test_functions_alone_cannot_migrate(self, given: pytest.MonkeyPatch) -> None:
        given.setenv("MEDILENS_DATABASE_URL", f"postgresql://medilens_app:x@{HOST}/medilens")
        with pytest.raises(SettingsMissing, match="MEDILENS_DIRECT_DATABASE_URL"), databases():
            pass

    @pytest.mark.parametrize("role", ["owner:secret@", ""])
    def test_another_role_beside_the_owner_is_refused_without_its_password(
        self, role: str, given: pytest.MonkeyPatch
    ) -> None:
        given.setenv("MEDILENS_DATABASE_URL", f"postgresql://{role}{HOST}/medilens")
        given.setenv("MEDILENS_DIRECT_DATABASE_URL", OWNERS)
        with pytest.raises(SettingsMissing, match="medilens_app") as refusal, databases():
            pass
        assert "secret" not in str(refusal.value)


class TestUpgrade:
    """`medilens db upgrade`, as the runbook has it for Vercel."""

    @pytest.fixture
    def own_password(self, addresses: Addresses) -> Iterator[str]:
        yield "p@ss/w%rd#é"
        request = MigrationRequest(command="upgrade")
        asyncio.run(migrate(addresses.owner, request, app_password=APP_PASSWORD))

    def test_functions_connect_with_the_address_that_they_are_given(
        self,
        postgres: EmbeddedPostgres,
        addresses: Addresses,
        own_password: str,
        given: pytest.MonkeyPatch,
    ) -> None:
        encoded = quote(own_password, safe="")
        functions = postgres.url("medilens", user="medilens_app", password=encoded)
        given.setenv("MEDILENS_DATABASE_URL", functions)
        given.setenv("MEDILENS_DIRECT_DATABASE_URL", addresses.owner)

        answer = CliRunner().invoke(app, ["db", "upgrade"])

        assert answer.exit_code == 0, answer.output
        assert asyncio.run(who(functions)) == "medilens_app"

    def test_owners_address_in_its_place_changes_no_password(
        self, addresses: Addresses, given: pytest.MonkeyPatch
    ) -> None:
        given.setenv("MEDILENS_DATABASE_URL", addresses.owner)
        given.setenv("MEDILENS_DIRECT_DATABASE_URL", addresses.owner)

        answer = CliRunner().invoke(app, ["db", "upgrade"])

        assert isinstance(answer.exception, SettingsMissing)
        assert asyncio.run(who(addresses.app)) == "medilens_app"


async def who(url: str) -> str:
    connection = await asyncpg.connect(url)
    try:
        name: str = await connection.fetchval("SELECT current_user")
        return name
    finally:
        await connection.close()
