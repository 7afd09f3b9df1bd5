"""Whose address is whose on a laptop, and what is made up where nothing is set."""

from pathlib import Path
from types import SimpleNamespace

import pytest

from local.databases import named_databases, state_master_key, stated_identity_key
from local.unusable_database import NoAddress
from shared.settings import SettingsMissing

OWNER = "postgresql://owner:secret@db.example.org/medilens"
APP = "postgresql://medilens_app:secret@db.example.org/medilens"


@pytest.fixture(autouse=True)
def laptop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """A laptop where nothing is set yet."""
    monkeypatch.setenv("MEDILENS_HOME", str(tmp_path))
    for name in ("DIRECT_DATABASE_URL", "IDENTITY_KEY", "MASTER_KEY", "MASTER_KMS_KEY"):
        monkeypatch.delenv(f"MEDILENS_{name}", raising=False)
    return monkeypatch


class TestNamedDatabases:
    def test_password_of_the_functions_is_made_once(self) -> None:
        first, second = named_databases(OWNER), named_databases(OWNER)
        assert first == second
        assert first.app_password in first.app_url
        assert "secret" not in first.app_url

    def test_port_and_parameters_of_the_owners_address_stay(self) -> None:
        told = named_databases("postgres://o:s@127.0.0.1:6543/m?sslmode=require").app_url
        assert told.endswith("@127.0.0.1:6543/m?sslmode=require")

    def test_functions_role_alone_cannot_migrate(self) -> None:
        with pytest.raises(SettingsMissing, match="MEDILENS_DIRECT_DATABASE_URL"):
            named_databases(APP)

    @pytest.mark.parametrize(("url", "who"), [(OWNER, "owner"), ("postgres://h/m", "no role")])
    def test_owner_beside_a_direct_address_is_named(
        self, url: str, who: str, laptop: pytest.MonkeyPatch
    ) -> None:
        laptop.setenv("MEDILENS_DIRECT_DATABASE_URL", OWNER)
        with pytest.raises(SettingsMissing, match=f"names {who}") as missing:
            named_databases(url)
        assert "secret" not in str(missing.value)

    @pytest.mark.parametrize(
        "url",
        [
            "",
            "medilens",
            "mysql://o:s@h/m",
            "postgresql:///m",
            "postgresql://h:0/m",
            "postgres://[",
        ],
    )
    def test_what_is_no_address_is_said_without_it(self, url: str) -> None:
        with pytest.raises(NoAddress, match="MEDILENS_DATABASE_URL cannot be used"):
            named_databases(url)

    def test_direct_address_that_is_none_is_said_of_its_setting(
        self, laptop: pytest.MonkeyPatch
    ) -> None:
        laptop.setenv("MEDILENS_DIRECT_DATABASE_URL", "db.example.org")
        with pytest.raises(NoAddress, match="MEDILENS_DIRECT_DATABASE_URL cannot be used"):
            named_databases(APP)


class TestKeys:
    def test_key_of_a_shared_database_has_to_be_stated(self) -> None:
        with pytest.raises(SettingsMissing, match="MEDILENS_IDENTITY_KEY is not set"):
            stated_identity_key()

    def test_master_key_is_made_once_and_has_32_bytes(self, environment: dict[str, str]) -> None:
        state_master_key()
        first = environment.pop("MEDILENS_MASTER_KEY")
        state_master_key()
        assert environment["MEDILENS_MASTER_KEY"] == first
        assert len(bytes.fromhex(first)) == 32

    @pytest.mark.parametrize("name", ["MEDILENS_MASTER_KEY", "MEDILENS_MASTER_KMS_KEY"])
    def test_master_key_that_is_set_stays(self, name: str, environment: dict[str, str]) -> None:
        environment[name] = "as it was"
        state_master_key()
        assert environment == {name: "as it was"}

    def test_names_of_a_shared_database_are_not_encrypted_with_a_laptops_key(
        self, environment: dict[str, str]
    ) -> None:
        environment["MEDILENS_DIRECT_DATABASE_URL"] = OWNER
        with pytest.raises(SettingsMissing, match="names would be encrypted that they cannot read"):
            state_master_key()
        assert "MEDILENS_MASTER_KEY" not in environment

    @pytest.fixture
    def environment(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
        """The process's own variables, of which the test may change any."""
        told: dict[str, str] = {}
        monkeypatch.setattr("local.databases.os", SimpleNamespace(environ=told))
        monkeypatch.setattr("local.databases.secret", lambda name: f"of {tmp_path} {name}")
        return told
