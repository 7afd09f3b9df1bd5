"""The migration job as it is deployed: from nothing to the head, and never through a pooler."""

import pytest

from local.postgres import EmbeddedPostgres, create_database, drop_database
from tests.artifacts.conftest import on_aws
from tests.artifacts.runtime_api import Outcome, started
from tests.conftest import IDENTITY_KEY, Addresses

NAME = "from_nothing"


@pytest.fixture
async def empty(postgres: EmbeddedPostgres, addresses: Addresses) -> str:
    """The owner's address of a database without any table."""
    await drop_database(postgres.url(), NAME)
    await create_database(postgres.url(), NAME)
    return postgres.url(NAME, user="postgres")


def invoke(url: str, *commands: str) -> list[Outcome]:
    job = on_aws("migrations")
    environment = {"MEDILENS_DIRECT_DATABASE_URL": url, "MEDILENS_IDENTITY_KEY": IDENTITY_KEY}
    with started(job.folder, "migrations.job.handler", environment) as api:
        return [api.invoke({"command": command}) for command in commands]


class TestMigrationArtifact:
    def test_an_empty_database_comes_to_the_head_and_stays_there(self, empty: str) -> None:
        outcomes = invoke(empty, "upgrade", "upgrade", "check")

        assert all(outcome.ok for outcome in outcomes), outcomes
        first, second, check = (outcome.value for outcome in outcomes)
        assert first["before"] is None
        assert first["after"] == second["before"] == second["after"] is not None
        assert check["drift"] == []

    def test_a_pooled_address_is_refused(self) -> None:
        url = (
            "postgresql://owner:secret-word@ep-cool-name-123456-pooler.eu-central-1.aws.neon.tech/m"
        )
        (outcome,) = invoke(url, "upgrade")

        assert not outcome.ok
        assert outcome.value["errorType"] == "PoolerRefused"
        assert "-pooler" in outcome.value["errorMessage"]
        assert "secret-word" not in str(outcome.value)

    def test_an_unknown_command_is_refused(self) -> None:
        (outcome,) = invoke("postgresql://owner@127.0.0.1/m", "drop everything")

        assert not outcome.ok
