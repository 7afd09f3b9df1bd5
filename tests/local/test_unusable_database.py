"""Why a database cannot be used is a sentence, and never holds its password."""

import socket
import ssl

import asyncpg
import pytest
from alembic.util.exc import CommandError
from sqlalchemy.exc import ArgumentError, DBAPIError

from local.unusable_database import (
    DatabaseUnusable,
    NoAddress,
    NoSuchRevision,
    explained,
    setting_of,
)
from shared.database.address import UnknownDatabaseParameter

URL = "postgresql://owner:s3cret@db.example.org/medilens"


def told(error: Exception, url: str = URL) -> str:
    with pytest.raises(DatabaseUnusable) as unusable, explained(url):
        raise error
    assert "s3cret" not in str(unusable.value)
    return str(unusable.value)


class TestReasons:
    @pytest.mark.parametrize(
        ("error", "words"),
        [
            (asyncpg.InvalidPasswordError("no"), "refuses the password of owner"),
            (
                asyncpg.InvalidAuthorizationSpecificationError("no entry in pg_hba"),
                "does not let owner in: no entry in pg_hba",
            ),
            (asyncpg.InvalidCatalogNameError("no"), "has no database medilens"),
            (
                asyncpg.InsufficientPrivilegeError("must be owner of users"),
                "lets only its owner do this, not owner: must be owner of users",
            ),
            (asyncpg.DiskFullError("no space left"), "refused: no space left"),
            (asyncpg.InterfaceError("closed"), "ended the connection: closed"),
            (socket.gaierror(-2, "Name unknown"), "cannot be found: no such host is known"),
            (ConnectionRefusedError(111, "x"), "does not answer: nothing listens there"),
            (TimeoutError(), "does not answer in time"),
            (ssl.SSLError(1, "self-signed"), "shows a certificate that cannot be trusted"),
            (ConnectionResetError(104, "reset"), "cannot be reached: "),
        ],
    )
    def test_each_kind_of_error_has_its_words(self, error: Exception, words: str) -> None:
        assert f"The database at db.example.org:5432 {words}" in told(error)

    def test_what_the_driver_met_is_told_and_not_what_wrapped_it(self) -> None:
        wrapped = Exception("of the dialect")
        wrapped.__cause__ = asyncpg.InvalidPasswordError("no")
        assert "refuses the password" in told(DBAPIError("SELECT 1", {}, wrapped))

    def test_first_line_is_enough(self) -> None:
        error = asyncpg.DiskFullError("no space left.\nCONTEXT: a secret row")
        assert told(error).endswith("refused: no space left. Look at MEDILENS_DATABASE_URL.")

    def test_error_without_words_is_told_by_its_kind(self) -> None:
        assert "cannot be reached: OSError" in told(OSError())

    def test_port_of_the_address_is_told(self) -> None:
        assert "at 127.0.0.1:6543 " in told(TimeoutError(), "postgresql://127.0.0.1:6543/")

    def test_address_without_a_user_or_database_is_told_in_words(self) -> None:
        assert "the password of its user" in told(
            asyncpg.InvalidPasswordError(""), "postgresql://h"
        )
        assert "no database of that name" in told(
            asyncpg.InvalidCatalogNameError(""), "postgresql://h"
        )

    @pytest.mark.parametrize("error", [KeyError("x"), ZeroDivisionError()])
    def test_mistake_of_ours_stays_one(self, error: Exception) -> None:
        with pytest.raises(type(error)), explained(URL):
            raise error

    def test_nothing_that_goes_well_is_explained(self) -> None:
        with explained(URL):
            assert setting_of(URL) == "MEDILENS_DATABASE_URL"


class TestAddress:
    @pytest.mark.parametrize("error", [ArgumentError("x"), OverflowError("port")])
    def test_what_is_none_is_told_with_how_to_write_one(self, error: Exception) -> None:
        assert "it is no address. Write it as postgresql://USER" in told(error)

    def test_parameter_that_is_not_known_is_named(self) -> None:
        error = UnknownDatabaseParameter("It carries application_name.")
        assert "cannot be used: It carries application_name." in told(error)
        assert isinstance(NoAddress(URL, error), DatabaseUnusable)

    def test_setting_is_the_one_that_holds_the_address(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("MEDILENS_DIRECT_DATABASE_URL", URL)
        assert setting_of(URL) == "MEDILENS_DIRECT_DATABASE_URL"
        assert setting_of(f"{URL}2") == "MEDILENS_DATABASE_URL"


def test_unknown_revision_is_told_with_where_they_are() -> None:
    with (
        pytest.raises(NoSuchRevision, match=r"Can't locate 'x'\..*migrations/versions"),
        explained(URL),
    ):
        raise CommandError("Can't locate 'x'")
